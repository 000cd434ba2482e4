public import Basics

/// What a session needs to know about one server message. The message itself is not copied; ranges
/// point into it. Members and content flags combine freely: newer services put two union members,
/// or content and the end of the turn, into one message.
public struct ServerMessage: Equatable, Sendable, BitwiseCopyable {
    public struct Members: OptionSet, Hashable, Sendable, BitwiseCopyable {
        public let rawValue: UInt16
        @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

        public static let setupComplete = Members(rawValue: 1 << 0)
        public static let serverContent = Members(rawValue: 1 << 1)
        public static let toolCall = Members(rawValue: 1 << 2)
        public static let toolCallCancellation = Members(rawValue: 1 << 3)
        public static let usageMetadata = Members(rawValue: 1 << 4)
        public static let goAway = Members(rawValue: 1 << 5)
        public static let sessionResumptionUpdate = Members(rawValue: 1 << 6)
        public static let voiceActivity = Members(rawValue: 1 << 7)
        public static let voiceActivityDetectionSignal = Members(rawValue: 1 << 8)
        public static let interactionStatus = Members(rawValue: 1 << 9)
        public static let error = Members(rawValue: 1 << 10)
        public static let unknown = Members(rawValue: 1 << 11)
        /// One member under two spellings.
        public static let ambiguous = Members(rawValue: 1 << 12)
    }

    /// The contents of a `serverContent`.
    public struct Content: OptionSet, Hashable, Sendable, BitwiseCopyable {
        public let rawValue: UInt32
        @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

        public static let modelTurn = Content(rawValue: 1 << 0)
        public static let audio = Content(rawValue: 1 << 1)
        /// A text part that is not a thought.
        public static let text = Content(rawValue: 1 << 2)
        public static let thought = Content(rawValue: 1 << 3)
        /// Any other part: code, files, pictures, a tool call inside `modelTurn`.
        public static let otherPart = Content(rawValue: 1 << 4)
        public static let generationComplete = Content(rawValue: 1 << 5)
        public static let turnComplete = Content(rawValue: 1 << 6)
        public static let interrupted = Content(rawValue: 1 << 7)
        public static let inputTranscription = Content(rawValue: 1 << 8)
        public static let interimInputTranscription = Content(rawValue: 1 << 9)
        public static let outputTranscription = Content(rawValue: 1 << 10)
        public static let waitingForInput = Content(rawValue: 1 << 11)
        public static let groundingMetadata = Content(rawValue: 1 << 12)
        public static let urlContextMetadata = Content(rawValue: 1 << 13)
        /// `interactionStatus: IN_PROGRESS`, here or at top level.
        public static let inProgress = Content(rawValue: 1 << 14)
        /// `interactionStatus: IDLE` (or its old name `REQUIRES_ACTION`), here or at top level.
        public static let idle = Content(rawValue: 1 << 15)
        public static let unknown = Content(rawValue: 1 << 16)

        /// The model said or thought something: any of these stops a stall clock.
        public static let output: Content = [.audio, .text, .thought, .otherPart]
    }

    public var members: Members = []
    public var content: Content = []

    /// `sessionResumptionUpdate.resumable`.
    public var resumable = false
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
