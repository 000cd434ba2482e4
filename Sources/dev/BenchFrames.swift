import COpenSSL

/// Just enough of RFC 6455 for a load generator, deliberately separate from the proxy's codec: a
/// codec must not be measured by itself. Messages are never fragmented here.
struct BenchFrame {
    var opcode: UInt8
    var final: Bool
    /// The key the payload is masked with, or nil.
    var mask: (UInt8, UInt8, UInt8, UInt8)?
    var payload: Range<Int>

    static let text: UInt8 = 1
    static let binary: UInt8 = 2
    static let close: UInt8 = 8
    static let ping: UInt8 = 9
    static let pong: UInt8 = 10
    /// The mask of every client frame sent here. A fixed key costs the receiver as much as any
    /// other.
    static let key: [UInt8] = [0x37, 0xfa, 0x21, 0x3d]

    /// The frame that begins at `start`, or nil while some of it before `end` is missing.
    init?(_ bytes: [UInt8], from start: Int, to end: Int) {
        guard end - start >= 2 else { return nil }
        opcode = bytes[start] & 15
        final = bytes[start] & 0x80 != 0
        var count = Int(bytes[start + 1] & 127)
        var at = start + 2
        if count >= 126 {
            let width = count == 126 ? 2 : 8
            guard end - at >= width else { return nil }
            count = bytes[at..<(at + width)].reduce(0) { ($0 << 8 | Int($1)) & 0xffff_ffff }
            at += width
        }
        if bytes[start + 1] & 0x80 != 0 {
            guard end - at >= 4 else { return nil }
            mask = (bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3])
            at += 4
        }
        guard end - at >= count else { return nil }
        payload = at..<(at + count)
    }

    /// The byte at an offset of the payload, unmasked.
    func byte(_ bytes: [UInt8], _ offset: Int) -> UInt8 {
        let byte = bytes[payload.lowerBound + offset]
        guard let mask else { return byte }
        switch offset & 3 {
        case 0: return byte ^ mask.0
        case 1: return byte ^ mask.1
        case 2: return byte ^ mask.2
        default: return byte ^ mask.3
        }
    }

    /// The whole payload, unmasked.
    func content(_ bytes: [UInt8]) -> [UInt8] { (0..<payload.count).map { byte(bytes, $0) } }

    /// A whole frame around a payload.
    static func encoded(_ opcode: UInt8, _ payload: [UInt8], masked: Bool) -> [UInt8] {
        let bit: UInt8 = masked ? 0x80 : 0
        var frame: [UInt8] = [0x80 | opcode]
        if payload.count < 126 {
            frame.append(bit | UInt8(payload.count))
        } else if payload.count < 65536 {
            frame += [bit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        } else {
            frame.append(bit | 127)
            frame += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        guard masked else { return frame + payload }
        frame += key
        return frame + payload.enumerated().map { $1 ^ key[$0 & 3] }
    }
}

/// The two opening handshakes, as text.
enum BenchHandshake {
    static let path =
        "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"

    static func request(port: UInt16) -> [UInt8] {
        let lines = [
            "GET \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Upgrade: websocket",
            "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13", "x-goog-api-key: benchmark",
            "User-Agent: turnkeeper-bench", "", "",
        ]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    static func response(key: String) -> [UInt8] {
        let lines = [
            "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Accept: \(accept(key))", "", "",
        ]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    private static func accept(_ key: String) -> String {
        let input = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
        var digest = [UInt8](repeating: 0, count: 20)
        // SAFETY: OpenSSL reads the input's own count and writes 20 bytes, the digest's size.
        _ = unsafe SHA1(input, input.count, &digest)
        return base64(digest)
    }

    static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                let digit = alphabet[bits >> (18 - 6 * place) & 63]
                text.append(place <= group.count ? digit : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Where the head of an HTTP message ends, after its empty line, or nil while that is missing.
    static func headEnd(_ bytes: [UInt8], from start: Int, to end: Int) -> Int? {
        guard end - start >= 4 else { return nil }
        for at in start...(end - 4)
        where bytes[at] == 13 && bytes[at + 1] == 10 && bytes[at + 2] == 13 && bytes[at + 3] == 10 {
            return at + 4
        }
        return nil
    }

    /// The value of a header, by its lower-case name.
    static func header(_ name: String, in head: String) -> String? {
        for line in head.split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name else {
                continue
            }
            return String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        return nil
    }
}
