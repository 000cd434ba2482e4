import Basics

/// The head of an HTTP/1.x request, read strictly (RFC 9112): anything that two parsers could read
/// as different requests is refused.
public struct RequestHead: Equatable, Sendable {
    public var method: String
    /// Path and query exactly as sent, including double slashes and percent signs. Starts with `/`;
    /// for an absolute target (`http://host/path`), the part after the host.
    public var target: String
    /// 0 or 1: health checks of balancers still use 0.
    public var minorVersion: UInt8
    public var headers: HeaderFields
    /// Length of the head, with the empty line. What follows belongs to the connection.
    public var length: Int

    /// The host the client meant; empty only in HTTP/1.0, where it is optional.
    public var host: String { headers.first("Host") ?? "" }

    /// Reads a head from the start of `bytes`; nil if more are needed. For bytes that arrive in
    /// pieces, keep a scanner and use the other form.
    public static func parse(
        _ bytes: Span<UInt8>, limits: HeadLimits = HeadLimits()
    ) throws(HeadError) -> RequestHead? {
        var scanner = HeadScanner(limits: limits)
        return try parse(bytes, resuming: &scanner)
    }

    /// Reads a head from the start of `bytes`, which are everything received so far; nil if more
    /// are needed. `scanner` remembers how far an earlier call looked.
    public static func parse(
        _ bytes: Span<UInt8>, resuming scanner: inout HeadScanner
    ) throws(HeadError) -> RequestHead? {
        guard let length = try scanner.advance(bytes) else { return nil }
        var lines = HeadLines(bytes.extracting(0..<length))
        let line = try requestLine(lines.next())
        let headers = try headerFields(&lines, limit: scanner.maximumFields)
        try checkFraming(headers, minorVersion: line.minorVersion)
        try checkHost(headers, of: line)
        return RequestHead(
            method: line.method, target: line.target, minorVersion: line.minorVersion,
            headers: headers, length: length)
    }

    private struct Line {
        var method: String
        var target: String
        /// In an absolute target, with the port that its scheme implies.
        var host: [UInt8]?
        var impliedPort: String?
        var minorVersion: UInt8
    }

    private static func requestLine(_ line: ArraySlice<UInt8>) throws(HeadError) -> Line {
        let parts = line.split(
            separator: 0x20, maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw HeadError(400, "malformed request line") }
        guard isToken(parts[0]) else { throw HeadError(400, "malformed method") }
        guard parts[1].allSatisfy(isTargetByte) else { throw HeadError(400, "malformed target") }
        let minor = try version(parts[2])
        let (host, port, target) = try split(parts[1])
        return Line(
            method: String(decoding: parts[0], as: UTF8.self),
            target: String(decoding: target, as: UTF8.self), host: host, impliedPort: port,
            minorVersion: minor)
    }

    /// A path, or an absolute URL, which clients send that believe they talk to a forward proxy
    /// (RFC 9112 section 3.2.2). The forms of CONNECT and `*` are not served.
    private static func split(
        _ target: ArraySlice<UInt8>
    ) throws(HeadError) -> (host: [UInt8]?, port: String?, target: [UInt8]) {
        if target.first == UInt8(ascii: "/") { return (nil, nil, Array(target)) }
        let schemes = ["http://": ":80", "https://": ":443", "ws://": ":80", "wss://": ":443"]
        for (scheme, port) in schemes {
            guard equalIgnoringCase(target.prefix(scheme.utf8.count), scheme.utf8) else { continue }
            let rest = target.dropFirst(scheme.utf8.count)
            let host = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
            let path = Array(rest.dropFirst(host.count))
            let isWhole = path.first == UInt8(ascii: "/")
            return (Array(host), port, isWhole ? path : [UInt8(ascii: "/")] + path)
        }
        throw HeadError(400, "target is not a path")
    }

    /// A request that declares its length twice, or in two ways, is a smuggling attempt.
    private static func checkFraming(
        _ headers: HeaderFields, minorVersion: UInt8
    ) throws(HeadError) {
        let lengths = headers.all("Content-Length")
        guard lengths.count <= 1 else { throw HeadError(400, "several Content-Length") }
        if let length = lengths.first, decimal(length.value) == nil {
            throw HeadError(400, "malformed Content-Length")
        }
        let codings = headers.all("Transfer-Encoding")
        guard codings.isEmpty || lengths.isEmpty else {
            throw HeadError(400, "both Content-Length and Transfer-Encoding")
        }
        // Chunks came with HTTP/1.1 (RFC 9112 section 6.1).
        guard codings.isEmpty || minorVersion > 0 else {
            throw HeadError(400, "a transfer coding in HTTP/1.0")
        }
        guard
            codings.isEmpty || codings.count == 1 && codings[0].value.elementsEqual("chunked".utf8)
        else { throw HeadError(501, "transfer coding not supported") }
    }

    /// The host is named once: in `Host`, and if the target names one too, they must be equal.
    private static func checkHost(_ headers: HeaderFields, of line: Line) throws(HeadError) {
        let hosts = headers.all("Host")
        if hosts.isEmpty, line.minorVersion == 0 {
            guard line.host?.allSatisfy(isHostByte) ?? true, line.host?.isEmpty != true else {
                throw HeadError(400, "malformed host in the target")
            }
            return
        }
        guard hosts.count == 1, let host = hosts.first else {
            throw HeadError(400, hosts.isEmpty ? "no Host" : "several Host")
        }
        guard !host.value.isEmpty, host.value.allSatisfy(isHostByte) else {
            throw HeadError(400, "malformed Host")
        }
        if let named = line.host, let port = line.impliedPort?.utf8,
            !equalIgnoringCase(
                trimmed(named, suffix: port), trimmed(host.value, suffix: port))
        {
            throw HeadError(400, "the target and Host name different hosts")
        }
    }
}

