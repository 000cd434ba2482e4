/// How the end of a body is determined (RFC 9112 section 6.3).
public enum BodyFraming: Equatable, Sendable {
    case length(Int)
    case chunked
    case untilClose
    /// A transfer coding besides `chunked`, or framing that contradicts itself: what is read, up to
    /// the end of the connection, is not the body as its author wrote it.
    case unclear

    /// How the body after `head` ends.
    public init(_ head: ResponseHead) {
        let encodings = head.headers.list("Transfer-Encoding")
        let lengths = head.headers.all("Content-Length")
        if head.status == 204 || head.status == 304 {
            self = .length(0)
        } else if encodings.count == 1, equalIgnoringCase(encodings[0].utf8, "chunked".utf8),
            lengths.isEmpty
        {
            self = .chunked
        } else if encodings.isEmpty, lengths.count == 1, let length = decimal(lengths[0].value) {
            self = .length(length)
        } else {
            self = encodings.isEmpty && lengths.isEmpty ? .untilClose : .unclear
        }
    }

    /// How a request's body ends (RFC 9112 section 6.3). Throws 501 for a coding other than
    /// `chunked`.
    public init(_ head: RequestHead) throws(HeadError) {
        let codings = head.headers.list("Transfer-Encoding")
        if codings.isEmpty {
            self = .length(
                head.headers.all("Content-Length").first.flatMap { decimal($0.value) } ?? 0)
        } else if codings.count == 1, equalIgnoringCase(codings[0].utf8, "chunked".utf8) {
            self = .chunked
        } else {
            throw HeadError(501, "transfer coding not supported")
        }
    }
}
