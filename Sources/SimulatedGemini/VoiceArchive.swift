/// Reads the archive of recorded phrases: names, rates, and IMA ADPCM with four bits per sample.
extension Voice {
    /// `nil` if the bytes are not such an archive or a line is missing.
    public init?(archive: Span<UInt8>) {
        self.init(lines: [:], numbers: [], user: [])
        var reader = Reader(offset: 0)
        guard reader.text(4, archive) == "TKSP" else { return nil }
        while reader.offset < archive.count {
            guard let length = reader.number(1, archive), let name = reader.text(length, archive),
                let rate = reader.number(2, archive), let count = reader.number(4, archive),
                let size = reader.number(4, archive), reader.offset + size <= archive.count
            else { return nil }
            let samples = ADPCM.decode(
                archive.extracting(reader.offset..<reader.offset + size), count: count)
            reader.offset += size
            guard let space = name.firstIndex(of: " ") else { return nil }
            let key = String(name[name.index(after: space)...])
            switch name[..<space] {
            case "line":
                guard let line = Line(rawValue: key) else { return nil }
                lines[line] = Phrase(text: line.words, pcm: Voice.pcm(samples, rate, 24_000))
            case "number":
                numbers.append(Phrase(text: key, pcm: Voice.pcm(samples, rate, 24_000)))
            default:
                user.append(Phrase(text: key, pcm: Voice.pcm(samples, rate, 16_000)))
            }
        }
        guard lines.count == Line.allCases.count, numbers.count == Voice.numberWords.count else {
            return nil
        }
    }

    /// Little-endian bytes, at the same or double the rate.
    private static func pcm(_ samples: [Int16], _ rate: Int, _ target: Int) -> [UInt8] {
        let isDoubled = rate * 2 == target
        var bytes: [UInt8] = []
        bytes.reserveCapacity(samples.count * (isDoubled ? 4 : 2))
        func append(_ sample: Int) {
            let bits = UInt16(bitPattern: Int16(truncatingIfNeeded: sample))
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
        }
        for (index, sample) in samples.enumerated() {
            append(Int(sample))
            guard isDoubled else { continue }
            let next = index + 1 < samples.count ? samples[index + 1] : sample
            append((Int(sample) + Int(next)) / 2)
        }
        return bytes
    }

    private struct Reader {
        var offset: Int

        mutating func number(_ width: Int, _ bytes: Span<UInt8>) -> Int? {
            guard offset + width <= bytes.count else { return nil }
            var value = 0
            for index in (0..<width).reversed() { value = value << 8 | Int(bytes[offset + index]) }
            offset += width
            return value
        }

        mutating func text(_ length: Int, _ bytes: Span<UInt8>) -> String? {
            guard offset + length <= bytes.count else { return nil }
            var found: [UInt8] = []
            for index in offset..<offset + length { found.append(bytes[index]) }
            offset += length
            return String(validating: found, as: UTF8.self)
        }
    }
}

/// IMA ADPCM: each sample is a step up or down from the last, whose size follows the signal.
enum ADPCM {
    static func decode(_ bytes: Span<UInt8>, count: Int) -> [Int16] {
        var samples: [Int16] = []
        samples.reserveCapacity(bytes.count * 2)
        var value = 0
        var index = 0
        for position in 0..<bytes.count {
            let byte = bytes[position]
            for code in [Int(byte & 15), Int(byte >> 4)] where samples.count < count {
                let step = steps[index]
                var change = step >> 3
                if code & 4 != 0 { change += step }
                if code & 2 != 0 { change += step >> 1 }
                if code & 1 != 0 { change += step >> 2 }
                value = min(max(value + (code & 8 != 0 ? -change : change), -32_768), 32_767)
                index = min(max(index + indexChanges[code & 7], 0), steps.count - 1)
                samples.append(Int16(value))
            }
        }
        return samples
    }

    private static let indexChanges = [-1, -1, -1, -1, 2, 4, 6, 8]

    private static let steps = [
        7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60,
        66, 73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371,
        408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878,
        2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845,
        8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086,
        29794, 32767,
    ]
}
