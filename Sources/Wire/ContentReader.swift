public import Basics

/// One element of `clientContent.turns`.
public struct ContentTurn: Equatable, Sendable, BitwiseCopyable {
    public enum Role: UInt8, Sendable, BitwiseCopyable { case absent, user, model, system, other }

    public var role = Role.absent
    /// The whole turn, with braces.
    public var value = ByteRange.none
    /// Text of the first text part, without quotes, escapes unchanged.
    public var text = ByteRange.none
    public var parts: Int32 = 0
    /// Every part is text.
    public var isTextOnly = true

    public init() {}
}

/// Reads the turns of a `clientContent` one by one, without building anything.
public struct ContentReader: Sendable {
    private var elements: ElementReader

    /// - Parameter value: The value of `clientContent`: `ClientMessage.value`.
    public init(_ value: ByteRange, in bytes: Span<UInt8>) {
        elements = ElementReader(.turns, of: value, in: bytes)
    }

    public mutating func nextTurn(in bytes: Span<UInt8>) -> ContentTurn? {
        elements.next(in: bytes) { cursor throws(Malformed) in
            try ContentTurn.read(&cursor, bytes) { _ in }
        }
    }

    /// All text parts of one turn, joined and unescaped, at most `limit` bytes of UTF-8.
    public static func text(
        of turn: ContentTurn, in bytes: Span<UInt8>, limit: Int = 65_536
    ) -> String {
        guard !turn.value.isEmpty else { return "" }
        var result = ""
        var cursor = JSONCursor(at: max(0, Int(turn.value.lower)))
        _ = try? ContentTurn.read(&cursor, bytes) { text in
            let left = limit - result.utf8.count
            result += JSONText.unescape(bytes, text, limit: left)
        }
        return result
    }
}

extension ContentTurn {
    /// Calls `body` with the position of each text part.
    fileprivate static func read(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>, _ body: (ByteRange) -> Void
    ) throws(Malformed) -> ContentTurn {
        var turn = ContentTurn()
        _ = cursor.next(bytes)
        let start = cursor.at
        _ = try cursor.members(bytes, depth: 0) {
            cursor, name throws(Malformed) in
            switch name {
            case .role:
                guard let text = try cursor.string(bytes, depth: 0) else { return }
                // Of two roles, the one with more rights counts.
                if turn.role == .system { return }
                turn.role = Role(JSONText.unescape(bytes, text.range, limit: 32))
            case .parts:
                try cursor.elements(bytes, depth: 0) { cursor throws(Malformed) in
                    try turn.readPart(&cursor, bytes, body)
                }
            default: try cursor.skip(bytes, depth: 0)
            }
        }
        turn.value = ByteRange(start, cursor.at)
        return turn
    }

    private mutating func readPart(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>, _ body: (ByteRange) -> Void
    ) throws(Malformed) {
        var isText = false
        var hasOther = false
        _ = try cursor.members(bytes, depth: 0) {
            cursor, name throws(Malformed) in
            switch name {
            case .text:
                guard let text = try cursor.string(bytes, depth: 0) else { return }
                isText = true
                if self.text.isEmpty { self.text = text.range }
                body(text.range)
            case .thought, .thoughtSignature: try cursor.skip(bytes, depth: 0)
            default:
                if try !cursor.isNull(bytes, depth: 0) { hasOther = true }
            }
        }
        parts &+= 1
        if !isText || hasOther { isTextOnly = false }
    }
}

extension ContentTurn.Role {
    fileprivate init(_ role: String) {
        switch role {
        case "": self = .absent
        case "user": self = .user
        case "model": self = .model
        case "system": self = .system
        default: self = .other
        }
    }
}
