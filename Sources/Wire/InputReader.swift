public import Basics

/// Reads the members of a `realtimeInput` one by one, without building anything.
public struct InputReader: Sendable {
    /// `value` is the value of `realtimeInput`: `ClientMessage.value`.
    public init(_ value: ByteRange, in bytes: Span<UInt8>) {}

    /// The next member, from its key's opening quote to the end of its value.
    public mutating func next(in bytes: Span<UInt8>) -> ByteRange? { nil }
}
