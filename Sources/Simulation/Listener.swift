import Basics
import SimulatedGemini
import Wire

/// What a client makes of what it receives: turns, as it would show them. The stale half of an
/// answer is dropped at its `interrupted`; an answer that continues is one answer.
public struct Listener: Sendable {
    public struct Turn: Equatable, Sendable, CustomStringConvertible {
        /// The transcript of the user's words.
        public var heard = ""
        public var said = ""
        /// Names and arguments of the tools it was asked to run.
        public var calls: [String] = []
        /// What the model said while it was still working: not part of the answer.
        public var asides: [String] = []
        /// It contained more than words.
        public var isAudible = false

        public var description: String {
            let calls = calls.map { "<\($0)> " }.joined()
            let asides = asides.map { "(\($0)) " }.joined()
            let sound = isAudible ? "" : " without a sound"
            return "\"\(heard)\" -> \(asides)\(calls)\"\(said)\"\(sound)"
        }

        /// The same words, audible, and the same calls. The user's transcript may be missing, but
        /// not different: a service that dropped the words may have transcribed none. Asides do not
        /// count, nor does the utterance by which the service names its answer: after a remedy that
        /// may be what it was told of a tool's result.
        public static func == (one: Turn, other: Turn) -> Bool {
            let isHeardAlike =
                one.heard == other.heard || one.heard.isEmpty || other.heard.isEmpty
            return isHeardAlike && one.words == other.words && one.calls == other.calls
                && one.isAudible == other.isAudible
        }

        /// The same turns; a reply that broke off may start again within its turn, after what was
        /// heard of it.
        public static func sameOrSaidAnew(_ played: [Turn], _ healthy: [Turn]) -> Bool {
            let (played, healthy) = (whole(played), whole(healthy))
            guard played.count == healthy.count else { return false }
            return zip(played, healthy).allSatisfy { one, other in
                var anew = one
                if one.words.hasSuffix(other.words) { anew.said = other.said }
                return anew == other
            }
        }

        /// The answer to a call's result is part of its turn, whether or not the client had
        /// answered the call when the first half ended.
        private static func whole(_ turns: [Turn]) -> [Turn] {
            turns.reduce(into: []) { whole, turn in
                guard let last = whole.last, !last.calls.isEmpty, turn.heard.isEmpty,
                    turn.calls.isEmpty, !last.said.contains("#")
                else { return whole.append(turn) }
                whole[whole.count - 1].asides.append(last.said)
                whole[whole.count - 1].said = turn.said
            }
        }

        /// What was said, without its stamp.
        var words: Substring { said[..<(said.lastIndex(of: "#") ?? said.endIndex)] }
    }

    public private(set) var turns: [Turn] = []
    /// How often it received `setupComplete`.
    public private(set) var setups = 0
    /// Speech of an unfinished answer.
    public private(set) var isSpeaking = false
    /// Completed answers with content.
    public var answers: Int { turns.count }

    private var current = Turn()
    /// Ids of calls that the client has not answered.
    private var openCalls: Set<String> = []
    private var isInterrupted = false

    /// What the service says to fill time.
    private static let filler = Voice.Line.thinking.words

    public init() {}

    /// The client has answered the call.
    mutating func answered(_ call: String) { openCalls.remove(call) }

    mutating func receive(_ bytes: [UInt8]) {
        guard let message = try? ServerMessage.scan(bytes.span) else { return }
        if message.members.contains(.setupComplete) { setups += 1 }
        let content = message.content
        if content.contains(.inputTranscription) {
            current.heard += JSONText.unescape(bytes.span, message.inputText)
        }
        if content.contains(.audio) {
            isSpeaking = true
            let loudness = Loudness.ofPCM16(base64: bytes.span, message.audio, limit: 48)
            if loudness.peak > 0 { current.isAudible = true }
        }
        if content.contains(.outputTranscription) {
            current.said += JSONText.unescape(bytes.span, message.outputText)
        }
        var reader = ToolReader(calls: message.tool, in: bytes.span)
        while let call = reader.nextCall(in: bytes.span) {
            let name = JSONText.unescape(bytes.span, call.name)
            let arguments = JSONText.unescape(bytes.span, call.args)
            current.calls.append(name + arguments.filter { !$0.isWhitespace })
            openCalls.insert(JSONText.unescape(bytes.span, call.id))
        }
        // Every open call: the client has one tool.
        if message.members.contains(.toolCallCancellation) { openCalls.removeAll() }
        if content.contains(.interrupted) {
            isInterrupted = true
            isSpeaking = false
            current.said = ""
            current.isAudible = false
        }
        if content.contains(.turnComplete) { complete(content) }
    }

    private mutating func complete(_ content: ServerMessage.Content) {
        isSpeaking = false
        if isInterrupted {
            isInterrupted = false
            return
        }
        current.heard = current.heard.trimmed
        current.said = current.said.trimmed
        if current.said.hasPrefix(Listener.filler) {
            current.said.removeFirst(Listener.filler.count)
            current.said = current.said.trimmed
            current.asides.append(Listener.filler)
        }
        guard !current.said.isEmpty else { return }
        guard !content.contains(.inProgress), openCalls.isEmpty else {
            current.asides.append(current.said)
            return current.said = ""
        }
        turns.append(current)
        current = Turn()
    }
}

extension String {
    var trimmed: String { split(separator: " ").joined(separator: " ") }
}
