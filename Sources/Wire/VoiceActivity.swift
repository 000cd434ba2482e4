public import Basics

/// The service's word on when the user speaks.
public struct VoiceActivity: Equatable, Sendable, BitwiseCopyable {
    public enum Kind: UInt8, Sendable, BitwiseCopyable { case start, end, other }

    public var kind = Kind.other
    /// Position in the audio sent so far; `.zero` where absent or unreadable.
    public var offset = Interval.zero

    public init() {}

    /// Reads `voiceActivity` of a server message; nil where there is none.
    public static func read(_ bytes: Span<UInt8>) -> VoiceActivity? { nil }
}