/// The head of an HTTP/1.x response. As strict as `RequestHead`, except that a refusal may be
/// HTTP/1.0.
public struct ResponseHead: Equatable, Sendable {
    public var status: UInt16
    public var reason: [UInt8]
    /// 0 or 1.
    public var minorVersion: UInt8
    public var headers: HeaderFields
    /// Length of the head, with the empty line. What follows is the body, or the first frames.
    public var length: Int

    /// Reads a head from the start of `bytes`; nil if more are needed.
    public static func parse(
        _ bytes: Span<UInt8>, limits: HeadLimits = HeadLimits()
    ) throws(HeadError) -> ResponseHead? {
        var scanner = HeadScanner(limits: limits)
        return try parse(bytes, resuming: &scanner)
    }

    /// Reads a head from the start of `bytes`, which are everything received so far; nil if more
    /// are needed. Every error is a 502.
    public static func parse(
        _ bytes: Span<UInt8>, resuming scanner: inout HeadScanner
    ) throws(HeadError) -> ResponseHead? {
        do {
            guard let length = try scanner.advance(bytes) else { return nil }
            var lines = HeadLines(bytes.extracting(0..<length))
            var head = try statusLine(lines.next())
            head.headers = try headerFields(&lines, limit: scanner.maximumFields)
            head.length = length
            return head
        } catch {
            throw HeadError(502, "upstream's answer: \(error.reason)")
        }
    }

    private static func statusLine(_ line: ArraySlice<UInt8>) throws(HeadError) -> ResponseHead {
        let parts = line.split(
            separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
        // The space before an empty reason is required, but often omitted.
        guard parts.count >= 2, parts[1].count == 3, let status = decimal(parts[1]),
            (100...599).contains(status)
        else { throw HeadError(400, "malformed status line") }
        return ResponseHead(
            status: UInt16(status), reason: parts.count == 3 ? Array(parts[2]) : [],
            minorVersion: try version(parts[0]), headers: HeaderFields(), length: 0)
    }
}

/// Walks the lines of a head that the scanner has passed, so every line ends in CR LF.
private struct HeadLines {
    private let bytes: [UInt8]
    private var start = 0

    init(_ head: Span<UInt8>) { bytes = [UInt8](copying: head) }

    /// The next line without its terminator; empty at the end of the head.
    mutating func next() -> ArraySlice<UInt8> {
        let line = bytes[start...].prefix { $0 != 0x0D }
        start = min(line.endIndex + 2, bytes.count)
        return line
    }
}

/// The minor version of `HTTP/1.0` or `HTTP/1.1`.
private func version(_ text: some Sequence<UInt8>) throws(HeadError) -> UInt8 {
    if text.elementsEqual("HTTP/1.1".utf8) { return 1 }
    if text.elementsEqual("HTTP/1.0".utf8) { return 0 }
    let text = Array(text)
    guard text.count == 8, text.starts(with: "HTTP/".utf8), text[6] == UInt8(ascii: "."),
        decimal([text[5], text[7]]) != nil
    else { throw HeadError(400, "malformed HTTP version") }
    throw HeadError(505, "HTTP/1.1 is required")
}

private func headerFields(
    _ lines: inout HeadLines, limit: Int
) throws(HeadError) -> HeaderFields {
    var fields: [HeaderField] = []
    while true {
        let line = lines.next()
        if line.isEmpty { return HeaderFields(fields) }
        guard fields.count < limit else { throw HeadError(431, "too many header fields") }
        fields.append(try headerField(line))
    }
}

private func headerField(_ line: ArraySlice<UInt8>) throws(HeadError) -> HeaderField {
    // RFC 9112 section 5.2: a server must refuse a folded line or unfold it; parsers differ.
    guard line.first != 0x20, line.first != 0x09 else { throw HeadError(400, "folded header line") }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
        throw HeadError(400, "header line without colon")
    }
    // This also catches a space before the colon (RFC 9112 section 5.1).
    guard isToken(line[..<colon]) else { throw HeadError(400, "malformed header name") }
    return HeaderField(
        parsedName: String(decoding: line[..<colon], as: UTF8.self),
        value: Array(trimmed(line[(colon + 1)...])))
}

/// Visible ASCII except `#`: a fragment is never sent (RFC 9112 section 3.2).
func isTargetByte(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "#")
}

private func trimmed(_ bytes: [UInt8], suffix: String.UTF8View) -> ArraySlice<UInt8> {
    let isThere = bytes.count > suffix.count && bytes.suffix(suffix.count).elementsEqual(suffix)
    return isThere ? bytes.dropLast(suffix.count) : bytes[...]
}

/// The bytes of a host with a port, including bracketed IPv6 (RFC 3986 section 3.2.2), without
/// those that would make it a list, a path or a user.
func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "@"),
        UInt8(ascii: ","), UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "<"),
        UInt8(ascii: ">"):
        false
    default: byte > 0x20 && byte < 0x7F
    }
}

/// A number of at most 15 digits and nothing else: no sign, no space, no list.
func decimal(_ digits: some Collection<UInt8>) -> Int? {
    guard (1...15).contains(digits.count) else { return nil }
    var number = 0
    for digit in digits {
        guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
        number = number * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return number
}
