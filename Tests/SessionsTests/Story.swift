import Basics
import Foundation
import Policies
import Sessions
import Testing
import Wire

/// A session as a transcript a person can read: what came in, an arrow for every action, a star
/// for every fact. Inputs are kept, everything else is written by the machine.
///
///     +0s client opens
///         -> dial 1
///
/// Timers fire on the way to the next input and print the moment they did.
struct Story {
    private var session: SessionBox
    private var now = Instant(nanoseconds: 0)
    private var lines: [String] = []
    private var dialed: ConnectionID = 0
    private var used: ConnectionID = 0
    /// With `learns` in its header, the session is told what a process would learn from it.
    private var pace: StoryPace?

    /// Runs a transcript and gives it as it should be.
    static func play(_ text: String) throws -> String {
        var policy = Policy()
        var inputs: [Substring] = []
        var header: [String] = []
        var handle = ""
        var isLocked = false
        var opensOnce = false
        var isShared = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("policy ") {
                try set(line.dropFirst(7), in: &policy)
                header.append(String(line))
            } else if line.hasPrefix("+") {
                inputs.append(line)
            } else if line.hasPrefix("handle ") {
                handle = String(line.dropFirst(7))
                header.append(String(line))
            } else if line == "locked" {
                isLocked = true
                header.append(String(line))
            } else if line == "opens once" {
                opensOnce = true
                header.append(String(line))
            } else if line == "shared" {
                isShared = true
                header.append(String(line))
            } else if line == "learns" {
                header.append(String(line))
            } else if line.hasPrefix("#") {
                header.append(String(line))
            }
        }
        var story = Story(
            session: SessionBox(policy, handle, isLocked, opensOnce, isShared), lines: header + [""]
        )
        if header.contains("learns") { story.pace = StoryPace() }
        for input in inputs { try story.take(input) }
        return story.lines.joined(separator: "\n") + "\n"
    }

    private init(session: SessionBox, lines: [String]) {
        self.session = session
        self.lines = lines
    }

    private mutating func take(_ line: Substring) throws {
        let words = line.split(separator: " ", maxSplits: 1)
        let target = now + (try Story.interval(words[0].dropFirst()))
        while let deadline = session.deadline, deadline <= target {
            now = max(now, deadline)
            let actions = session.handle(.wokeUp, [], now)
            if !actions.isEmpty { lines.append("  at \(Story.time(now))") }
            for action in actions { tell(action) }
            if actions.isEmpty, session.deadline == deadline {
                throw StoryError("deadline \(deadline) leads to nothing")
            }
        }
        now = target
        lines.append(String(line))
        let what = words.count > 1 ? words[1] : "nothing"
        guard let (event, payload) = try StoryInput.read(what, dialed: dialed, used: used)
        else { return }
        for action in session.handle(heard(event), payload, now) { tell(action) }
        guard let clocks = pace?.takeNews() else { return }
        let (soft, hard) = (clocks.soft.milliseconds, clocks.hard.milliseconds)
        let pause =
            clocks.frozen > .zero ? ", leave a pause after \(clocks.frozen.milliseconds) ms" : ""
        lines.append("    learned: nudge after \(soft) ms, move after \(hard) ms\(pause)")
        for action in session.handle(.learned(clocks), [], now) { tell(action) }
    }

    /// As a shell would have listened: no closer than it was asked to.
    private func heard(_ event: Event) -> Event {
        guard case .clientSent(var message, let opcode) = event else { return event }
        let wanted = session.wantsVoicing
        if message.voicing.extent > wanted {
            message.voicing.extent = wanted
            message.voicing.voiced = 0
            if wanted == .nothing { message.voicing.level = 0 }
        }
        return .clientSent(message, opcode)
    }

    private mutating func tell(_ action: Action) {
        if case .dial(let connection) = action { dialed = connection }
        if case .use(let connection) = action { used = connection }
        if case .note(let fact) = action { pace?.hear(fact, at: now) }
        lines.append(describe(action))
    }

    private func describe(_ action: Action) -> String {
        switch action {
        case .note(let fact): "    * \(Story.short("\(fact)"))"
        case .forward: "    -> as it came"
        case .send(.gemini, let bytes, let opcode):
            "    -> gemini \(StoryInput.name(clientMessage: bytes)) (\(opcode))"
        case .send(.client, let bytes, let opcode):
            "    -> client \(Self.withoutSound(bytes)) (\(opcode))"
        case .dial(let connection): "    -> dial \(connection)"
        case .use(let connection): "    -> use \(connection)"
        case .drop(let connection): "    -> drop \(connection)"
        case .accept: "    -> accept"
        case .refuse(let refusal):
            "    -> refuse \(refusal.status) \(String(decoding: refusal.body, as: UTF8.self))"
                .trimmingCharacters(in: .newlines)
        case .ping(let peer): "    -> ping \(peer)"
        case .pause(let peer): "    -> pause \(peer)"
        case .resume(let peer): "    -> resume \(peer)"
        case .limit(let limits):
            "    -> limit messages to \(limits.message) B, buffers to \(limits.buffer) B"
        case .choose(let model): "    -> choose \(model)"
        case .close(let peer, let close): "    -> close \(peer) \(close.code) \(close.reason)"
        case .recall(let claim, _): "    -> recall \(claim)"
        case .offer(let handle, _, let parks):
            "    -> offer \(handle)\(parks ? ", parks" : "")"
        case .keep(let handle, let memory):
            "    -> keep \(handle): handle \(memory.handle)"
                + (memory.transcript.isEmpty ? "" : ", " + Self.shown(memory.transcript))
        case .retire(let handle, nil): "    -> retire \(handle)"
        case .retire(let handle, let memory?):
            "    -> retire \(handle): \(memory.model), handle \(memory.handle), "
                + Self.shown(memory.transcript) + left(memory)
        }
    }

    private static func shown(_ transcript: [UInt8]) -> String {
        String(decoding: transcript, as: UTF8.self).replacingOccurrences(of: "\n", with: " / ")
    }

    /// What a new session has to say again, and to show.
    private func left(_ memory: Memory) -> String {
        let asked = memory.owed.unanswered.map { StoryInput.name(clientMessage: $0) }
        return (asked.isEmpty ? "" : "; unanswered: " + asked.joined(separator: ", "))
            + (memory.owed.missed.isEmpty ? "" : "; missed: \(memory.owed.missed.count)")
    }

    /// Sound of any length reads as its first characters.
    private static func withoutSound(_ message: [UInt8]) -> String {
        String(decoding: message, as: UTF8.self).replacingOccurrences(
            of: #"("data":"[^"]{8})[^"]{64,}"#, with: "$1...", options: .regularExpression)
    }

    /// Without the modules and types that reflection puts before every case.
    private static func short(_ fact: String) -> String {
        fact.replacingOccurrences(
            of: #"\b(Basics|Policies|Sessions|Wire)(\.[A-Z][A-Za-z]*)*\."#, with: ".",
            options: .regularExpression
        )
        // As for nearly every connection.
        .replacingOccurrences(of: ", isWarm: false", with: "")
    }

    static func interval(_ text: Substring) throws -> Interval {
        if text.hasSuffix("ms"), let count = Int64(text.dropLast(2)) { return .milliseconds(count) }
        if text.hasSuffix("s"), let count = Double(text.dropLast()) {
            return Interval(nanoseconds: Int64(count * 1e9))
        }
        throw StoryError("no length of time: \(text)")
    }

    private static func time(_ instant: Instant) -> String {
        "\(Double(instant.nanoseconds / 1_000_000) / 1000)s"
    }

    static func set(_ text: Substring, in policy: inout Policy) throws {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { throw StoryError("policy KEY=VALUE, not \(text)") }
        switch parts[0] {
        case "turns.dead_air": policy.turns.deadAir = try interval(parts[1])
        case "turns.lead_in": policy.turns.leadIn = try interval(parts[1])
        case "turns.noise_hold": policy.turns.noiseHold = try interval(parts[1])
        case "turns.flush":
            policy.turns.flush = parts[1] == "off" ? .off : .value(try interval(parts[1]))
        case "turns.pause": policy.turns.pause = try interval(parts[1])
        case "limits.session": policy.limits.session = try interval(parts[1])
        case "limits.messages_per_second": policy.limits.messagesPerSecond = Int(parts[1]) ?? 0
        case "limits.message": policy.limits.message = Int(parts[1]) ?? 0
        case "recovery.attempts": policy.recovery.attempts = Int(parts[1]) ?? 0
        case "recovery.per_session": policy.recovery.perSession = Int(parts[1]) ?? 0
        case "recovery.per_10_minutes": policy.recovery.per10Minutes = Int(parts[1]) ?? 0
        case "recovery.cut_reply":
            policy.recovery.cutReply = Policy.CutReply(rawValue: String(parts[1])) ?? .auto
        case "stalls.nudges": policy.stalls.nudges = Int(parts[1]) ?? 0
        case "limits.buffer": policy.limits.buffer = Int(parts[1]) ?? 0
        case "upstream.ping": policy.upstream.ping = try interval(parts[1])
        case "upstream.dead": policy.upstream.dead = try interval(parts[1])
        case "client.park": policy.client.park = try interval(parts[1])
        case "client.dead": policy.client.dead = try interval(parts[1])
        case "log.transcripts": policy.log.transcripts = parts[1] == "true"
        case "client.ping": policy.client.ping = try interval(parts[1])
        case "mode": policy.mode = Policy.Supervision(rawValue: String(parts[1])) ?? .enforce
        case "recovery.rebuild": policy.recovery.rebuild = parts[1] == "true"
        case "models.allow": policy.models.allow = [String(parts[1])]
        case "models.pin": policy.models.pin = try mapping(parts[1])
        case "models.fallback":
            policy.models.fallback =
                parts[1] == "none" ? [:] : try mapping(parts[1]).mapValues { [$0] }
        case "models.breaker": policy.models.breaker = parts[1] == "off" ? nil : .init()
        default:
            guard let rule = Rule(rawValue: String(parts[0])),
                let mode = Mode(rawValue: String(parts[1]))
            else { throw StoryError("no such rule and mode: \(text)") }
            policy.turns.rules[rule] = mode
        }
    }

    /// `OLD:NEW`
    private static func mapping(_ text: Substring) throws -> [String: String] {
        let names = text.split(separator: ":").map(String.init)
        guard names.count == 2 else { throw StoryError("OLD:NEW, not \(text)") }
        return [names[0]: names[1]]
    }
}

struct StoryError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// Holds the noncopyable machine for a copyable story.
final class SessionBox {
    private var session: Session
    private var lastDue = Instant.distantFuture
    /// The deadline may have come nearer with the last event, as the session says itself.
    private(set) var mayBeDueSooner = true

    init(
        _ policy: Policy, _ handle: String, _ isLocked: Bool, _ opensOnce: Bool, _ isShared: Bool
    ) {
        session = Session(
            id: "s-1", policy: policy, profiles: .builtIn, handle: handle, isSetupLocked: isLocked,
            opensOnce: opensOnce, isShared: isShared)
    }

    var deadline: Instant? { session.deadline }
    var wantsVoicing: Voicing.Extent { session.wantsVoicing }
    var heldBytes: Int { session.heldBytes }

    func handle(_ event: Event, _ payload: [UInt8], _ now: Instant) -> [Action] {
        var out = Actions()
        session.handle(event, payload: payload.span, at: now, into: &out)
        mayBeDueSooner = session.mayBeDueSooner
        let due = session.deadline ?? .distantFuture
        #expect(mayBeDueSooner || due >= lastDue, "nearer without a word: \(event)")
        lastDue = due
        return out.list
    }
}
