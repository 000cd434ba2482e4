public import Basics
public import Wire

/// The exact record of what a conversation's connections heard and said, for tests to compare
/// with what a client really sent.
public struct Heard: Equatable, Sendable {
    public var turns: [Turn] = []
    public var toolResponses: [ToolResponse] = []
    public var violations: [Violation] = []
    /// How each connection ended, in order.
    public var closes: [Closing] = []

    public init() {}

    /// One accepted user input that asks for an answer, and what became of it.
    public struct Turn: Equatable, Sendable {
        /// From 1, over all connections of the conversation.
        public var number: Int
        /// Number of the connection, counted over the whole service.
        public var connection: Int
        public var input: Input
        public var startedAt: Instant
        public var endedAt: Instant
        public var sound = Sound()
        public var text = ""
        /// Video frames that came with it.
        public var frames = 0
        public var outcome = Outcome.unanswered
        /// How often this very input had been heard before by this conversation: 0 is the first.
        public var attempt = 0
        /// What was sent of the answer before the turn ended.
        public var reply = ""
        public var replyBytes = 0
        /// The receipt sent for it; `nil` where none was.
        public var usage: Usage?
    }

    public enum Input: String, Sendable {
        /// Between `activityStart` and `activityEnd`.
        case activity
        /// Found by the service's own detector.
        case speech
        /// `realtimeInput.text`.
        case text
        /// `clientContent` with `turnComplete: true`.
        case content
        /// Results of tools, answered as a turn of its own.
        case tool
    }

    public enum Outcome: String, Sendable {
        case unanswered
        case answered
        /// By the user, before or during the answer.
        case interrupted
        /// Nothing but silence was heard; nothing is said.
        case silent
        /// The connection ended first.
        case cut
    }

    public struct ToolResponse: Equatable, Sendable {
        public var connection: Int
        public var id: String
        public var name: String
        /// The response as it came, JSON.
        public var response: String
        public var at: Instant
        /// Whether a call of that id was open.
        public var wasExpected: Bool
    }

    public struct Violation: Equatable, Sendable {
        public var kind: Kind
        public var connection: Int
        public var at: Instant
        public var detail: String

        public enum Kind: String, CaseIterable, Sendable {
            case malformed
            case unknownField
            case wrongType
            case notExactlyOneMember
            case noCredential
            case badCredential
            case inputBeforeSetup
            case secondSetup
            case inputBeforeSetupComplete
            case setupField
            case unknownModel
            case unknownHandle
            case sessionStillOpen
            case audioOutsideActivity
            case repeatedStart
            case endWithoutStart
            case emptyActivity
            case shortActivity
            case streamEndInManual
            case activityInAutomatic
            case mediaChunks
            case contentNotAllowed
            case roleMissing
            case roleNotAllowed
            case inputDuringCall
            case unknownToolCall
            case toolField
            case tooFast
            case goAwayOverrun
        }
    }

    public struct Closing: Equatable, Sendable {
        public var connection: Int
        public var close: Close
        public var byService: Bool
        public var at: Instant
    }
}

/// A receipt: tokens of one turn, as the service counts them.
public struct Usage: Equatable, Sendable {
    public var promptText = 0
    public var promptAudio = 0
    public var promptImage = 0
    public var responseAudio = 0
    public var responseText = 0
    public var thoughts = 0

    public init() {}

    public var prompt: Int { promptText + promptAudio + promptImage }
    public var response: Int { responseAudio + responseText }
    /// As the service sums it: without thoughts.
    public var total: Int { prompt + response }
}
