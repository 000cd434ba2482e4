public import Basics

/// One element of `clientContent.turns`.
public struct ContentTurn: Equatable, Sendable, BitwiseCopyable {
    public enum Role: UInt8, Sendable, BitwiseCopyable { case absent, user, model, system, other }

    public var role = Role.absent
    /// The whole turn, braces included.
    public var value = ByteRange.none
    /// Text of the first text part, quotes excluded, escapes as they came.
    public var text = ByteRange.none
    public var parts: Int32 = 0
    /// Every part is text.
    public var isTextOnly = true

    public init() {}
}

/// Reads the turns of a `clientContent` one by one, without building anything.
public struct ContentReader: Sendable {
    /// `value` is the value of `clientContent`: `ClientMessage.value`.
    public init(_ value: ByteRange, in bytes: Span<UInt8>) {}

    public mutating func nextTurn(in bytes: Span<UInt8>) -> ContentTurn? { nil }

    /// All text parts of one turn, joined and unescaped, at most `limit` bytes of UTF-8.
    public static func text(
        of turn: ContentTurn, in bytes: Span<UInt8>, limit: Int = 65_536
    ) -> String { "" }
}
