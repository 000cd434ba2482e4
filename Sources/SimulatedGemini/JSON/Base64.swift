/// Base64 both ways: standard with padding out, either alphabet with or without padding in, as
/// protobuf's JSON mapping has it.
enum Base64 {
    static func append(_ bytes: some Collection<UInt8>, to output: inout [UInt8]) {
        var carried: UInt32 = 0
        var count = 0
        for byte in bytes {
            carried = carried << 8 | UInt32(byte)
            count += 1
            if count == 3 {
                output.append(letters[Int(carried >> 18 & 63)])
                output.append(letters[Int(carried >> 12 & 63)])
                output.append(letters[Int(carried >> 6 & 63)])
                output.append(letters[Int(carried & 63)])
                carried = 0
                count = 0
            }
        }
        if count == 1 {
            output.append(letters[Int(carried >> 2 & 63)])
            output.append(letters[Int(carried << 4 & 63)])
            output.append(UInt8(ascii: "="))
            output.append(UInt8(ascii: "="))
        } else if count == 2 {
            output.append(letters[Int(carried >> 10 & 63)])
            output.append(letters[Int(carried >> 4 & 63)])
            output.append(letters[Int(carried << 2 & 63)])
            output.append(UInt8(ascii: "="))
        }
    }

    /// `nil` where a byte belongs to neither alphabet or the length cannot be.
    static func decode(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8]? {
        var upper = range.upperBound
        while upper > range.lowerBound, bytes[upper - 1] == UInt8(ascii: "=") { upper -= 1 }
        guard range.upperBound - upper <= 2, (upper - range.lowerBound) % 4 != 1 else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity((upper - range.lowerBound) * 3 / 4)
        var carried: UInt32 = 0
        var bits = 0
        for index in range.lowerBound..<upper {
            let value = values[Int(bytes[index])]
            guard value < 64 else { return nil }
            carried = carried << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                output.append(UInt8(truncatingIfNeeded: carried >> UInt32(bits)))
            }
        }
        return output
    }

    private static let letters = [UInt8](
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 255, count: 256)
        for (value, letter) in letters.enumerated() { table[Int(letter)] = UInt8(value) }
        table[Int(UInt8(ascii: "-"))] = 62
        table[Int(UInt8(ascii: "_"))] = 63
        return table
    }()
}
