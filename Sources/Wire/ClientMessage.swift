public import Basics

/// What a session needs to know of one client message. The message itself stays where it is;
/// ranges point into it.
public struct ClientMessage: Equatable, Sendable, BitwiseCopyable {
    /// Which members of the union are present: one, on a message the service accepts.
    public struct Members: OptionSet, Hashable, Sendable, BitwiseCopyable {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let setup = Members(rawValue: 1 << 0)
        public static let clientContent = Members(rawValue: 1 << 1)
        public static let realtimeInput = Members(rawValue: 1 << 2)
        public static let toolResponse = Members(rawValue: 1 << 3)
        public static let contextUpdate = Members(rawValue: 1 << 4)
        /// A top-level key that is none of ours.
        public static let unknown = Members(rawValue: 1 << 5)
        /// One member under two spellings (`realtimeInput` and `realtime_input`): nobody can say
        /// which one the service reads.
        public static let ambiguous = Members(rawValue: 1 << 6)
    }

    /// What a `realtimeInput` holds; several at once are legal, in no particular order.
    public struct Input: OptionSet, Hashable, Sendable, BitwiseCopyable {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let audio = Input(rawValue: 1 << 0)
        public static let video = Input(rawValue: 1 << 1)
        public static let text = Input(rawValue: 1 << 2)
        /// The blobs came in the deprecated `mediaChunks`.
        public static let mediaChunks = Input(rawValue: 1 << 3)
        public static let audioStreamEnd = Input(rawValue: 1 << 4)
        public static let activityStart = Input(rawValue: 1 << 5)
        public static let activityEnd = Input(rawValue: 1 << 6)
        public static let unknown = Input(rawValue: 1 << 7)
    }

    public var members: Members = []
    public var input: Input = []

    /// The member's value, braces included; of the first member, if there are several.
    public var value = ByteRange.none
    /// Base64 text of the (first) audio blob, quotes excluded.
    public var audio = ByteRange.none
    /// Decoded size of all audio blobs, bytes.
    public var audioBytes: Int32 = 0
    /// `rate=` of the audio's MIME type, samples per second; 16,000 where it says none.
    public var audioRate: Int32 = 16_000
    /// `realtimeInput.text`, quotes excluded, escapes as they came.
    public var text = ByteRange.none
    /// `clientContent.turnComplete`.
    public var turnComplete = false
    /// Number of elements in `clientContent.turns` or `toolResponse.functionResponses`.
    public var count: Int32 = 0
    /// What was heard in the audio, where somebody listened.
    public var voicing = Voicing()

    public init() {}

    /// Seconds of sound this message carries: PCM, 16 bit, mono.
    @inlinable public var audioDuration: Interval {
        audioBytes == 0
            ? .zero
            : Interval(nanoseconds: Int64(audioBytes) * 500_000_000 / Int64(max(audioRate, 1)))
    }
}
