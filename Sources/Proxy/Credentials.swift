import Basics
import Wire

/// Removes credentials from peers' text: reasons and errors may quote them. Recognises them by
/// their form, because a proxy that passes keys on does not know them.
enum Credentials {
    static let mark = "[redacted]"

    /// Marks that precede a credential, in lower case.
    private static let heralds = [
        "key=", "access_token=", "x-goog-api-key:", "bearer ", "token ", "auth_tokens/",
    ].map { Array($0.utf8) }
    /// How Google's credentials begin, and their minimum length.
    private static let beginnings = [("AIza", 20), ("ya29.", 10), ("AQ.", 20)].map {
        (Array($0.0.utf8), $0.1)
    }

    static func redacted(_ text: String) -> String {
        let bytes = Array(text.utf8)
        // Almost all texts are short and contain none of these.
        guard bytes.count >= 8 else { return text }
        var result: [UInt8] = []
        var index = 0
        var found = false
        while index < bytes.count {
            if let secret = secret(in: bytes, at: index) {
                result += bytes[index..<secret.lowerBound]
                result += mark.utf8
                index = secret.upperBound
                found = true
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return found ? String(decoding: result, as: UTF8.self) : text
    }

    /// The same in JSON, and for the values that `scrubber` knows; replaces them by as many bytes,
    /// so that no length changes.
    static func blank(_ bytes: inout [UInt8], _ scrubber: Scrubber) {
        var known = scrubber.places(in: bytes)[...]
        var index = 0
        while index < bytes.count {
            if known.first.map({ $0.upperBound <= index }) == true { known.removeFirst() }
            let isKnown = known.first?.contains(index) == true
            guard let found = isKnown ? known.popFirst() : secret(in: bytes, at: index) else {
                index += 1
                continue
            }
            for at in found { bytes[at] = UInt8(ascii: "x") }
            index = found.upperBound
        }
    }

    /// The credential at `start`, or after a mark that begins there.
    private static func secret(in bytes: [UInt8], at start: Int) -> Range<Int>? {
        // In `\n` and other escapes the letter does not belong to a word.
        let isInsideWord =
            start > 0 && isPart(bytes[start - 1])
            && !(start > 1 && bytes[start - 2] == UInt8(ascii: "\\"))
        for (beginning, length) in beginnings where !isInsideWord {
            guard bytes[start...].starts(with: beginning) else { continue }
            let end = end(of: bytes, from: start)
            if end - start >= length { return start..<end }
        }
        for herald in heralds where bytes.count - start > herald.count {
            let matches = herald.indices.allSatisfy { lowercase(bytes[start + $0]) == herald[$0] }
            guard matches else { continue }
            var begin = start + herald.count
            while begin < bytes.count, bytes[begin] == UInt8(ascii: " ") { begin += 1 }
            let end = end(of: bytes, from: begin)
            // A word of a sentence ("a token is missing") is not a credential.
            if end - begin >= 8 { return begin..<end }
        }
        return nil
    }

    private static func end(of bytes: [UInt8], from start: Int) -> Int {
        bytes[start...].firstIndex { !isPart($0) } ?? bytes.count
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte + 0x20 : byte
    }

    /// Characters of keys and tokens: base64, including the URL variant, and those that JWTs add.
    private static func isPart(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"),
            UInt8(ascii: "+"), UInt8(ascii: "%"):
            true
        default: false
        }
    }
}

extension Scrubber {
    /// A message from gemini without the credentials that it quotes outside the conversation: they
    /// are overwritten, so that every other byte stays in place. nil if it quotes none.
    func blanked(_ payload: Span<UInt8>, _ quotable: ServerMessage.Quotable) -> [UInt8]? {
        guard !isEmpty else { return nil }
        var cleaned: [UInt8] = []
        for part in quotable.parts(of: payload) {
            let words = [UInt8](copying: payload.extracting(part.range))
            let places = places(in: words, isQuotation: true)
            if places.isEmpty { continue }
            if cleaned.isEmpty { cleaned = [UInt8](copying: payload) }
            for place in places {
                // A number must remain a number.
                let isNumber = words[place].allSatisfy { (0x30...0x39).contains($0) }
                for index in place {
                    cleaned[part.range.lowerBound + index] = UInt8(ascii: isNumber ? "1" : "x")
                }
            }
        }
        return cleaned.isEmpty ? nil : cleaned
    }
}
