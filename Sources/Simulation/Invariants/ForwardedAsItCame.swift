import Basics
import Policies
import Sessions
import Wire

/// I4: a message that no rule touches is forwarded byte for byte, with the same opcode, in order,
/// once. What a rule held is sent later with its original bytes, once; only a setup may be edited.
/// Unanswered messages are sent again on a new connection: unchanged, in order, once.
struct ForwardedAsItCame: Invariant {
    static let name = "I4"

    /// By stamp, as long as it could be replayed.
    private var originals: [Int: [UInt8]] = [:]
    /// Stamps sent on the current connection.
    private var sent: Set<Int> = []
    private var last = -1
    private var lastAudio = -1
    private var isOver = false

    mutating func check(_ step: Step) -> String? {
        for case .note(.ended) in step.actions { isOver = true }
        guard case .clientSent(let message, let opcode) = step.event else {
            return checkSends(step, opcode: nil)
        }
        guard let number = MessageTag.read(step.payload) else { return nil }
        if number <= last { return "message \(number) came after \(last)" }
        last = number
        originals[number] = step.payload
        return checkSends(step, opcode: opcode) ?? checkOwn(number, message, step)
    }

    /// The current message: forwarded once, or a rule says why not.
    private mutating func checkOwn(
        _ number: Int, _ message: ClientMessage, _ step: Step
    ) -> String? {
        var forwards = 0
        var isTouched = false
        for action in step.actions {
            switch action {
            case .forward: forwards += 1
            case .note(.ruleApplied(_, .enforce, _)), .note(.toolResultsDropped): isTouched = true
            // A result for a lost call, or for one that has another id now.
            case .note(.toolAnswered): isTouched = true
            case .choose: isTouched = true
            case .send, .dial, .use, .drop, .accept, .refuse, .ping, .close, .note, .pause, .resume,
                .limit, .recall, .offer, .keep, .retire:
                break
            }
        }
        if isOver { return nil }
        if forwards > 1 { return "forwarded \(forwards) times" }
        if forwards == 1 {
            if !sent.insert(number).inserted { return "sent and forwarded" }
            return message.input == .audio ? orderly(number) : nil
        }
        return isTouched || sent.contains(number) ? nil : "not forwarded, and no rule says why"
    }

    private mutating func checkSends(_ step: Step, opcode: Opcode?) -> String? {
        for action in step.actions {
            if case .use = action {
                sent = []
                lastAudio = -1
            }
            guard case .send(.gemini, let bytes, let used) = action else { continue }
            if let opcode, used != opcode { return "sent with opcode \(used)" }
            guard let number = MessageTag.read(bytes) else { continue }
            guard let original = originals[number] else { return "message \(number) is unknown" }
            guard let message = try? ClientMessage.scan(bytes.span) else {
                return "message \(number) is broken"
            }
            if bytes != original, Self.mayBeEdited(original) { continue }
            if step.notes.contains(where: Self.isContext), Self.isPreceded(original, bytes) {
                sent.insert(number)
                continue
            }
            guard sent.insert(number).inserted else { return "message \(number) sent twice" }
            if bytes != original, message.members != .setup { return "message \(number) altered" }
            if message.input == .audio, let complaint = orderly(number) { return complaint }
        }
        return nil
    }

    /// Split, put in another form, or given other ids: rules name these cases, and the stamp stays.
    private static func mayBeEdited(_ original: [UInt8]) -> Bool {
        guard let message = try? ClientMessage.scan(original.span) else { return false }
        let parts = message.input.subtracting(.mediaChunks).rawValue
        return parts & (parts &- 1) != 0
            || !message.members.isDisjoint(with: [.clientContent, .toolResponse])
    }

    private static func isContext(_ fact: Fact) -> Bool {
        if case .contextRestored = fact { true } else { false }
    }

    /// What is left to tell goes in front of a typed question.
    private static func isPreceded(_ original: [UInt8], _ bytes: [UInt8]) -> Bool {
        guard let message = try? ClientMessage.scan(original.span), message.input == .text else {
            return false
        }
        let place = Int(message.text.lower)
        return bytes.starts(with: original[..<place])
            && bytes.suffix(original.count - place)
                == original[place...]
    }

    private mutating func orderly(_ number: Int) -> String? {
        defer { lastAudio = number }
        return number < lastAudio ? "audio \(number) goes out after \(lastAudio)" : nil
    }
}
