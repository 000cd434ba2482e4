import CLibwebsockets
import CLinux

/// A request as libwebsockets parsed it; bodies are not read.
public struct Request: Sendable {
    /// `GET`, `HEAD`, `POST`, ...
    public let method: String
    /// Percent-decoded, `//` and `..` resolved.
    public let path: String
    /// Percent-decoded `name=value` pairs, in order.
    public let query: [String]
    public let isHTTP11: Bool
    private let headers: [String: String]

    /// One of `Request.headersKept`, by its lower-case name; empty if absent.
    public func header(_ name: String) -> String { headers[name] ?? "" }

    /// The value of a query parameter.
    public func parameter(_ name: String) -> String? {
        query.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    /// The path and the query, percent-encoded again. libwebsockets does not keep the original, so
    /// unnecessary escapes are gone.
    public var target: String { Self.encode(path: path, query: query) }

    /// A path and `name=value` pairs, percent-encoded.
    public static func encode(path: String, query: [String]) -> String {
        var target = encode(path, alsoKeeping: "/:@!$&'()*+,;=")
        var separator = "?"
        for pair in query {
            target += separator + encode(pair, alsoKeeping: "/:@!$'()*,;=?")
            separator = "&"
        }
        return target
    }

    public static let headersKept = [
        "host", "authorization", "origin", "accept", "x-goog-api-key", "last-event-id",
        "sec-websocket-protocol",
    ]

    private static let methods = [
        "GET", "POST", "OPTIONS", "PUT", "PATCH", "DELETE", "CONNECT", "HEAD",
    ]

    /// nil if libwebsockets does not know the method.
    init?(_ wsi: OpaquePointer) {
        // SAFETY: `wsi` and the header bytes are valid during the callback this runs in.
        var start: UnsafeMutablePointer<CChar>?
        var length: Int32 = 0
        let number = Int(unsafe lws_http_get_uri_and_method(wsi, &start, &length))
        guard Self.methods.indices.contains(number), let start = unsafe start else { return nil }
        method = Self.methods[number]
        path = unsafe String(
            decoding: UnsafeRawBufferPointer(start: start, count: Int(length)), as: UTF8.self)
        query = unsafe Self.fragments(wsi, WSI_TOKEN_HTTP_URI_ARGS)
        isHTTP11 = unsafe Self.whole(wsi, WSI_TOKEN_HTTP) == "HTTP/1.1"
        var headers = [
            "host": unsafe Self.whole(wsi, WSI_TOKEN_HOST),
            "authorization": unsafe Self.whole(wsi, WSI_TOKEN_HTTP_AUTHORIZATION),
            "origin": unsafe Self.whole(wsi, WSI_TOKEN_ORIGIN),
            "sec-websocket-protocol": unsafe Self.whole(wsi, WSI_TOKEN_PROTOCOL),
            "accept": unsafe Self.whole(wsi, WSI_TOKEN_HTTP_ACCEPT),
        ]
        for name in Self.headersKept where headers[name] == nil {
            headers[name] = unsafe Self.custom(wsi, name + ":")
        }
        self.headers = headers
    }

    private static func whole(_ wsi: OpaquePointer, _ token: lws_token_indexes) -> String {
        let length = unsafe lws_hdr_total_length(wsi, token)
        return unsafe copy(length) { unsafe lws_hdr_copy(wsi, $0, length + 1, token) }
    }

    private static func fragments(_ wsi: OpaquePointer, _ token: lws_token_indexes) -> [String] {
        var result: [String] = []
        while result.count < 64 {
            let number = Int32(result.count)
            let length = unsafe lws_hdr_fragment_length(wsi, token, number)
            guard length > 0 else { break }
            result.append(
                unsafe copy(length) {
                    unsafe lws_hdr_copy_fragment(wsi, $0, length + 1, token, number)
                })
        }
        return result
    }

    private static func custom(_ wsi: OpaquePointer, _ name: String) -> String {
        let nameLength = Int32(name.utf8.count)
        let length = unsafe lws_hdr_custom_length(wsi, name, nameLength)
        return unsafe copy(length) {
            unsafe lws_hdr_custom_copy(wsi, $0, length + 1, name, nameLength)
        }
    }

    /// The copying functions need room for a final zero, and return how much they wrote.
    private static func copy(
        _ length: Int32, _ read: (UnsafeMutablePointer<CChar>) -> Int32
    ) -> String {
        guard length > 0 else { return "" }
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(length) + 1) {
            guard let start = $0.baseAddress else { return "" }
            let written = min(max(unsafe read(start), 0), length)
            return unsafe String(
                decoding: UnsafeRawBufferPointer(start: start, count: Int(written)),
                as: UTF8.self)
        }
    }

    private static func encode(_ text: String, alsoKeeping kept: String) -> String {
        var result: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.append(byte)
            case _ where kept.utf8.contains(byte): result.append(byte)
            default:
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// An answer in one piece.
public struct Response: Sendable {
    public var status: Int
    public var contentType: String
    /// In addition to `Content-Type` and `Content-Length`.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(
        status: Int = 200, contentType: String,
        headers: [(name: String, value: String)] = [], body: [UInt8]
    ) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }

    public static func text(_ text: String, status: Int = 200) -> Response {
        Response(
            status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    public static func json(_ json: String, status: Int = 200) -> Response {
        Response(status: status, contentType: "application/json", body: Array(json.utf8))
    }
}

/// The head of an answer, written by hand: libwebsockets' writer gives an HTTP/1.0 status line to
/// anything that is answered before its normal dispatch.
enum Head {
    static func bytes(_ response: Response, closes: Bool) -> [UInt8] {
        bytes(
            response.status, response.contentType, response.headers,
            length: response.body.count, closes: closes)
    }

    /// - Parameter length: nil if the end of the connection is the end of the body.
    static func bytes(
        _ status: Int, _ contentType: String, _ headers: [(name: String, value: String)],
        length: Int?, closes: Bool
    ) -> [UInt8] {
        var head = "HTTP/1.1 \(status) \(phrase(status))\r\nContent-Type: \(contentType)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let length { head += "Content-Length: \(length)\r\n" }
        head += "X-Content-Type-Options: nosniff\r\n"
        if closes || length == nil { head += "Connection: close\r\n" }
        return Array((head + "\r\n").utf8)
    }

    private static func phrase(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 204: "No Content"
        case 302: "Found"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 421: "Misdirected Request"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: "Status"
        }
    }
}
