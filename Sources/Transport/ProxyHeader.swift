import CLinux

/// What a balancer that speaks the PROXY protocol sends before a client's own bytes, TLS included,
/// to say whose they are: a line (version 1) or a binary header (version 2).
/// Source: https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
enum ProxyHeader {
    enum Verdict: Equatable {
        /// There is none: the bytes are the client's.
        case absent
        /// All of the bytes belong to one, and more of it must come.
        case incomplete
        /// The bytes after `length` are the client's. `source` is the client's address; nil if the
        /// connection is the balancer's own, such as a health check, or the client has no address.
        case complete(length: Int, source: SocketAddress?)
        case malformed(String)
    }

    /// Bytes of the longest header that is accepted. Version 1 has at most 107. Version 2 has 16,
    /// addresses of up to 216, and fields, of which HAProxy sends the names in a certificate, a
    /// host name of up to 255 and an identifier of up to 128.
    static let longest = 2048
    private static let longestLine = 107

    private static let linePrefix = Array("PROXY ".utf8)
    private static let signature: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]
    private static let fixedLength = 16

    /// - Parameter bytes: Everything that the peer has sent so far, from its first byte on.
    static func read(_ bytes: Span<UInt8>) -> Verdict {
        if agrees(bytes, with: linePrefix) {
            return bytes.count < linePrefix.count ? .incomplete : readLine(bytes)
        }
        if agrees(bytes, with: signature) {
            return bytes.count <= signature.count ? .incomplete : readBinary(bytes)
        }
        return .absent
    }

    /// Whether the bytes begin like a balancer's header, which no client's own bytes do.
    static func begins(_ bytes: Span<UInt8>) -> Bool {
        bytes.count >= linePrefix.count && agrees(bytes, with: linePrefix)
            || bytes.count >= signature.count && agrees(bytes, with: signature)
    }

    /// Whether the shorter of the two begins the longer one.
    private static func agrees(_ bytes: Span<UInt8>, with prefix: [UInt8]) -> Bool {
        for index in 0..<min(bytes.count, prefix.count) where bytes[index] != prefix[index] {
            return false
        }
        return true
    }

    // MARK: Version 1

    private static func readLine(_ bytes: Span<UInt8>) -> Verdict {
        var line: [UInt8] = []
        for index in linePrefix.count..<min(bytes.count, longestLine) {
            guard bytes[index] == 0x0A else {
                line.append(bytes[index])
                continue
            }
            guard line.popLast() == 0x0D else { return .malformed("line feed without return") }
            return endpoints(line, length: index + 1)
        }
        return bytes.count < longestLine ? .incomplete : .malformed("longer than 107 bytes")
    }

    /// - Parameter line: Such as `TCP4 192.0.2.1 198.51.100.1 56324 443`.
    private static func endpoints(_ line: [UInt8], length: Int) -> Verdict {
        let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
        let family = String(decoding: words[0], as: UTF8.self)
        // What follows need not be read, says the specification.
        if family == "UNKNOWN" { return .complete(length: length, source: nil) }
        guard family == "TCP4" || family == "TCP6", words.count == 5 else {
            return .malformed("neither TCP4, TCP6 nor UNKNOWN with their addresses and ports")
        }
        guard var source = address(words[1]), let target = address(words[2]),
            source.isIPv6 == (family == "TCP6"), target.isIPv6 == source.isIPv6
        else { return .malformed("no \(family) addresses") }
        guard let port = port(words[3]), self.port(words[4]) != nil else {
            return .malformed("no ports")
        }
        source.port = port
        return .complete(length: length, source: source)
    }

    /// The characters are checked because the parser ends at a NUL.
    private static func address(_ word: ArraySlice<UInt8>) -> SocketAddress? {
        let isPlain = word.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: ":"), UInt8(ascii: "."),
                UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
                true
            default: false
            }
        }
        return isPlain ? SocketAddress(host: String(decoding: word, as: UTF8.self), port: 0) : nil
    }

    private static func port(_ word: ArraySlice<UInt8>) -> UInt16? {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard word.allSatisfy(digits.contains), word.count == 1 || word.first != digits.lowerBound
        else { return nil }
        return UInt16(String(decoding: word, as: UTF8.self))
    }

    // MARK: Version 2

    /// The length of the addresses that a byte for family and transport announces; nil if the byte
    /// is not defined. A balancer that speaks HTTP/3 announces clients with datagrams.
    private static func addressLength(_ family: UInt8) -> Int? {
        switch family {
        case 0x00: 0
        case 0x11, 0x12: 12
        case 0x21, 0x22: 36
        case 0x31, 0x32: 216
        default: nil
        }
    }

    private static func readBinary(_ bytes: Span<UInt8>) -> Verdict {
        let isLocal: Bool
        switch bytes[12] {
        case 0x20: isLocal = true
        case 0x21: isLocal = false
        default: return .malformed("neither LOCAL nor PROXY of version 2")
        }
        guard bytes.count >= fixedLength else { return .incomplete }
        let length = fixedLength + Int(bytes[14]) << 8 + Int(bytes[15])
        guard length <= longest else { return .malformed("longer than \(longest) bytes") }
        guard bytes.count >= length else { return .incomplete }
        if isLocal { return .complete(length: length, source: nil) }
        let family = bytes[13]
        guard let addresses = addressLength(family) else { return .malformed("unknown family") }
        guard fixedLength + addresses <= length else { return .malformed("addresses cut short") }
        if addresses > 0,
            !areFields(bytes.extracting(fixedLength + addresses..<length))
        {
            return .malformed("a field cut short")
        }
        return .complete(length: length, source: source(bytes, family))
    }

    private static func source(_ bytes: Span<UInt8>, _ family: UInt8) -> SocketAddress? {
        func number(at offset: Int, bytes count: Int) -> UInt64 {
            var value: UInt64 = 0
            for index in offset..<offset + count { value = value << 8 | UInt64(bytes[index]) }
            return value
        }
        switch family >> 4 {
        case 1:
            return SocketAddress(
                tk_address(
                    high: 0, low: number(at: 16, bytes: 4), scope: 0,
                    port: UInt16(truncatingIfNeeded: number(at: 24, bytes: 2)), is_ipv6: 0))
        case 2:
            return SocketAddress(
                tk_address(
                    high: number(at: 16, bytes: 8), low: number(at: 24, bytes: 8), scope: 0,
                    port: UInt16(truncatingIfNeeded: number(at: 48, bytes: 2)), is_ipv6: 1))
        default: return nil
        }
    }

    /// Whether these are whole fields: a type, two bytes of length, a value. None is used.
    private static func areFields(_ bytes: Span<UInt8>) -> Bool {
        var offset = 0
        while offset < bytes.count {
            guard offset + 3 <= bytes.count else { return false }
            offset += 3 + Int(bytes[offset + 1]) << 8 + Int(bytes[offset + 2])
        }
        return offset == bytes.count
    }
}
