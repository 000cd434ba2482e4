public import Basics

/// What a session needs to know about one client message. The message itself is not copied; ranges
/// point into it.
public struct ClientMessage: Equatable, Sendable, BitwiseCopyable {
    /// The members of the union that are present: exactly one, in a message that the service
    /// accepts.
    public struct Members: OptionSet, Hashable, Sendable, BitwiseCopyable {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        @inlinable public static var setup: Members { Members(rawValue: 1 << 0) }
        @inlinable public static var clientContent: Members { Members(rawValue: 1 << 1) }
        @inlinable public static var realtimeInput: Members { Members(rawValue: 1 << 2) }
        @inlinable public static var toolResponse: Members { Members(rawValue: 1 << 3) }
        @inlinable public static var contextUpdate: Members { Members(rawValue: 1 << 4) }
        /// An unknown top-level key.
        @inlinable public static var unknown: Members { Members(rawValue: 1 << 5) }
        /// One member under two spellings (`realtimeInput` and `realtime_input`): it is unknown
        /// which one the service reads.
        @inlinable public static var ambiguous: Members { Members(rawValue: 1 << 6) }
    }

    /// The contents of a `realtimeInput`; several at once are legal, in no particular order.
    public struct Input: OptionSet, Hashable, Sendable, BitwiseCopyable {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        @inlinable public static var audio: Input { Input(rawValue: 1 << 0) }
        @inlinable public static var video: Input { Input(rawValue: 1 << 1) }
        @inlinable public static var text: Input { Input(rawValue: 1 << 2) }
        /// The blobs were in the deprecated `mediaChunks`.
        @inlinable public static var mediaChunks: Input { Input(rawValue: 1 << 3) }
        @inlinable public static var audioStreamEnd: Input { Input(rawValue: 1 << 4) }
        @inlinable public static var activityStart: Input { Input(rawValue: 1 << 5) }
        @inlinable public static var activityEnd: Input { Input(rawValue: 1 << 6) }
        @inlinable public static var unknown: Input { Input(rawValue: 1 << 7) }
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
    /// What follows the first of the `mediaChunks`, which alone counts in `input`: audio, video.
    public var later: Input = []
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
