/// A number hidden in the white space before a message's last brace, so that a message can be
/// distinguished from equal ones wherever it appears. JSON permits that.
enum MessageTag {
    private static let digits = 16

    static func put(_ number: Int, on message: [UInt8]) -> [UInt8] {
        guard message.last == UInt8(ascii: "}") else { return message }
        var stamped = message
        stamped.removeLast()
        for digit in (0..<digits).reversed() {
            stamped.append(number >> digit & 1 == 1 ? 0x09 : 0x20)
        }
        stamped.append(UInt8(ascii: "}"))
        return stamped
    }

    /// `nil` if the message has none: the session made it.
    static func read(_ message: [UInt8]) -> Int? {
        guard message.count > digits else { return nil }
        var number = 0
        for byte in message.dropLast().suffix(digits) {
            guard byte == 0x20 || byte == 0x09 else { return nil }
            number = number << 1 | (byte == 0x09 ? 1 : 0)
        }
        return number
    }
}
