/// Base64 in both directions: standard with padding on output, either alphabet with or without
/// padding on input, as in protobuf's JSON mapping.
enum Base64 {
    static func append(_ bytes: some Collection<UInt8>, to output: inout [UInt8]) {
        let letters = Base64.letters
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

    /// `nil` if a byte belongs to neither alphabet or the length is impossible.
    static func decode(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8]? {
        var upper = range.upperBound
        while upper > range.lowerBound, bytes[upper - 1] == UInt8(ascii: "=") { upper -= 1 }
        guard range.upperBound - upper <= 2, (upper - range.lowerBound) % 4 != 1 else { return nil }
        let values = Base64.values
        var output: [UInt8] = []
        output.reserveCapacity((upper - range.lowerBound) * 3 / 4)
        var index = range.lowerBound
        while index + 4 <= upper {
            let a = values[Int(bytes[index])]
            let b = values[Int(bytes[index + 1])]
            let c = values[Int(bytes[index + 2])]
            let d = values[Int(bytes[index + 3])]
            guard (a | b | c | d) < 64 else { return nil }
            output.append(a << 2 | b >> 4)
            output.append(b << 4 | c >> 2)
            output.append(c << 6 | d)
            index += 4
        }
        guard index < upper else { return output }
        let a = values[Int(bytes[index])]
        let b = values[Int(bytes[index + 1])]
        let c = index + 2 < upper ? values[Int(bytes[index + 2])] : 0
        guard (a | b | c) < 64 else { return nil }
        output.append(a << 2 | b >> 4)
        if index + 2 < upper { output.append(b << 4 | c >> 2) }
        return output
    }

    /// Whether `decode` would succeed.
    static func isReadable(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let values = Base64.values
        var upper = range.upperBound
        while upper > range.lowerBound, bytes[upper - 1] == UInt8(ascii: "=") { upper -= 1 }
        guard range.upperBound - upper <= 2, (upper - range.lowerBound) % 4 != 1 else {
            return false
        }
        for index in range.lowerBound..<upper where values[Int(bytes[index])] >= 64 {
            return false
        }
        return true
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
