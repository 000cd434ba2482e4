import Testing
import WebSocket

struct HeadTests {
    static let good = """
        GET //ws/a.B?key=x%20y&&z HTTP/1.1\r
        Host: localhost:8080\r
        uPGRADE: websocket\r
        Connection: keep-alive, Upgrade\r
        X-Empty:\r
        X-Padded: \t two  words \t\r
        X-Twice: 1\r
        x-twice: , 2 ,\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        \r

        """

    @Test("a head is read alike as a whole, byte by byte, and with frames after it")
    func threeWays() throws {
        let bytes = Array(Self.good.utf8)
        let head = try #require(try request(bytes).get())
        #expect(head.length == bytes.count)
        #expect(head.method == "GET")
        #expect(head.target == "//ws/a.B?key=x%20y&&z")
        #expect(head.host == "localhost:8080")
        #expect(head.headers.fields.map(\.name).prefix(3) == ["Host", "uPGRADE", "Connection"])
        #expect(head.headers.first("upgrade") == "websocket")
        #expect(head.headers.first("X-Empty") == "")
        #expect(head.headers.first("X-Padded") == "two  words")
        #expect(head.headers.all("X-TWICE").map(\.text) == ["1", ", 2 ,"])
        #expect(head.headers.list("x-Twice") == ["1", "2"])
        #expect(head.headers.list("connection", contains: "UPGRADE"))
        #expect(!head.headers.list("connection", contains: "keep"))
        #expect(head.headers.first("absent") == nil)
    }

    @Test("a value may contain bytes that are not UTF-8, and keeps them")
    func foreignBytes() throws {
        let bytes =
            Array("GET / HTTP/1.1\r\nHost: a\r\nX: ".utf8) + [0xFF, 0xE4] + Array("\r\n\r\n".utf8)
        let head = try #require(try request(bytes).get())
        #expect(head.headers.all("x").map(\.value) == [[0xFF, 0xE4]])
    }

