import Basics
public import Wire

/// Analyses a client's audio, as thoroughly as requested. A detector is created with the first
/// message that needs one, and released when it has not been needed for a while.
public struct AudioAnalyzer: ~Copyable {
    private var detector: VoiceDetector?
    /// Messages since voice detection was last requested.
    private var unneeded = 0
    private var isBroken = false

    /// A minute of messages; a detector takes about 70 KiB.
    private static let keptFor = 3_000

    public init() {}

    /// What is in the audio of a message, `payload`. Less than requested if the audio cannot be
    /// read as PCM.
    public mutating func listen(
        to message: ClientMessage, in payload: Span<UInt8>, extent: Voicing.Extent
    ) -> Voicing {
        guard extent > .nothing, !message.audio.isEmpty,
            let pcm = Self.decode(message.audio, in: payload)
        else { return Voicing() }
        let level = Self.level(pcm.span)
        guard extent == .voice, let voiced = detect(pcm.span, rate: Int(message.audioRate)) else {
            unneeded += 1
            if unneeded > Self.keptFor { detector = nil }
            return Voicing(.level, level: level)
        }
        unneeded = 0
        return Voicing(.voice, voiced: UInt16(clamping: voiced), level: level)
    }

    private mutating func detect(_ pcm: Span<UInt8>, rate: Int) -> Int? {
        if detector == nil, !isBroken {
            detector = VoiceDetector()
            isBroken = detector == nil
        }
        return detector?.listen(to: pcm, rate: rate)
    }

    private static func decode(_ range: ByteRange, in bytes: Span<UInt8>) -> [UInt8]? {
        let all = range.range.clamped(to: 0..<bytes.count)
        if let pcm = Base64.decode(bytes.extracting(all)) { return pcm }
        // Some writers escape the slash.
        let text = Array(JSONText.unescape(bytes, range, limit: range.count).utf8)
        return Base64.decode(text.span)
    }

    /// Root mean square.
    private static func level(_ pcm: Span<UInt8>) -> UInt16 {
        var squares: UInt64 = 0
        var index = 0
        while index + 1 < pcm.count {
            let sample = Int16(bitPattern: UInt16(pcm[index]) | UInt16(pcm[index + 1]) << 8)
            squares += UInt64(sample.magnitude) * UInt64(sample.magnitude)
            index += 2
        }
        guard index > 0 else { return 0 }
        return UInt16(clamping: Int((Double(squares) / Double(index / 2)).squareRoot()))
    }
}
