import Basics
import Wire

/// What a recording keeps of base64: enough to restore as many bytes with the same loudness.
struct Blob: Equatable {
    /// Characters, with padding.
    var length: Int
    var padding: Int
    /// Loudest sample among this many, for each of `samplings`.
    var peaks: [Int32]

    /// A session examines a few samples of a client's message, more of a model's, and even more of
    /// what it is about to replay; a peak that it missed must be missed again.
    static let samplings = [Loudness.glance, 48, 512]
    /// A longer message is refused; a session's are far shorter.
    static let longest = 128 << 20

    init(length: Int, padding: Int, peaks: [Int32]) {
        (self.length, self.padding, self.peaks) = (length, padding, peaks)
    }

    /// For the text at `range`, without quotes.
    init(_ bytes: Span<UInt8>, _ range: ByteRange) {
        var end = Int(range.upper)
        length = range.count
        padding = 0
        while end > Int(range.lower), padding < 2, bytes[end - 1] == UInt8(ascii: "=") {
            end -= 1
            padding += 1
        }
        peaks = Self.samplings.map { Loudness.ofPCM16(base64: bytes, range, limit: $0).peak }
    }

    /// `{"blob":[4268,0,812]}`: a single peak if all are equal.
    func append(to output: inout [UInt8]) {
        let different = Set(peaks).count > 1 ? peaks : Array(peaks.prefix(1))
        let numbers = [length, padding] + different.map(Int.init)
        output += "{\"blob\":[\(numbers.map(String.init).joined(separator: ","))]}".utf8
    }

    /// Reads what `append` wrote, at `place`; nil if that is something else.
    init?(written bytes: Span<UInt8>, _ place: ByteRange) {
        guard place.count > 2, bytes[Int(place.lower)] == UInt8(ascii: "{"),
            let members = try? JSONPlaces.members(bytes, place), members.count == 1,
            JSONText.equals(bytes, members[0].key, "blob"),
            let elements = try? JSONPlaces.elements(bytes, members[0].value)
        else { return nil }
        let numbers = elements.compactMap {
            JSONPlaces.integer(bytes, $0).flatMap(Int32.init(exactly:))
        }
        guard numbers.count == elements.count, numbers.count == 3 || numbers.count == 5,
            (0...2).contains(numbers[1]), numbers[0] >= numbers[1],
            numbers[2...].allSatisfy({ (0...32_768).contains($0) })
        else { return nil }
        length = Int(numbers[0])
        padding = Int(numbers[1])
        peaks =
            numbers.count == 5
            ? Array(numbers[2...])
            : Array(repeating: numbers[2], count: Self.samplings.count)
    }

    /// Base64 of that length with the same loudness under each sampling.
    func appendText(to output: inout [UInt8]) {
        let letters = max(0, length - padding)
        // In the order of `Loudness`: eight characters hold three samples.
        let groups = length / 8
        let steps = Self.samplings.map { max(1, (groups * 3 + $0 - 1) / $0) }
        var texts: [Int32: [UInt8]] = [:]
        for group in 0..<groups {
            var peak = peaks.max() ?? 0
            for (step, found) in zip(steps, peaks) where group % step == 0 {
                peak = min(peak, found)
            }
            let text = texts[peak] ?? Self.group(peak)
            texts[peak] = text
            let room = letters - group * 8
            output += room >= 8 ? text[...] : text.prefix(max(0, room))
        }
        output += repeatElement(UInt8(ascii: "A"), count: max(0, letters - groups * 8))
        output += repeatElement(UInt8(ascii: "="), count: length - letters)
    }

    /// Three samples.
    private static func group(_ peak: Int32) -> [UInt8] {
        let sample = UInt16(bitPattern: Int16(clamping: -peak))
        let bytes = [UInt8(truncatingIfNeeded: sample), UInt8(truncatingIfNeeded: sample >> 8)]
        return Base64.encode((bytes + bytes + bytes).span)
    }
}