    static let start = "GET / HTTP/1.1\r\nHost: a\r\n"
    static let refused: [(String, UInt16)] = [
        ("GET / HTTP/1.1\nHost: a\n\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\rX: b\r\n\r\n", 400),
        ("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: me@a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400),
        (start + "host: a\r\n\r\n", 400),
        (start + "X: a\r\n b\r\n\r\n", 400),
        (start + "X: a\r\n\tb\r\n\r\n", 400),
        (start + "X : a\r\n\r\n", 400),
        (start + ": a\r\n\r\n", 400),
        (start + "X\r\n\r\n", 400),
        (start + "X Y: a\r\n\r\n", 400),
        (start + "X\u{e4}: a\r\n\r\n", 400),
        (start + "X: a\0b\r\n\r\n", 400),
        (start + "X: a\u{7f}b\r\n\r\n", 400),
        (start + "X: a\u{1b}[2J\r\n\r\n", 400),
        (start + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400),
        (start + "Content-Length: 1, 1\r\n\r\n", 400),
        (start + "Content-Length: +1\r\n\r\n", 400),
        (start + "Content-Length: 99999999999999999999\r\n\r\n", 400),
        (start + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (start + "transfer-encoding: gzip, chunked\r\n\r\n", 501),
        (start + "Transfer-Encoding: \u{0b}chunked\r\n\r\n", 400),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400),
        (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /\u{e4} HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /#a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1x\r\nHost: a\r\n\r\n", 400),
        ("GET / http/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        ("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET http:///x HTTP/1.0\r\n\r\n", 400),
        ("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET a/b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /" + String(repeating: "a", count: 9000) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (String(repeating: "a", count: 20000), 414),
        (start + "X: " + String(repeating: "a", count: 17000), 431),
        (start + String(repeating: "X: a\r\n", count: 101) + "\r\n", 431),
        ("\u{16}\u{3}\u{1}", 400),
    ]

    @Test("health checks of balancers may use HTTP/1.0 without a host")
    func oldVersion() throws {
        for text in ["GET /readyz HTTP/1.0\r\n\r\n", "GET /readyz HTTP/1.0\r\nHost: a\r\n\r\n"] {
            let head = try #require(try request(Array(text.utf8)).get())
            #expect(head.target == "/readyz" && head.minorVersion == 0)
            #expect(throws: HeadError.self) { try Upgrade.validate(head) }
        }
    }

    @Test("an absolute target is reduced to its path if it names the same host")
    func absoluteTarget() throws {
        for (target, path) in [
            ("http://a:80/x?y=z", "/x?y=z"), ("WSS://A:80/x", "/x"), ("http://a:80", "/"),
            ("https://a:80?q", "/?q"),
        ] {
            let text = "GET \(target) HTTP/1.1\r\nHost: a:80\r\n\r\n"
            let head = try #require(try request(Array(text.utf8)).get())
            #expect(head.target == path && head.host == "a:80")
        }
    }

    @Test("the port that a scheme implies may be named once, twice or not at all")
    func impliedPort() throws {
        for (target, host, isSame) in [
            ("http://a:80/x", "a", true), ("http://a/x", "a:80", true), ("ws://A/x", "a:80", true),
            ("https://a:443/x", "a", true), ("wss://a/x", "a:443", true),
            ("http://[::1]/x", "[::1]:80", true), ("http://a:443/x", "a", false),
            ("https://a:80/x", "a", false), ("http://a:8080/x", "a", false),
            ("http://a/x", "a:443", false), ("http://:80/x", "a", false),
        ] {
            let text = "GET \(target) HTTP/1.1\r\nHost: \(host)\r\n\r\n"
            let head = try? request(Array(text.utf8)).get()
            #expect((head != nil) == isSame, "\(target) \(host)")
        }
    }

    @Test("attacks and mistakes are refused with the right status", arguments: refused)
    func refusals(text: String, status: UInt16) {
        let outcome = request(Array(text.utf8))
        guard case .failure(let error) = outcome else {
            Issue.record("accepted: \(outcome)")
            return
        }
        #expect(error.status == status, "\(error.reason)")
    }

    @Test("a head of exactly the limit passes, one byte more does not")
    func exactLimit() throws {
        let bytes = Array(Self.good.utf8)
        func status(_ limit: Int) -> UInt16? {
            do throws(HeadError) {
                let limits = HeadLimits(bytes: limit)
                return try RequestHead.parse(bytes.span, limits: limits) == nil ? 0 : nil
            } catch {
                return error.status
            }
        }
        #expect(status(bytes.count) == nil)
        #expect(status(bytes.count - 1) == 431)
    }

    @Test("a response is read alike in the same three ways; a wrong one is the upstream's fault")
    func responses() throws {
        let text = "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 2\r\n\r\n"
        let head = try #require(try response(Array(text.utf8)).get())
        #expect(head.status == 429 && head.minorVersion == 1 && head.length == text.utf8.count)
        #expect(head.reason == Array("Too Many Requests".utf8))
        for accepted in [
            "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200\r\n\r\n", "HTTP/1.1 204 \r\n\r\n",
        ] {
            #expect(try response(Array(accepted.utf8)).get() != nil)
        }
        for refused in [
            "HTTP/1.1 99 OK\r\n\r\n", "HTTP/1.1 600 OK\r\n\r\n", "HTTP/1.1 1000 OK\r\n\r\n",
            "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 +20 OK\r\n\r\n", "HTTP/2 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\n\n", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "SSH-2.0-x\r\n\r\n",
            "HTTP/1.1 200 OK\r\n a\r\n\r\n", "HTTP/1.1\r\n\r\n",
        ] {
            guard case .failure(let error) = response(Array(refused.utf8)) else {
                Issue.record("accepted: \(refused)")
                continue
            }
            #expect(error.status == 502)
        }
    }

    @Test("no header field can contain a line end")
    func fields() {
        #expect(HeaderField("X-A", " b ")?.value == [98])
        for (name, value) in [
            ("", "a"), ("X Y", "a"), ("X:", "a"), ("X", "a\r\nY: b"), ("X", "\0"),
        ] {
            #expect(HeaderField(name, value) == nil)
        }
    }
}

/// The outcome of a parser that must come to the same end whole, byte by byte and with trailing
/// bytes.
private func threeWays<Head: Equatable>(
    _ bytes: [UInt8],
    _ parse: (Span<UInt8>, inout HeadScanner) throws(HeadError) -> Head?
) -> Result<Head?, HeadError> {
    func once(_ bytes: [UInt8], _ ends: [Int]) -> Result<Head?, HeadError> {
        var scanner = HeadScanner()
        do throws(HeadError) {
            for end in ends {
                if let head = try parse(bytes.span.extracting(0..<end), &scanner) {
                    return .success(head)
                }
            }
            return .success(nil)
        } catch {
            return .failure(error)
        }
    }
    let whole = once(bytes, [bytes.count])
    #expect(once(bytes, Array(0...bytes.count)) == whole)
    if case .success(_?) = whole {
        let trailed = bytes + [0x81, 0x00, 0x0A]
        #expect(once(trailed, [trailed.count]) == whole)
    }
    return whole
}

func request(_ bytes: [UInt8]) -> Result<RequestHead?, HeadError> {
    threeWays(bytes) { span, scanner throws(HeadError) in
        try RequestHead.parse(span, resuming: &scanner)
    }
}

func response(_ bytes: [UInt8]) -> Result<ResponseHead?, HeadError> {
    threeWays(bytes) { span, scanner throws(HeadError) in
        try ResponseHead.parse(span, resuming: &scanner)
    }
}
