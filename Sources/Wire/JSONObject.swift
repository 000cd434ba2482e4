import Basics

/// Single members of small JSON objects that are no messages: key files, answers of token servers.
public enum JSONObject {
    /// The text of a member; nil where it is absent, or no text.
    public static func string(_ name: String, in bytes: Span<UInt8>) -> String? {
        value(of: name, in: bytes).flatMap { JSONPlaces.string(bytes, $0) }
    }

    /// A whole number; nil where it is absent, or something else.
    public static func integer(_ name: String, in bytes: Span<UInt8>) -> Int64? {
        value(of: name, in: bytes).flatMap { JSONPlaces.integer(bytes, $0) }
    }

    /// Of the first member of that name, in either spelling.
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
