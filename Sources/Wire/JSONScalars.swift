import Basics

/// Literals and numbers: their grammar is checked, their values are not read.
extension JSONCursor {
    mutating func skipScalar(_ bytes: Span<UInt8>) throws(Malformed) {
        switch peek(bytes) {
        case UInt8(ascii: "t"): try skipLiteral(bytes, "true")
        case UInt8(ascii: "f"): try skipLiteral(bytes, "false")
        case UInt8(ascii: "n"): try skipLiteral(bytes, "null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try skipNumber(bytes)
        default: throw blame(bytes)
        }
    }

    @inline(__always)
    private mutating func skipLiteral(
        _ bytes: Span<UInt8>, _ literal: StaticString
    ) throws(Malformed) {
        let end = at &+ literal.utf8CodeUnitCount
        if end <= bytes.count, Bytes.equal(bytes, at..<end, literal) {
            at = end
            return
        }
        // The byte to blame is determined only now.
        let text = literal.description.utf8
        for expected in text {
            guard peek(bytes) == expected else { throw blame(bytes) }
            at += 1
        }
    }

    private mutating func skipNumber(_ bytes: Span<UInt8>) throws(Malformed) {
        if peek(bytes) == UInt8(ascii: "-") { at += 1 }
        if peek(bytes) == UInt8(ascii: "0") {
            at += 1
        } else {
            try skipDigits(bytes)
        }
        if peek(bytes) == UInt8(ascii: ".") {
            at += 1
            try skipDigits(bytes)
        }
        if peek(bytes) | 0x20 == UInt8(ascii: "e") {
            at += 1
            if peek(bytes) == UInt8(ascii: "+") || peek(bytes) == UInt8(ascii: "-") { at += 1 }
            try skipDigits(bytes)
        }
        // `01`, `1.2.3` or `1a`: the number must end here.
        switch peek(bytes) {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "+"),
            UInt8(ascii: "-"):
            throw Malformed(.badNumber, at: at)
        default: break
        }
    }

    private mutating func skipDigits(_ bytes: Span<UInt8>) throws(Malformed) {
        let start = at
        while UInt8(ascii: "0")...UInt8(ascii: "9") ~= peek(bytes) { at += 1 }
        if at == start { throw Malformed(at >= bytes.count ? .truncated : .badNumber, at: at) }
    }
}
