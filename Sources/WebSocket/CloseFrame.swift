import Basics

/// The payload of a close frame (RFC 6455 sections 5.5.1 and 7.4).
public enum CloseFrame {
    /// The meaning of an empty payload; never sent on the wire.
    public static let noStatus: UInt16 = 1005

    /// A control frame's 125 bytes minus two for the code.
    public static let longestReason = 123

    /// Reads the peer's close frame. An empty payload reads as 1005 without a reason, which
    /// `payload` turns into an empty payload again. Throws 1002 for a lone byte or a code that must
    /// not be sent, 1007 for a reason that is not text.
    public static func parse(
        _ payload: Span<UInt8>
    ) throws(Violation) -> (code: UInt16, reason: String) {
        guard !payload.isEmpty else { return (noStatus, "") }
        guard payload.count >= 2 else { throw .halfCloseCode }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        guard maySend(code) else { throw .illegalCloseCode }
        let reason = payload.extracting(2..<payload.count)
        guard UTF8Validator.isValid(reason) else { throw .invalidCloseReason }
        return (code, String(decoding: [UInt8](copying: reason), as: UTF8.self))
    }

    /// The payload for `code` and `reason`, truncated to 123 bytes at a character. A code that must
    /// not be sent (such as 1005 and 1006) gives an empty payload, which is legal; a peer would
    /// answer the code itself with 1002.
    public static func payload(code: UInt16, reason: String = "") -> [UInt8] {
        guard maySend(code) else { return [] }
        var payload = [UInt8(code >> 8), UInt8(code & 0xFF)]
        for character in reason.unicodeScalars {
            let encoded = UTF8.encode(character) ?? UTF8.encodedReplacementCharacter
            guard payload.count + encoded.count <= 2 + longestReason else { break }
            payload.append(contentsOf: encoded)
        }
        return payload
    }

    /// Whether a code may be sent in a close frame: those that RFC 6455 and the IANA registry
    /// define for the wire (1012 to 1014 were added after the RFC), and those reserved for
    /// libraries and applications.
    public static func maySend(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

extension Violation {
    static let halfCloseCode = Violation(1002, "close frame with an incomplete code")
    static let illegalCloseCode = Violation(1002, "close code that must not be sent")
    static let invalidCloseReason = Violation(1007, "close reason is not valid UTF-8")
}
