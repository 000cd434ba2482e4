import Basics
import CLinux

/// Names of sessions: 128 random bits, so that knowing one name reveals nothing about another.
enum Identifier {
    /// 256 random bits, in the alphabet of URLs.
    static func secret() -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        // SAFETY: 32 bytes of a local, written during the call; whole, as below.
        _ = unsafe bytes.withUnsafeMutableBytes { unsafe getrandom($0.baseAddress, $0.count, 0) }
        return inURLs(Base64.encode(bytes.span))
    }

    /// Base64 in the alphabet of URLs, without padding (RFC 4648 section 5).
    static func inURLs(_ base64: [UInt8]) -> String {
        let text = base64.compactMap { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: byte
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// 26 characters of Crockford's base 32, lower case.
    static func make() -> String {
        var words = (UInt64(0), UInt64(0))
        // SAFETY: sixteen bytes of a local, written during the call. The kernel gives up to 256
        // bytes whole once it is seeded, which it is before any service starts.
        _ = unsafe withUnsafeMutableBytes(of: &words) { unsafe getrandom($0.baseAddress, 16, 0) }
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        var bits = UInt128(words.0) << 64 | UInt128(words.1)
        var text: [UInt8] = []
        for _ in 0..<26 {
            text.append(alphabet[Int(truncatingIfNeeded: bits & 31)])
            bits >>= 5
        }
        return String(decoding: text, as: UTF8.self)
    }
}
