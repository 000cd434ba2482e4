public import Basics

extension ServerMessage {
    /// The parts of an answer that is text, in order: without quotes, escapes unchanged. Thoughts,
    /// code and its results are left out.
    ///
    /// - Parameter bytes: A message that was scanned.
    public static func texts(in bytes: Span<UInt8>) -> [ByteRange] {
        var found: [ByteRange] = []
        var cursor = JSONCursor()
        _ = try? cursor.members(bytes, depth: 0) { cursor, name throws(Malformed) in
            guard name == .serverContent else { return try cursor.skip(bytes, depth: 1) }
            _ = try cursor.members(bytes, depth: 1) { cursor, name throws(Malformed) in
                guard name == .modelTurn else { return try cursor.skip(bytes, depth: 2) }
                _ = try cursor.members(bytes, depth: 2) { cursor, name throws(Malformed) in
                    guard name == .parts else { return try cursor.skip(bytes, depth: 3) }
                    try cursor.elements(bytes, depth: 3) { cursor throws(Malformed) in
                        if let text = try text(&cursor, bytes) { found.append(text) }
                    }
                }
            }
        }
        return found
    }

    /// One of the parts: `thought` may come last.
    private static func text(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>
    ) throws(Malformed) -> ByteRange? {
        var text = ByteRange.none
        var isThought = false
        _ = try cursor.members(bytes, depth: 4) { cursor, name throws(Malformed) in
            switch name {
            case .text: text = try cursor.string(bytes, depth: 5)?.range ?? .none
            case .thought: isThought = try cursor.bool(bytes, depth: 5) == true
            default: try cursor.skip(bytes, depth: 5)
            }
        }
        return isThought || text.isEmpty ? nil : text
    }
}
