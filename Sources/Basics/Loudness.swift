/// Loudness of PCM (16 bit, little endian).
public struct Loudness: Equatable, Sendable {
    /// Largest magnitude, 0...32,768.
    public var peak: Int32 = 0
    private var meanSquare: Int64 = 0
    /// Root mean square, 0...32,768.
    public var rms: Int32 { Self.root(meanSquare) }

    public init() {}

    /// How many samples of a message suffice to detect speech over a series of messages.
    public static let glance = 6

    /// The loudness of at most `limit` samples, spread evenly, inside a base64 text. Text that is
    /// not plain base64 (for example with a JSON escape in it) counts as silence.
    public static func ofPCM16(
        base64 bytes: Span<UInt8>, _ range: ByteRange, limit: Int = 512
    ) -> Loudness {
        let start = max(0, Int(range.lower))
        let end = min(bytes.count, Int(range.upper))
        // Eight characters hold three samples, and a sample never crosses such a group.
        let groups = max(0, end - start) / 8
        guard groups > 0, limit > 0 else { return Loudness() }
        let step = max(1, (groups * 3 + limit - 1) / limit)
        let samples = Bytes.samples(bytes, from: start, groups: groups, step: step)
        if samples.end < start + groups * 8 {
            // Padding ends the text; at most one sample shares a group with it.
            var at = samples.end
            while Base64.values[Int(bytes[at])] < 64 { at += 1 }
            guard bytes[at] == UInt8(ascii: "=") else { return Loudness() }
        }
        var loudness = Loudness()
        loudness.peak = samples.peak
        if samples.count > 0 { loudness.meanSquare = samples.squares / samples.count }
        return loudness
    }

    /// Integer square root by Newton's method; `Double`'s would link libm.
    private static func root(_ square: Int64) -> Int32 {
        guard square > 0 else { return 0 }
        var guess: Int64 = 65_536
        while true {
            let better = (guess + square / guess) / 2
            if better >= guess { return Int32(truncatingIfNeeded: guess) }
            guess = better
        }
    }
}
