public import Basics

/// What a session needs to know about one client message. The message itself is not copied; ranges
/// point into it.
public struct ClientMessage: Equatable, Sendable, BitwiseCopyable {
    /// The members of the union that are present: exactly one, in a message that the service
    /// accepts.
    public struct Members: OptionSet, Hashable, Sendable, BitwiseCopyable {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let setup = Members(rawValue: 1 << 0)
        public static let clientContent = Members(rawValue: 1 << 1)
        public static let realtimeInput = Members(rawValue: 1 << 2)
        public static let toolResponse = Members(rawValue: 1 << 3)
        public static let contextUpdate = Members(rawValue: 1 << 4)
        /// An unknown top-level key.
        public static let unknown = Members(rawValue: 1 << 5)
        /// One member under two spellings (`realtimeInput` and `realtime_input`): it is unknown
        /// which one the service reads.
        public static let ambiguous = Members(rawValue: 1 << 6)
    }

    /// The contents of a `realtimeInput`; several at once are legal, in no particular order.
    public struct Input: OptionSet, Hashable, Sendable, BitwiseCopyable {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let audio = Input(rawValue: 1 << 0)
        public static let video = Input(rawValue: 1 << 1)
        public static let text = Input(rawValue: 1 << 2)
        /// The blobs were in the deprecated `mediaChunks`.
        public static let mediaChunks = Input(rawValue: 1 << 3)
        public static let audioStreamEnd = Input(rawValue: 1 << 4)
        public static let activityStart = Input(rawValue: 1 << 5)
        public static let activityEnd = Input(rawValue: 1 << 6)
        public static let unknown = Input(rawValue: 1 << 7)
    }

    public var members: Members = []
    public var input: Input = []

    /// The member's value, with braces; of the first member, if there are several.
    public var value = ByteRange.none
    /// Base64 text of the (first) audio blob, without quotes.
    public var audio = ByteRange.none
    /// Decoded size of all audio blobs, in bytes.
    public var audioBytes: Int32 = 0
    /// `rate=` of the audio's MIME type, samples per second; 16,000 if absent.
    public var audioRate: Int32 = 16_000
    /// `realtimeInput.text`, without quotes, escapes unchanged.
    public var text = ByteRange.none
    /// `clientContent.turnComplete`.
    public var turnComplete = false
    /// Number of elements in `clientContent.turns` or `toolResponse.functionResponses`.
    public var count: Int32 = 0
    /// What was detected in the audio, if it was analysed.
    public var voicing = Voicing()

    public init() {}

    /// Duration of the audio in this message: PCM, 16 bit, mono.
    @inlinable public var audioDuration: Interval {
        audioBytes == 0
            ? .zero
            : Interval(nanoseconds: Int64(audioBytes) * 500_000_000 / Int64(max(audioRate, 1)))
    }
}
