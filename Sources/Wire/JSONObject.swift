import Basics

/// Single members of small JSON objects that are no messages: key files, answers of token servers.
public enum JSONObject {
    /// The text of a member; nil where it is absent, or no text.
    public static func string(_ name: String, in bytes: Span<UInt8>) -> String? {
        guard let field = try? JSONField.find(bytes, [name]), field.value.count >= 2,
            bytes[field.value.lowerBound] == UInt8(ascii: "\"")
        else { return nil }
        let range = ByteRange(field.value.lowerBound + 1, field.value.upperBound - 1)
        return JSONText.unescape(bytes, range)
    }

    /// A whole number; nil where it is absent, or something else.
    public static func integer(_ name: String, in bytes: Span<UInt8>) -> Int64? {
        guard let field = try? JSONField.find(bytes, [name]) else { return nil }
        return JSONText.integer(bytes, field.value)
    }
}
