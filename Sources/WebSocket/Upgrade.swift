/// The opening handshake (RFC 6455 section 4), both ends. The caller computes SHA-1: hash
/// `acceptInput(key:)` and pass the 20 bytes to `accept(digest:)`.
public enum Upgrade {
    /// The input of the SHA-1 for the accept value.
    public static func acceptInput(key: String) -> [UInt8] {
        Array(key.utf8) + Array("258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)
    }

    /// The value of `Sec-WebSocket-Accept`: base64 of the digest.
    public static func accept(digest: [UInt8]) -> String { base64(digest) }

    /// The value of `Sec-WebSocket-Key` from 16 random bytes.
    public static func key(nonce: [UInt8]) -> String { base64(nonce) }

    // MARK: Server

    /// The WebSocket request in `head`. Throws 405, 426 or 400 if it is not one. Extensions are
    /// ignored, because leaving them out of the answer declines them.
    public static func validate(_ head: RequestHead) throws(HeadError) -> UpgradeRequest {
        guard head.method == "GET" else { throw HeadError(405, "only GET is supported") }
        guard head.minorVersion == 1 else { throw HeadError(505, "HTTP/1.1 is required") }
        let headers = head.headers
        guard headers.list("Upgrade", contains: "websocket"),
            headers.list("Connection", contains: "upgrade")
        else { throw HeadError(426, "a WebSocket upgrade is required") }
        let versions = headers.all("Sec-WebSocket-Version")
        guard versions.count == 1, versions[0].value.elementsEqual("13".utf8) else {
            throw HeadError(426, "WebSocket version 13 is required")
        }
        // The bytes of a body would be read as frames here and as a body elsewhere.
        if let length = headers.all("Content-Length").first, decimal(length.value) != 0 {
            throw HeadError(400, "an upgrade has no body")
        }
        guard headers.all("Transfer-Encoding").isEmpty else {
            throw HeadError(400, "an upgrade has no body")
        }
        let keys = headers.all("Sec-WebSocket-Key")
        guard keys.count == 1, isKey(keys[0].value) else {
            throw HeadError(400, "one Sec-WebSocket-Key of 16 bytes is required")
        }
        let subprotocols = headers.list("Sec-WebSocket-Protocol")
        guard subprotocols.allSatisfy({ isToken($0.utf8) }) else {
            throw HeadError(400, "malformed Sec-WebSocket-Protocol")
        }
        return UpgradeRequest(
            target: head.target, headers: headers, key: keys[0].text, subprotocols: subprotocols)
    }

    /// The 101 answer. A `subprotocol` that is not a token is left out.
    public static func response(
        accept: String, subprotocol: String? = nil, extraHeaders: [HeaderField] = []
    ) -> [UInt8] {
        var bytes = Array(
            """
            HTTP/1.1 101 Switching Protocols\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Accept: \(accept)\r

            """.utf8)
        if let subprotocol, let field = subprotocolField([subprotocol]) {
            append(field, to: &bytes)
        }
        for field in extraHeaders where !isConnectionField(field) {
            append(field, to: &bytes)
        }
        return bytes + [0x0D, 0x0A]
    }

    // MARK: Client

    /// A request to upgrade. `headers` are sent unchanged, so pass them through `forwardable`;
    /// `host` is the upstream's, with its port unless that is the scheme's default. Throws 400 for
    /// a target, host or subprotocol that is not legal in a head.
    public static func request(
        target: String, host: String, key: String, headers: [HeaderField] = [],
        subprotocols: [String] = []
    ) throws(HeadError) -> [UInt8] {
        guard target.utf8.first == UInt8(ascii: "/"), target.utf8.allSatisfy(isTargetByte) else {
            throw HeadError(400, "malformed target")
        }
        guard !host.isEmpty, host.utf8.allSatisfy(isHostByte) else {
            throw HeadError(400, "malformed host")
        }
        guard isKey(Array(key.utf8)) else { throw HeadError(400, "malformed key") }
        var bytes = Array(
            """
            GET \(target) HTTP/1.1\r
            Host: \(host)\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: \(key)\r

            """.utf8)
        if !subprotocols.isEmpty {
            guard let field = subprotocolField(subprotocols) else {
                throw HeadError(400, "malformed subprotocol")
            }
            append(field, to: &bytes)
        }
        for field in headers { append(field, to: &bytes) }
        return bytes + [0x0D, 0x0A]
    }

    /// The upstream's answer. `accept` is the value that our key requires, `offered` the
    /// subprotocols we named. Throws 502 for a 101 that violates the RFC.
    public static func validate(
        _ head: ResponseHead, accept: String, offered: [String] = []
    ) throws(HeadError) -> UpgradeAnswer {
        guard head.status == 101 else {
            if head.status < 200 { return .interim }
            return .refused(
                status: head.status, headers: head.headers, body: BodyFraming(head))
        }
        let headers = head.headers
        guard head.minorVersion == 1, headers.list("Upgrade", contains: "websocket"),
            headers.list("Connection", contains: "upgrade")
        else { throw HeadError(502, "upstream's 101 does not upgrade to WebSocket") }
        let accepts = headers.all("Sec-WebSocket-Accept")
        guard accepts.count == 1, accepts[0].value.elementsEqual(accept.utf8) else {
            throw HeadError(502, "upstream's Sec-WebSocket-Accept is wrong")
        }
        guard headers.list("Sec-WebSocket-Extensions").isEmpty else {
            throw HeadError(502, "upstream accepted an extension that was not offered")
        }
        let subprotocols = headers.list("Sec-WebSocket-Protocol")
        guard subprotocols.count <= 1, subprotocols.allSatisfy(offered.contains) else {
            throw HeadError(502, "upstream chose a subprotocol that was not offered")
        }
        return .accepted(subprotocol: subprotocols.first)
    }

    private static func subprotocolField(_ subprotocols: [String]) -> HeaderField? {
        guard subprotocols.allSatisfy({ isToken($0.utf8) }) else { return nil }
        return HeaderField("Sec-WebSocket-Protocol", subprotocols.joined(separator: ", "))
    }

    /// Base64 of 16 bytes: 22 digits and two padding characters.
    private static func isKey(_ key: [UInt8]) -> Bool {
        key.count == 24 && key[22] == UInt8(ascii: "=") && key[23] == UInt8(ascii: "=")
            && key[..<22].allSatisfy(isBase64Byte)
    }
}

/// A valid request to upgrade.
public struct UpgradeRequest: Equatable, Sendable {
    /// Path and query exactly as sent.
    public var target: String
    public var headers: HeaderFields
    public var key: String
    /// As offered, in the client's order of preference.
    public var subprotocols: [String]
}

/// An upstream's answer to an upgrade.
public enum UpgradeAnswer: Equatable, Sendable {
    case accepted(subprotocol: String?)
    /// Anything else, for the client; `BodyReader` reads the body.
    case refused(status: UInt16, headers: HeaderFields, body: BodyFraming)
    /// A 1xx before the answer (RFC 9110 section 15.2): drop it and read the next head.
    case interim
}

func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        var bits = 0
        for byte in group { bits = bits << 8 | Int(byte) }
        bits <<= (3 - group.count) * 8
        for digit in 0..<4 {
            text.append(
                digit <= group.count ? alphabet[bits >> (18 - digit * 6) & 63] : UInt8(ascii: "="))
        }
    }
    return String(decoding: text, as: UTF8.self)
}

private func isBase64Byte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
        true
    default: false
    }
}
