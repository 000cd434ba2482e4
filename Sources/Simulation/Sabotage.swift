import Basics
import Policies
import Sessions
import Wire

/// A session made to break one invariant, as a canary: the checker of that invariant must notice.
public enum Sabotage: String, CaseIterable, Sendable {
    /// An activity's sound is sent again after its end.
    case speakAfterwards = "I1"
    case endActivityTwice = "I2"
    /// Each sound is sent one message late, and so the last one after the end.
    case lagBehind = "I3"
    case alterSound = "I4"
    /// The beginning of each answer is not shown.
    case swallowAnswer = "I5"
    case hangUp = "I6 hangs up"
    /// It asks for something after its end, which I12 forbids.
    case goOn = "I6 goes on"
    case forgetTurn = "I7"
    /// A call is shown again under another id.
    case askTwice = "I8 asks twice"
    /// Results are not sent.
    case keepResult = "I8 keeps a result"
    case nudgeAtOnce = "I9"
    case loseReceipt = "I11"
    case endTwice = "I13"
    case stripRider = "I14"
    /// Unanswered input is not replayed.
    case forgetQuestion = "I15 forgets"
    /// What the previous connection was told is told to every new one.
    case tellAgain = "I15 tells again"
    /// A result is told in words as well.
    case repeatResult = "results-told"
    /// Far more is held before the setup is answered.
    case holdEverything = "I10"
    case hoard = "I16"
    /// Made-up audio has a different sample rate than the client's.
    case otherRate = "sample-rate"
    /// A new connection is set up with the original instruction.
    case oldInstruction = "newest-context"

    /// The invariant it breaks.
    public var invariant: String { String(rawValue.prefix { $0 != " " }) }
}

struct Saboteur {
    private let sabotage: Sabotage
    private var sent: [[UInt8]] = []
    private var isSecond = false
    private(set) var hoard = 0
    private var sound: [UInt8] = []
    private var isEnded = false

    init(_ sabotage: Sabotage) { self.sabotage = sabotage }

