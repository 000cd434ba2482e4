import Basics
import Policies
import Sessions
import Wire

/// I13: the client sees the ends that gemini sends. An end is made up only if no live connection
/// can send it and the client would wait forever: a barge-in on a cut reply, a turn given up as
/// lost, a connection lost after `generationComplete`, or after a call that is not made again.
struct TurnEnds: Invariant {
    static let name = "I13"

    private let takesBack: Bool
    private var link: ConnectionID = 0
    /// Connections that ended or were left.
    private var dead: Set<ConnectionID> = []
    /// The connection that began the reply which the client hears, until its end was shown.
    private var speaker: ConnectionID?
    /// The user has moved on from that reply.
    private var isSuperseded = false
    /// It ended an utterance, and said that it works on the next.
    private var isAtWork = false
    /// What the client was shown of its end.
    private var closing: ConnectionID?
    /// The connection that made a call whose turn has not ended.
    private var caller: ConnectionID?
    /// Each has its own end.
    private var interruptions = 0
    private var wasLost = false
    private var isOver = false

    init(_ swarm: RunConfiguration) {
        takesBack = swarm.policy.recovery.cutReply == .interrupt
    }

    mutating func check(_ step: Step) -> String? {
        if case .geminiClosed(let gone, _) = step.event { dead.insert(gone) }
        for case .turnEnded(_, .lost) in step.notes { wasLost = true }
        for case .turnStarted in step.notes {
            wasLost = false
            if speaker != nil { isSuperseded = true }
        }
        for case .ended in step.notes { isOver = true }
        if isBargeIn(step.event), speaker != nil || isAtWork { isSuperseded = true }
        let complaint = judge(step)
        if leavesLink(step) { dead.insert(link) }
        follow(step)
        return complaint
    }

    private func judge(_ step: Step) -> String? {
        guard !isOver else { return nil }
        for case .madeUp(let what) in step.notes {
            if wasLost { continue }
            if let closing, isLeft(closing, step) { continue }
            // The answer comes without the call, whose turn would have ended with it.
            if let caller, isLeft(caller, step), isSpeech(step.event) { continue }
            // The next output shows that the end of the interrupted reply will not come.
            if interruptions > 0, isSpeech(step.event) { continue }
            if let speaker, isLeft(speaker, step), isSuperseded || takesBack { continue }
            return "made up \(what.rawValue), which a living connection could send"
        }
        return nil
    }

    private func isLeft(_ from: ConnectionID, _ step: Step) -> Bool {
        from != link || dead.contains(from) || leavesLink(step)
    }

    private func leavesLink(_ step: Step) -> Bool {
        step.actions.contains { if case .close(.gemini, _) = $0 { true } else { false } }
    }

    private func isBargeIn(_ event: Event) -> Bool {
        switch event {
        case .clientSent(let message, _):
            message.input.contains(.activityStart) || message.input.contains(.text)
                || message.members.contains(.clientContent) || message.voicing.voiced > 0
        case .geminiSent(let message, _, _): message.content.contains(.interrupted)
        default: false
        }
    }

    private func isSpeech(_ event: Event) -> Bool {
        guard case .geminiSent(let message, _, _) = event else { return false }
        return !message.content.isDisjoint(with: .output) || message.members.contains(.toolCall)
    }

    /// Follows which connection speaks to the client, and how far it has come.
    private mutating func follow(_ step: Step) {
        var from = link
        if case .geminiSent(_, _, let sender) = step.event { from = sender }
        for departure in step.departures {
            switch departure {
            case .use(let next):
                if link > 0 { dead.insert(link) }
                link = next
                from = next
            case .toGemini: break
            case .toClient(let bytes): show(bytes, from)
            }
        }
    }

    private mutating func show(_ bytes: [UInt8], _ from: ConnectionID) {
        guard let message = try? ServerMessage.scan(bytes.span) else { return }
        let content = message.content
        if !content.isDisjoint(with: .output) {
            if speaker == nil, !isAtWork { isSuperseded = false }
            speaker = from
        }
        if message.members.contains(.toolCall) { caller = from }
        if content.contains(.generationComplete) { closing = from }
        if content.contains(.interrupted) {
            closing = from
            interruptions += 1
        }
        if content.contains(.turnComplete) {
            speaker = nil
            closing = nil
            caller = nil
            interruptions = max(interruptions - 1, 0)
            isAtWork = content.contains(.inProgress)
        }
    }
}
