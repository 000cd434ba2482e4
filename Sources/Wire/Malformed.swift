/// Bytes that are not one JSON object, and where that was found.
public struct Malformed: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Reason: UInt8, Sendable {
        case empty
        case notAnObject
        case syntax
        case truncated
        case trailingBytes
        case tooDeep
        case badString
        case badNumber
        /// A duplicate name in an object where it matters which one counts.
        case twins
    }

    public var reason: Reason
    /// Offset of the offending byte.
    public var offset: Int

    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    public var description: String {
        switch reason {
        case .empty: "there are no bytes"
        case .notAnObject: "the message is not an object (byte \(offset))"
        case .syntax: "unexpected byte \(offset)"
        case .truncated: "the message ends early, at byte \(offset)"
        case .trailingBytes: "something follows the object at byte \(offset)"
        case .tooDeep: "nested too deep at byte \(offset)"
        case .badString: "a bad string at byte \(offset)"
        case .badNumber: "a bad number at byte \(offset)"
        case .twins: "a name comes twice, at byte \(offset)"
        }
    }
}
