/// Requests and answers that are forwarded, one per connection.
public enum ForwardedHead {
    /// The head of a request to an upstream: `head` is the client's, with `headers` and `target`
    /// replaced; what frames its body stays.
    public static func request(
        _ head: RequestHead, target: String, host: String, headers: [HeaderField]
    ) -> [UInt8] {
        var bytes = Array("\(head.method) \(target) HTTP/1.1\r\nHost: \(host)\r\n".utf8)
        for field in headers { append(field, to: &bytes) }
        for name in ["Content-Length", "Transfer-Encoding", "Expect"] {
            for field in head.headers.all(name) { append(field, to: &bytes) }
        }
        return bytes + Array("Connection: close\r\n\r\n".utf8)
    }

    /// The head of an upstream's answer for the client, and how its body ends. Throws 502 if the
    /// framing cannot be forwarded, or could be read in two ways.
    public static func answer(
        _ head: ResponseHead, toMethod method: String
    ) throws(HeadError) -> (bytes: [UInt8], body: BodyFraming) {
        let codings = head.headers.list("Transfer-Encoding")
        guard codings.allSatisfy({ equalIgnoringCase($0.utf8, "chunked".utf8) }), codings.count <= 1
        else { throw HeadError(502, "upstream's answer: unsupported transfer coding") }
        let lengths = head.headers.all("Content-Length")
        // A coding overrides a length (RFC 9112 section 6.3).
        guard
            !codings.isEmpty
                || lengths.count <= 1 && lengths.allSatisfy({ decimal($0.value) != nil })
        else { throw HeadError(502, "upstream's answer: contradictory length") }
        var bytes = Array("HTTP/1.1 \(head.status) ".utf8) + head.reason + [0x0D, 0x0A]
        for field in forwardable(head.headers, keepsCookies: true) { append(field, to: &bytes) }
        guard head.status >= 200 else { return (bytes + [0x0D, 0x0A], .length(0)) }
        let isBodiless = method == "HEAD" || head.status == 204 || head.status == 304
        if !codings.isEmpty, head.status != 204 {
            bytes += Array("Transfer-Encoding: chunked\r\n".utf8)
        } else if let length = lengths.first {
            append(length, to: &bytes)
        }
        bytes += Array("Connection: close\r\n\r\n".utf8)
        if isBodiless { return (bytes, .length(0)) }
        return (bytes, codings.isEmpty ? BodyFraming(head) : .chunked)
    }
}
