/// A range of offsets into the current message: eight bytes, so that events stay small. Messages
/// are limited to far below 2 GiB (`limits.message`).
public struct ByteRange: Hashable, BitwiseCopyable, Sendable {
    public var lower: Int32
    public var upper: Int32

    @inlinable public init(_ lower: Int, _ upper: Int) {
        self.lower = Int32(truncatingIfNeeded: lower)
        self.upper = Int32(truncatingIfNeeded: upper)
    }

    /// Nothing found. Computed, so that other modules see a constant.
    @inlinable public static var none: ByteRange { ByteRange(0, 0) }

    @inlinable public var isEmpty: Bool { lower == upper }
    @inlinable public var count: Int { Int(upper) - Int(lower) }
    @inlinable public var range: Range<Int> { Int(lower)..<Int(upper) }
}
