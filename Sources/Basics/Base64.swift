/// Base64 in both alphabets (RFC 4648 sections 4 and 5), padded or not.
public enum Base64 {
    /// Standard alphabet, padded: what the service prints.
    public static func encode(_ bytes: Span<UInt8>) -> [UInt8] { [] }

    /// Appends the encoding to `output`.
    public static func encode(_ bytes: Span<UInt8>, into output: inout [UInt8]) {}

    /// Either alphabet, padded or not; nil for anything else.
    public static func decode(_ text: Span<UInt8>) -> [UInt8]? { nil }

    /// Size of what `count` characters decode to, of which the last `padding` are `=`.
    @inlinable public static func decodedCount(_ count: Int, padding: Int) -> Int {
        max(0, count - padding) * 3 / 4
    }
}

/// How loud PCM (16 bit, little endian) is.
public struct Loudness: Equatable, Sendable {
    /// Largest magnitude, 0...32,768.
    public var peak: Int32 = 0
    /// Root of the mean square, 0...32,768.
    public var rms: Double = 0

    public init() {}

    /// Of the samples inside a base64 text, looking at no more than `limit` of them, spread
    /// evenly. Anything undecodable counts as silence.
    public static func ofPCM16(
        base64 bytes: Span<UInt8>, _ range: ByteRange, limit: Int = 512
    ) -> Loudness { Loudness() }
}
