import Basics

/// Single members of small JSON objects that are not messages: key files, answers of token servers.
public enum JSONObject {
    /// The text of a member; nil if it is absent or not text.
    public static func string(_ name: String, in bytes: Span<UInt8>) -> String? {
        value(of: name, in: bytes).flatMap { JSONPlaces.string(bytes, $0) }
    }

    /// An integer; nil if it is absent or something else.
    public static func integer(_ name: String, in bytes: Span<UInt8>) -> Int64? {
        value(of: name, in: bytes).flatMap { JSONPlaces.integer(bytes, $0) }
    }

    /// The value of the first member with that name, in either spelling.
    private static func value(of name: String, in bytes: Span<UInt8>) -> ByteRange? {
        let original = Name.original(of: name)
        var editor = JSONEditor()
        var found: ByteRange?
        _ = try? editor.object(bytes, depth: 0) { editor, key throws(Malformed) in
            let value = try editor.place(bytes, depth: 1)
            let isMeant =
                JSONText.equals(bytes, key.range, name)
                || JSONText.equals(bytes, key.range, original)
            if isMeant, found == nil { found = value }
            return .keep
        }
        return found
    }
}
