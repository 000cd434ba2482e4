/// Why an HTTP head was refused, and the status for it.
public struct HeadError: Error, Equatable, Sendable {
    /// The statuses with which a client's head is refused.
    public static let statuses: [UInt16] = [400, 405, 408, 414, 426, 431, 501, 505]

    /// One of those; 502 if the upstream's answer was wrong.
    public var status: UInt16
    /// One phrase for the body and the log; never contains anything from the peer.
    public var reason: String

    public init(_ status: UInt16, _ reason: String) {
        self.status = status
        self.reason = reason
    }

    /// A complete answer, after which the connection is to be closed.
    public func response() -> [UInt8] {
        Refusal.response(status: status, body: Array((reason + "\n").utf8))
    }
}

/// Answers other than 101.
public enum Refusal {
    /// A complete answer with `Connection: close`. `Content-Type` is plain text unless `fields`
    /// contain one; framing fields in `fields` are replaced by the correct ones.
    public static func response(
        status: UInt16, fields: [HeaderField] = [], body: [UInt8] = []
    ) -> [UInt8] {
        var bytes = Array("HTTP/1.1 \(status) \(phrase(status))\r\n".utf8)
        var hasType = false
        for field in fields where !isConnectionField(field) {
            hasType = hasType || field.isNamed("Content-Type")
            append(field, to: &bytes)
        }
        if !hasType, !body.isEmpty {
            bytes += Array("Content-Type: text/plain; charset=utf-8\r\n".utf8)
        }
        if status != 204 { bytes += Array("Content-Length: \(body.count)\r\n".utf8) }
        bytes += Array(required(by: status).utf8)
        bytes += Array("\r\n".utf8)
        return bytes + body
    }

    /// The lines a status requires: RFC 9110 sections 15.5.6 and 15.5.22 (a sender of `Upgrade`
    /// must also name it in `Connection`), RFC 6455 section 4.4.
    private static func required(by status: UInt16) -> String {
        switch status {
        case 405: "Connection: close\r\nAllow: GET\r\n"
        case 426:
            "Connection: upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        default: "Connection: close\r\n"
        }
    }

    /// The reason phrase of RFC 9110; for people, not programs.
    static func phrase(_ status: UInt16) -> String {
        switch status {
        case 200: "OK"
        case 204: "No Content"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 410: "Gone"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: status < 400 ? "Response" : "Error"
        }
    }
}

func append(_ field: HeaderField, to bytes: inout [UInt8]) {
    bytes += Array(field.name.utf8)
    bytes += [UInt8(ascii: ":"), UInt8(ascii: " ")]
    bytes += field.value
    bytes += [0x0D, 0x0A]
}
