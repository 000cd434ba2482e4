/// Finds the end of an HTTP/1.1 body that is being forwarded, without keeping any of it. Its framing
/// is forwarded but for extensions of chunks and trailer fields (RFC 9112 section 7.1): nobody
/// examines what they say, and the next hop might.
public struct BodyMeter: Sendable {
    private enum State: Sendable {
        case data(remaining: Int)
        case size(Int, digits: Int)
        case sizeExtension(Int)
        case sizeEnd(Int)
        case chunk(remaining: Int)
        case chunkEnd
        case chunkEndFeed
        /// In the lines after the last chunk: the length of the current one so far.
        case trailer(Int)
        case trailerFeed(isLast: Bool)
        case untilClose
        case done
    }

    /// Longest line of a trailer, and longest extension of a chunk size.
    private static let longestLine = 4096

    private var state: State

    public init(_ framing: BodyFraming) {
        switch framing {
        case .length(let length): state = length > 0 ? .data(remaining: length) : .done
        case .chunked: state = .size(0, digits: 0)
        case .untilClose, .unclear: state = .untilClose
        }
    }

    public var isComplete: Bool {
        if case .done = state { true } else { false }
    }

    /// The body ends with its connection.
    public var endsWithConnection: Bool {
        if case .untilClose = state { true } else { false }
    }

    /// The ranges of these bytes to forward, in order; what follows a complete body is in none.
    /// Throws 400 if chunks are malformed.
    public mutating func add(_ bytes: Span<UInt8>) throws(HeadError) -> [Range<Int>] {
        var kept: [Range<Int>] = []
        var at = 0
        while at < bytes.count, !isComplete {
            let start = at
            let isDropped = drops(bytes[at])
            at = try advance(bytes, at)
            if isDropped { continue }
            if let last = kept.last, last.upperBound == start {
                kept[kept.count - 1] = last.lowerBound..<at
            } else {
                kept.append(start..<at)
            }
        }
        return kept
    }

    /// Whether the next byte belongs to an extension or to a field of the trailer.
    private func drops(_ byte: UInt8) -> Bool {
        switch state {
        case .size: byte == UInt8(ascii: ";")
        case .sizeExtension: byte != 0x0D
        case .trailer(let length): length > 0 || byte != 0x0D
        case .trailerFeed(let isLast): !isLast
        case .data, .sizeEnd, .chunk, .chunkEnd, .chunkEndFeed, .untilClose, .done: false
        }
    }

    /// The position after the next byte, or after all of the body that is here.
    private mutating func advance(_ bytes: Span<UInt8>, _ start: Int) throws(HeadError) -> Int {
        switch state {
        case .data(let remaining):
            let count = min(remaining, bytes.count - start)
            state = count < remaining ? .data(remaining: remaining - count) : .done
            return start + count
        case .chunk(let remaining):
            let count = min(remaining, bytes.count - start)
            state = count < remaining ? .chunk(remaining: remaining - count) : .chunkEnd
            return start + count
        case .untilClose: return bytes.count
        default:
            try step(bytes[start])
            return start + 1
        }
    }

    private mutating func step(_ byte: UInt8) throws(HeadError) {
        switch state {
        case .size(let size, let digits): state = try self.size(size, digits, byte)
        case .sizeExtension(let size):
            if byte == 0x0D { state = .sizeEnd(size) } else { try check(isFieldByte(byte)) }
        case .sizeEnd(let size):
            try check(byte == 0x0A)
            state = size == 0 ? .trailer(0) : .chunk(remaining: size)
        case .chunkEnd:
            try check(byte == 0x0D)
            state = .chunkEndFeed
        case .chunkEndFeed:
            try check(byte == 0x0A)
            state = .size(0, digits: 0)
        case .trailer(let length):
            if byte == 0x0D {
                state = .trailerFeed(isLast: length == 0)
            } else {
                try check(isFieldByte(byte) && length < Self.longestLine)
                state = .trailer(length + 1)
            }
        case .trailerFeed(let isLast):
            try check(byte == 0x0A)
            state = isLast ? .done : .trailer(0)
        case .data, .chunk, .untilClose, .done: break
        }
    }

    private func size(_ size: Int, _ digits: Int, _ byte: UInt8) throws(HeadError) -> State {
        switch byte {
        case 0x0D where digits > 0: return .sizeEnd(size)
        case UInt8(ascii: ";") where digits > 0: return .sizeExtension(size)
        default:
            // Fifteen digits are a petabyte, and far from overflow.
            guard let digit = hexDigit(byte), digits < 15 else {
                throw HeadError(400, "malformed chunk")
            }
            return .size(size << 4 | digit, digits: digits + 1)
        }
    }

    private func check(_ holds: Bool) throws(HeadError) {
        guard holds else { throw HeadError(400, "malformed chunk") }
    }
}

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