    mutating func spoil(_ list: inout [Action], _ event: Event, _ payload: [UInt8]) {
        switch sabotage {
        case .speakAfterwards, .endActivityTwice, .lagBehind, .alterSound:
            spoilInput(&list, event, payload)
        case .swallowAnswer:
            guard list.contains(where: { if case .note(.firstAudio) = $0 { true } else { false } })
            else { return }
            list.removeAll { $0 == .forward }
        case .hangUp:
            guard case .geminiSent = event else { return }
            list.append(.close(.client, Close(1000, "enough")))
        case .goOn:
            if isEnded { list.append(.ping(.client)) }
            isEnded =
                isEnded || list.contains { if case .note(.ended) = $0 { true } else { false } }
        case .forgetTurn:
            list.removeAll { if case .note(.turnEnded) = $0 { true } else { false } }
        case .holdEverything:
            let held = Action.note(.ruleApplied(.earlyInput, .enforce, detail: .messages(1)))
            guard list.contains(held) else { return }
            list += Array(repeating: held, count: 10_000)
        case .askTwice:
            guard list.contains(.forward), case .geminiSent(let message, let opcode, _) = event,
                message.members.contains(.toolCall)
            else { return }
            let text = String(decoding: payload, as: UTF8.self)
            let other = text.replacing("function-call-", with: "function-call-0")
            list += [.send(.client, Array(other.utf8), opcode), .note(.byproductKept(.transcript))]
        case .keepResult:
            guard case .clientSent(let message, _) = event,
                message.members.contains(.toolResponse), list.contains(.forward)
            else { return }
            list = list.filter { $0 != .forward } + [.note(.toolResultsDropped(1))]
        case .repeatResult:
            guard let place = list.firstIndex(of: .forward),
                case .clientSent(_, let opcode) = event,
                let id = NamedCall.answered(payload).first
            else { return }
            let words = #"{"contextUpdate":{"words":"\#(ClientWriter.outcome(of: id))"}}"#
            list.insert(.send(.gemini, Array(words.utf8), opcode), at: place + 1)
        case .nudgeAtOnce:
            guard case .clientSent(let message, _) = event, message.input.contains(.activityEnd)
            else { return }
            list.append(.note(.nudged(turn: 1, .noOutput)))
        case .loseReceipt:
            list.removeAll { if case .note(.used) = $0 { true } else { false } }
        case .endTwice:
            guard list.contains(.forward), case .geminiSent(let message, let opcode, _) = event,
                message.content.contains(.audio)
            else { return }
            let end = Array(#"{"serverContent":{"turnComplete":true}}"#.utf8)
            list += [.note(.madeUp(.turnComplete)), .send(.client, end, opcode)]
        case .stripRider:
            guard let place = list.firstIndex(of: .forward),
                case .geminiSent(_, let opcode, _) = event
            else { return }
            let text = String(decoding: payload, as: UTF8.self).replacing("rider-", with: "")
            list[place] = .send(.client, Array(text.utf8), opcode)
            list.append(.note(.byproductKept(.transcript)))
        case .forgetQuestion, .tellAgain: spoilReplay(&list, event, payload)
        case .hoard: hoard = 100_000_000
        case .otherRate:
            rewrite(&list) { text, isMadeUp in
                isMadeUp ? text.replacing("rate=\(ClientWriter.rate)", with: "rate=8000") : text
            }
        case .oldInstruction:
            rewrite(&list) { text, _ in
                text.replacing("\"instruction ", with: "\"instruction -")
            }
        }
    }

    private mutating func spoilInput(_ list: inout [Action], _ event: Event, _ payload: [UInt8]) {
        guard case .clientSent(let message, let opcode) = event,
            let place = list.firstIndex(of: .forward)
        else { return }
        if message.input == .audio {
            if sabotage == .alterSound {
                let text = String(decoding: payload, as: UTF8.self)
                let other = text.replacing("audio/pcm", with: "audio/PCM")
                list[place] = .send(.gemini, Array(other.utf8), opcode)
            }
            if sabotage == .lagBehind {
                list[place] = .note(.ruleApplied(.earlyInput, .enforce, detail: .none))
                if !sound.isEmpty { list.insert(.send(.gemini, sound, opcode), at: place) }
            }
            sound = payload
        } else if message.input == .activityEnd, !sound.isEmpty {
            var again = sabotage == .endActivityTwice ? payload : sound
            // Without the stamp it is no repetition.
            if sabotage != .lagBehind { again.removeAll { $0 == 0x20 || $0 == 0x09 } }
            if sabotage != .alterSound { list.append(.send(.gemini, again, opcode)) }
            sound = []
        }
    }

    /// Changes messages to gemini other than the current one.
    private func rewrite(_ list: inout [Action], _ change: (String, _ isMadeUp: Bool) -> String) {
        for index in list.indices {
            guard case .send(.gemini, let bytes, let opcode) = list[index] else { continue }
            let isMadeUp = MessageTag.read(bytes) == nil
            let text = change(String(decoding: bytes, as: UTF8.self), isMadeUp)
            list[index] = .send(.gemini, Array(text.utf8), opcode)
        }
    }

    private mutating func spoilReplay(_ list: inout [Action], _ event: Event, _ payload: [UInt8]) {
        if case .clientSent(let message, _) = event, list.contains(.forward),
            message.members.contains(.realtimeInput)
        {
            sent.append(payload)
        }
        isSecond =
            isSecond || list.contains { if case .use(let link) = $0 { link > 1 } else { false } }
        guard isSecond else { return }
        if sabotage == .forgetQuestion {
            list.removeAll { action in
                if case .send(.gemini, let bytes, _) = action {
                    sent.contains(bytes)
                } else {
                    false
                }
            }
        } else if case .geminiSent(let message, let opcode, _) = event,
            message.members.contains(.setupComplete), !sent.isEmpty
        {
            list += sent.map { .send(.gemini, $0, opcode) }
        }
    }
}
