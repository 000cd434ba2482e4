import Basics
import Policies
import Sessions
import Wire

/// I9: a nudge is never sent while the user speaks, the model speaks, a tool is outstanding, or
/// before the profile's clock.
struct NudgesInTime: Invariant {
    static let name = "I9"

    private let isManual: Bool
    private let blocks: Bool
    private var clock: Interval
    private let isOfProfile: Bool
    private var isOpen = false
    /// The activity contains audio of the user's.
    private var isHeard = false
    private var lastInput: Instant?
    private var lastOutput: Instant?
    private var openCalls: Set<String> = []
    /// Calls with more to come, which the model may break off: no tool runs for them yet.
    private var unfinished: Set<String> = []

    init(_ swarm: RunConfiguration) {
        isManual = swarm.isManual
        // A sibling with a different clock may have taken over.
        let models = [swarm.model, swarm.sibling ?? swarm.model]
        let soft = models.map { Profiles.builtIn.profile(for: $0).soft }.min() ?? .zero
        isOfProfile = swarm.policy.stalls.soft == .profile
        blocks = !swarm.model.hasPrefix("gemini-3.8")
        clock =
            switch swarm.policy.stalls.soft {
            case .profile: soft
            case .value(let own): own
            case .off: .zero
            }
    }

    mutating func check(_ step: Step) -> String? {
        if case .geminiSent(let message, _, _) = step.event { hear(message, step) }
        for case .fellBack(_, let model) in step.notes where isOfProfile {
            clock = min(clock, Profiles.builtIn.profile(for: model).soft)
        }
        for departure in step.departures {
            switch departure {
            case .use:
                isOpen = false
                lastOutput = nil
                openCalls.removeAll()
                unfinished.removeAll()
            case .toGemini(let bytes): say(bytes, at: step.at)
            case .toClient(let bytes):
                for call in NamedCall.read(bytes) { show(call) }
            }
        }
        for case .nudged(_, let stall) in step.notes {
            if let complaint = judge(stall, at: step.at) { return complaint }
        }
        return nil
    }

    private mutating func show(_ call: NamedCall) {
        if call.isUnfinished {
            unfinished.insert(call.id)
        } else {
            unfinished.remove(call.id)
            openCalls.insert(call.id)
        }
    }

    private mutating func hear(_ message: ServerMessage, _ step: Step) {
        for id in NamedCall.cancelled(step.payload) {
            openCalls.remove(id)
            unfinished.remove(id)
        }
        if message.content.contains(.interrupted) { unfinished.removeAll() }
        if message.content.contains(.audio) { lastOutput = step.at }
        let ends: ServerMessage.Content = [.generationComplete, .turnComplete, .interrupted]
        if !message.content.isDisjoint(with: ends) { lastOutput = nil }
    }

    private mutating func say(_ bytes: [UInt8], at now: Instant) {
        guard let message = try? ClientMessage.scan(bytes.span) else { return }
        for id in NamedCall.answered(bytes) { openCalls.remove(id) }
        if message.input.contains(.activityStart) {
            isOpen = true
            isHeard = false
        }
        if message.input.contains(.audio), MessageTag.read(bytes) != nil { isHeard = true }
        if message.input.contains(.activityEnd) { isOpen = false }
        // A nudge is sent in the same step as its fact, and asks nothing new.
        let asks =
            message.input.contains(.activityEnd) && isHeard
            || message.members.contains(.toolResponse)
            || MessageTag.read(bytes) != nil
                && (message.input.contains(.text)
                    || message.members.contains(.clientContent) && message.turnComplete)
        if asks { lastInput = now }
    }

    private func judge(_ stall: Stall, at now: Instant) -> String? {
        if isManual, isOpen { return "nudged inside an activity" }
        if blocks, !openCalls.isEmpty || !unfinished.isEmpty {
            return "nudged while a tool is at work"
        }
        if let lastOutput, now - lastOutput < .seconds(1) { return "nudged while the model speaks" }
        let waits: [Stall] = [.noOutput, .transcribedOnly, .firstReplyNever]
        guard waits.contains(stall), let lastInput, now - lastInput < clock - .milliseconds(1)
        else { return nil }
        return "nudged \(now - lastInput) after the input, for \(stall.rawValue)"
    }
}
