/// Bytes that are not one JSON object, and where that showed.
public struct Malformed: Error, Equatable, Sendable {
    public enum Reason: UInt8, Sendable {
        case empty
        case notAnObject
        case syntax
        case truncated
        case trailingBytes
        case tooDeep
        case badString
        case badNumber
    }

    public var reason: Reason
    /// Offset of the byte that could not be read.
    public var offset: Int

    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}
