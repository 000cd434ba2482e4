public import Basics

/// One element of `toolCall.functionCalls`. Strings without quotes, escapes as they came.
public struct ToolCall: Equatable, Sendable, BitwiseCopyable {
    /// Empty where the service gave none.
    public var id = ByteRange.none
    public var name = ByteRange.none
    /// Value of `args`, braces included.
    public var args = ByteRange.none
    public var willContinue = false

    public init() {}
}

/// One element of `toolResponse.functionResponses`. Strings without quotes, escapes as they came.
public struct ToolAnswer: Equatable, Sendable, BitwiseCopyable {
    public enum Scheduling: UInt8, Sendable, BitwiseCopyable {
        case unspecified, silent, whenIdle, interrupt
    }

    public var id = ByteRange.none
    public var name = ByteRange.none
    /// Value of `response`, braces included.
    public var response = ByteRange.none
    /// The generator goes on: this answer leaves the call open.
    public var willContinue = false
    public var scheduling = Scheduling.unspecified

    public init() {}
}

/// Reads the elements of a tool message one by one, without building anything.
///
///     var reader = ToolReader(calls: message.tool, in: bytes)
///     while let call = reader.nextCall(in: bytes) { ... }
public struct ToolReader: Sendable {
    /// `value` is the value of `toolCall`: `ServerMessage.tool`.
    public init(calls value: ByteRange, in bytes: Span<UInt8>) {}
    /// `value` is the value of `toolResponse`: `ClientMessage.value`.
    public init(answers value: ByteRange, in bytes: Span<UInt8>) {}
    /// `value` is the value of `toolCallCancellation`: `ServerMessage.cancellation`.
    public init(cancelled value: ByteRange, in bytes: Span<UInt8>) {}

    public mutating func nextCall(in bytes: Span<UInt8>) -> ToolCall? { nil }
    public mutating func nextAnswer(in bytes: Span<UInt8>) -> ToolAnswer? { nil }
    /// The id, quotes excluded.
    public mutating func nextCancelled(in bytes: Span<UInt8>) -> ByteRange? { nil }
}
