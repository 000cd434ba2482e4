public import Basics

/// Text as it stands inside a JSON string.
public enum JSONText {
    /// The text a range of a message means, quotes excluded: escapes resolved, broken UTF-8 and
    /// lone surrogates replaced by U+FFFD, at most `limit` bytes of UTF-8, cut at a character.
    public static func unescape(
        _ bytes: Span<UInt8>, _ range: ByteRange, limit: Int = 65_536
    ) -> String { "" }

    /// Whether the text of a range is exactly `text`.
    public static func equals(_ bytes: Span<UInt8>, _ range: ByteRange, _ text: String) -> Bool {
        false
    }

    /// `text` as a JSON string, quotes included, appended to `output`.
    public static func append(_ text: String, to output: inout [UInt8]) {}
}
