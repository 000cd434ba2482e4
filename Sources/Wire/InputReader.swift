public import Basics

/// Reads the members of a `realtimeInput` one by one, without building anything.
public struct InputReader: Sendable {
    private var cursor = JSONCursor()
    private var isFirst = true

    /// - Parameter value: The value of `realtimeInput`: `ClientMessage.value`.
    public init(_ value: ByteRange) { cursor.at = value.range.lowerBound + 1 }

    /// The next member, from its key's opening quote to the end of its value.
    public mutating func next(in bytes: Span<UInt8>) -> ByteRange? {
        do {
            if !isFirst {
                guard cursor.next(bytes) == UInt8(ascii: ",") else { return nil }
                cursor.at += 1
            }
            isFirst = false
            guard cursor.next(bytes) == UInt8(ascii: "\"") else { return nil }
            let start = cursor.at
            _ = try cursor.firstKey(bytes)
            _ = cursor.next(bytes)
            try cursor.skip(bytes, depth: 2)
            return ByteRange(start, cursor.at)
        } catch {
            return nil
        }
    }
}
