public import Basics

/// What a session needs to know about one server message. The message itself is not copied; ranges
/// point into it. Members and content flags combine freely: newer services put two union members,
/// or content and the end of the turn, into one message.
public struct ServerMessage: Equatable, Sendable, BitwiseCopyable {
    // The members of the sets are computed, so that other modules see constants.
    public struct Members: OptionSet, Hashable, Sendable, BitwiseCopyable {
        public let rawValue: UInt16
        @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

        @inlinable public static var setupComplete: Members { Members(rawValue: 1 << 0) }
        @inlinable public static var serverContent: Members { Members(rawValue: 1 << 1) }
        @inlinable public static var toolCall: Members { Members(rawValue: 1 << 2) }
        @inlinable public static var toolCallCancellation: Members { Members(rawValue: 1 << 3) }
        @inlinable public static var usageMetadata: Members { Members(rawValue: 1 << 4) }
        @inlinable public static var goAway: Members { Members(rawValue: 1 << 5) }
        @inlinable public static var sessionResumptionUpdate: Members { Members(rawValue: 1 << 6) }
        @inlinable public static var voiceActivity: Members { Members(rawValue: 1 << 7) }
        @inlinable public static var voiceActivityDetectionSignal: Members {
            Members(rawValue: 1 << 8)
        }
        @inlinable public static var interactionStatus: Members { Members(rawValue: 1 << 9) }
        @inlinable public static var error: Members { Members(rawValue: 1 << 10) }
        @inlinable public static var unknown: Members { Members(rawValue: 1 << 11) }
        /// One member under two spellings.
        @inlinable public static var ambiguous: Members { Members(rawValue: 1 << 12) }
    }

    /// The contents of a `serverContent`.
    public struct Content: OptionSet, Hashable, Sendable, BitwiseCopyable {
        public let rawValue: UInt32
        @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

        @inlinable public static var modelTurn: Content { Content(rawValue: 1 << 0) }
        @inlinable public static var audio: Content { Content(rawValue: 1 << 1) }
        /// A text part that is not a thought.
        @inlinable public static var text: Content { Content(rawValue: 1 << 2) }
        @inlinable public static var thought: Content { Content(rawValue: 1 << 3) }
        /// Any other part: code, files, pictures, a tool call inside `modelTurn`.
        @inlinable public static var otherPart: Content { Content(rawValue: 1 << 4) }
        @inlinable public static var generationComplete: Content { Content(rawValue: 1 << 5) }
        @inlinable public static var turnComplete: Content { Content(rawValue: 1 << 6) }
        @inlinable public static var interrupted: Content { Content(rawValue: 1 << 7) }
        @inlinable public static var inputTranscription: Content { Content(rawValue: 1 << 8) }
        @inlinable public static var interimInputTranscription: Content {
            Content(rawValue: 1 << 9)
        }
        @inlinable public static var outputTranscription: Content { Content(rawValue: 1 << 10) }
        @inlinable public static var waitingForInput: Content { Content(rawValue: 1 << 11) }
        @inlinable public static var groundingMetadata: Content { Content(rawValue: 1 << 12) }
        @inlinable public static var urlContextMetadata: Content { Content(rawValue: 1 << 13) }
        /// `interactionStatus: IN_PROGRESS`, here or at top level.
        @inlinable public static var inProgress: Content { Content(rawValue: 1 << 14) }
        /// `interactionStatus: IDLE` (or its old name `REQUIRES_ACTION`), here or at top level.
        @inlinable public static var idle: Content { Content(rawValue: 1 << 15) }
        @inlinable public static var unknown: Content { Content(rawValue: 1 << 16) }

        /// The model said or thought something: any of these stops a stall clock.
        @inlinable public static var output: Content { [.audio, .text, .thought, .otherPart] }
    }

    public var members: Members = []
    public var content: Content = []

    /// `sessionResumptionUpdate.resumable`.
    public var resumable = false
    /// A member that has no room for words (a status, a flag) contains some, or has an explanation
    /// beside it: there, outside the conversation, gemini may quote what it was sent.
    public var isRemarked = false
    /// Base64 text of the first audio blob, without quotes.
    public var audio = ByteRange.none
    /// Decoded size of all audio blobs, in bytes.
    public var audioBytes: Int32 = 0
    /// `rate=` of the audio's MIME type; 24,000 if absent.
    public var audioRate: Int32 = 24_000
    /// `inputTranscription.text`, without quotes, escapes unchanged.
    public var inputText = ByteRange.none
    /// `outputTranscription.text`, likewise.
    public var outputText = ByteRange.none
    /// `sessionResumptionUpdate.newHandle`, likewise.
    public var handle = ByteRange.none
    /// `sessionResumptionUpdate.lastConsumedClientMessageIndex`; -1 if absent.
    public var lastConsumed: Int64 = -1
    /// `goAway.timeLeft`; `.zero` if absent or unreadable.
    public var timeLeft = Interval.zero
    /// `turnCompleteReason`, without quotes.
    public var turnCompleteReason = ByteRange.none
    /// Value of `toolCall`, with braces, for `ToolReader`.
    public var tool = ByteRange.none
    /// Value of `toolCallCancellation`, likewise.
    public var cancellation = ByteRange.none
    /// Value of `usageMetadata`, with braces, for `UsageReader`.
    public var usage = ByteRange.none

    public init() {}

    /// Duration of the audio in this message: PCM, 16 bit, mono.
    @inlinable public var audioDuration: Interval {
        audioBytes == 0
            ? .zero
            : Interval(nanoseconds: Int64(audioBytes) * 500_000_000 / Int64(max(audioRate, 1)))
    }
}
