public import Basics
public import Wire

/// The exact record of what a conversation's connections received and sent, which tests compare
/// with what a client really sent.
public struct Heard: Equatable, Sendable {
    public var turns: [Turn] = []
    public var toolResponses: [ToolResponse] = []
    public var violations: [Violation] = []
    /// How each connection ended, in order.
    public var closes: [Closing] = []
    /// Handles issued to the client, in order.
    public var handles: [Handle] = []
    /// Resumes that were accepted, in order.
    public var resumes: [Resume] = []
    /// The conversation so far that a client sent as history, in order.
    public var seeds: [Seed] = []
    /// Inputs without words, which ask for an owed answer.
    public var nudges: [Nudge] = []
    /// Every call of the model.
    public var calls: [Call] = []

    public init() {}

    /// One accepted user input that asks for an answer, and its outcome.
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
        /// The instruction and the tools in force at that time.
        public var brief = ""
        /// Video frames that came with it.
        public var frames = 0
        public var outcome = Outcome.unanswered
        /// How often this input had been received before, by this conversation or by one that ended
        /// without answering it: 0 is the first.
        public var attempt = 0
        /// How often an answer was requested again.
        public var nudges = 0
        /// Completed answers. More than one: the user was answered twice.
        public var answers = 0
        /// Numbers of the turns that the model remembered when it last began to answer.
        public var context: [Int] = []
        /// What was sent of the answer before the turn ended.
        public var reply = ""
        public var replyBytes = 0
        /// The usage report sent for it; `nil` if there was none.
        public var usage: Usage?

        /// Equal for equal input, on whatever connection.
        var key: UInt64 {
            var key = FNV1a(sound.hash)
            key.add(text)
            return key.value
        }

        /// Identifies the utterance, whatever its turn number: `#3` for test audio of turn 3,
        /// otherwise six digits derived from what was said. Equal when it is received again.
        public var stamp: String {
            let marks = sound.turns
            if !marks.isEmpty { return "#" + marks.map(String.init).joined(separator: "+") }
            var hash = FNV1a(sound.isRecognisable ? sound.fingerprint : sound.hash)
            hash.add(text)
            let key = hash.value
            let digits = String((key ^ key >> 32) & 0xff_ffff | 0x100_0000, radix: 16)
            return "#" + digits.dropFirst()
        }
    }

    public struct Handle: Equatable, Sendable {
        public var handle: String
        public var connection: Int
        public var at: Instant
        /// Numbers of the turns it restores.
        public var covers: [Int]
    }

    public struct Resume: Equatable, Sendable {
        public var connection: Int
        public var handle: String
        public var at: Instant
        /// Numbers of the turns the model still knows.
        public var remembers: [Int]
    }

    public struct Seed: Equatable, Sendable {
        public var connection: Int
        public var role: String
        public var text: String
    }

    public struct Nudge: Equatable, Sendable {
        public var connection: Int
        public var at: Instant
        /// Number of the turn it asked about; `nil` if no answer was owed.
        public var turn: Int?
        /// Sent while the user, the model or a tool was active.
        public var isRude: Bool
    }

    public struct Call: Equatable, Sendable {
        public var connection: Int
        public var id: String
        public var name: String
        public var turn: Int
        public var at: Instant
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
        /// Results of tools, answered as a separate turn.
        case tool
    }

    public enum Outcome: String, Sendable {
        case unanswered
        case answered
        /// By the user, before or during the answer.
        case interrupted
        /// Only silence was received; there is no answer.
        case silent
        /// The connection ended first.
        case cut
    }

    public struct ToolResponse: Equatable, Sendable {
        public var connection: Int
        public var id: String
        public var name: String
        /// The response as received, JSON.
        public var response: String
        public var at: Instant
        /// Whether a call with that id was open.
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
            /// Audio at a different rate than before.
            case otherRate
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

/// A usage report: tokens of one turn, as the service counts them.
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
