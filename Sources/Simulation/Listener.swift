import Wire

/// What a client makes of what it receives: turns, as it would show them. A stale half is forgotten
/// with its `interrupted`, an answer that goes on is one answer.
public struct Listener: Sendable {
    public struct Turn: Equatable, Sendable, CustomStringConvertible {
        /// The user's own words, as transcribed.
        public var heard = ""
        public var said = ""
        /// Names and arguments of the tools it was asked to run.
        public var calls: [String] = []
        /// What the model said while it was still at work: no part of the answer.
        public var asides: [String] = []

        public var description: String {
            let calls = calls.map { "<\($0)> " }.joined()
            let asides = asides.map { "(\($0)) " }.joined()
            return "\"\(heard)\" -> \(asides)\(calls)\"\(said)\""
        }

        /// The same words both ways, and the same calls. What was said aside does not count, nor by
        /// which of the user's words the service names its answer: after a remedy that may be what
        /// it was told of a tool's result.
        public static func == (one: Turn, other: Turn) -> Bool {
            one.heard == other.heard && one.words == other.words && one.calls == other.calls
        }

        /// What was said, without its stamp.
        var words: Substring { said[..<(said.lastIndex(of: "#") ?? said.endIndex)] }
    }

    public private(set) var turns: [Turn] = []
    /// How often it was told `setupComplete`.
    public private(set) var setups = 0
    /// Speech of an answer that is not over.
    public private(set) var isSpeaking = false
    /// Answers that came to their end with something said.
    public var answers: Int { turns.count }

    private var current = Turn()
    /// Ids of calls the client has not answered.
    private var openCalls: Set<String> = []
    private var isInterrupted = false

    public init() {}

    /// The client has answered the call.
    mutating func answered(_ call: String) { openCalls.remove(call) }

    mutating func take(_ bytes: [UInt8]) {
        guard let message = try? ServerMessage.scan(bytes.span) else { return }
        if message.members.contains(.setupComplete) { setups += 1 }
        let content = message.content
        if content.contains(.inputTranscription) {
            current.heard += JSONText.unescape(bytes.span, message.inputText)
        }
        if content.contains(.audio) { isSpeaking = true }
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
        // Every call that is open: the guest has one tool.
        if message.members.contains(.toolCallCancellation) { openCalls.removeAll() }
        if content.contains(.interrupted) {
            isInterrupted = true
            isSpeaking = false
            current.said = ""
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
