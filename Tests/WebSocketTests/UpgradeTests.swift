import Testing
import WebSocket

struct UpgradeTests {
    static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    // SHA-1 of the RFC's sample key and the GUID (RFC 6455 section 1.3).
    static let digest: [UInt8] = [
        0xb3, 0x7a, 0x4f, 0x2c, 0xc0, 0x62, 0x4f, 0x16, 0x90, 0xf6, 0x46, 0x06, 0xcf, 0x38, 0x59,
        0x45,
        0xb2, 0xbe, 0xc4, 0xea,
    ]
    static let fields = [
        "Host: a", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: \(key)",
    ]

    private func head(_ fields: [String], method: String = "GET") throws -> RequestHead {
        let text = "\(method) /x HTTP/1.1\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
        return try #require(try request(Array(text.utf8)).get())
    }

    @Test("the RFC's example")
    func sample() {
        #expect(
            Upgrade.acceptInput(key: Self.key)
                == Array((Self.key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        #expect(Upgrade.accept(digest: Self.digest) == Self.accept)
        #expect(Upgrade.key(nonce: Array("the sample nonce".utf8)) == Self.key)
        #expect(Upgrade.key(nonce: [255]) == "/w==" && Upgrade.key(nonce: []) == "")
        #expect(Upgrade.key(nonce: [251, 255]) == "+/8=")
    }

    @Test("an upgrade request is accepted, with subprotocols of any length")
    func accepts() throws {
        let long = "openai-insecure-api-key." + String(repeating: "k", count: 400)
        let upgrade = try Upgrade.validate(
            head(
                Self.fields + [
                    "Sec-WebSocket-Protocol: realtime, \(long)", "Sec-WebSocket-Protocol: b",
                    "Sec-WebSocket-Extensions: permessage-deflate", "Content-Length: 0",
                ]))
        #expect(upgrade.target == "/x" && upgrade.key == Self.key)
        #expect(upgrade.subprotocols == ["realtime", long, "b"])
        let lists = [
            "Host: a", "UPGRADE: h2c, WebSocket", "Connection: keep-alive", "connection: UPGRADE",
            "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: \(Self.key)",
        ]
        #expect(try Upgrade.validate(head(lists)).subprotocols.isEmpty)
    }

    @Test(
        "what is no request to upgrade is refused with its status",
        arguments: [
            ("Upgrade: websocket", "Upgrade: h2c", 426),
            ("Upgrade: websocket", "X: y", 426),
            ("Connection: Upgrade", "Connection: keep-alive", 426),
            ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8", 426),
            ("Sec-WebSocket-Version: 13", "X: y", 426),
            ("Sec-WebSocket-Key: \(key)", "X: y", 400),
            ("Sec-WebSocket-Key: \(key)", "Sec-WebSocket-Key: dGhlIHNhbXBsZQ==", 400),
            ("Sec-WebSocket-Key: \(key)", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j!Q==", 400),
            (
                "Sec-WebSocket-Key: \(key)",
                "Sec-WebSocket-Key: \(key)\r\nSec-WebSocket-Key: \(key)", 400
            ),
            ("Host: a", "Host: a\r\nContent-Length: 5", 400),
            ("Host: a", "Host: a\r\nSec-WebSocket-Protocol: a b", 400),
        ] as [(String, String, UInt16)])
    func refuses(field: String, replacement: String, status: UInt16) throws {
        let fields = Self.fields.map { $0 == field ? replacement : $0 }
        let request = try head(fields)
        let error = #expect(throws: HeadError.self) { try Upgrade.validate(request) }
        #expect(error?.status == status)
    }

    @Test("refusals are complete answers that say what they require")
    func refusalAnswers() throws {
        let post = try head(Self.fields, method: "POST")
        let error = try #require(#expect(throws: HeadError.self) { try Upgrade.validate(post) })
        let answer = try #require(try response(error.response()).get())
        #expect(answer.status == 405 && answer.headers.first("Allow") == "GET")
        #expect(answer.headers.list("Connection") == ["close"])
        #expect(
            answer.length + (Int(answer.headers.first("Content-Length") ?? "") ?? 0)
                == error.response().count)
        let upgrade = try #require(try response(HeadError(426, "x").response()).get())
        #expect(upgrade.headers.all("Sec-WebSocket-Version").map(\.text) == ["13"])
        #expect(upgrade.headers.first("Upgrade") == "websocket")
    }

    @Test("our client accepts our answer, and our server our request")
    func bothEnds() throws {
        let extra = try #require(HeaderField("X-Session", "s1"))
        let bytes = Upgrade.response(accept: Self.accept, subprotocol: "b", extraHeaders: [extra])
        let answer = try #require(try response(bytes).get())
        #expect(answer.length == bytes.count && answer.headers.first("x-session") == "s1")
        #expect(
            try Upgrade.validate(answer, accept: Self.accept, offered: ["a", "b"])
                == .accepted(subprotocol: "b"))

        let sent = try Upgrade.request(
            target: "//p?q=%20", host: "gemini.example:443", key: Self.key, headers: [extra],
            subprotocols: ["a", "b"])
        let received = try #require(try request(sent).get())
        let upgrade = try Upgrade.validate(received)
        #expect(upgrade.target == "//p?q=%20" && received.host == "gemini.example:443")
        #expect(upgrade.subprotocols == ["a", "b"] && received.headers.first("X-Session") == "s1")
    }

    @Test("a request cannot be split by its content")
    func noSplitting() {
        let key = Self.key
        for (target, host, subprotocol) in [
            ("/a HTTP/1.1\r\nX: y", "h", "p"), ("a", "h", "p"), ("/", "h\r\nX: y", "p"),
            ("/", "", "p"),
            ("/", "h", "p\r\nX: y"), ("/", "h", "p, q"), ("/", "h", ""),
        ] {
            #expect(throws: HeadError.self) {
                try Upgrade.request(
                    target: target, host: host, key: key, subprotocols: [subprotocol])
            }
        }
    }

    @Test(
        "a 101 that breaks the RFC is the upstream's fault",
        arguments: [
            ("Upgrade: websocket", "Upgrade: h2c"), ("Connection: Upgrade", "Connection: close"),
            ("Sec-WebSocket-Accept: \(accept)", "X: y"),
            (
                "Sec-WebSocket-Accept: \(accept)",
                "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA="
            ),
            ("Connection: Upgrade", "Connection: Upgrade\r\nSec-WebSocket-Extensions: x"),
            ("Connection: Upgrade", "Connection: Upgrade\r\nSec-WebSocket-Protocol: c"),
            ("Connection: Upgrade", "Connection: Upgrade\r\nSec-WebSocket-Protocol: a, b"),
        ])
    func wrongAnswers(field: String, replacement: String) throws {
        let fields = [
            "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: \(Self.accept)",
        ].map { ($0 == field ? replacement : $0) + "\r\n" }.joined()
        let bytes = Array("HTTP/1.1 101 Switching Protocols\r\n\(fields)\r\n".utf8)
        let answer = try #require(try response(bytes).get())
        let error = #expect(throws: HeadError.self) {
            try Upgrade.validate(answer, accept: Self.accept, offered: ["a", "b"])
        }
        #expect(error?.status == 502)
    }

    @Test("a refusal is passed on, and says how its body ends")
    func refusedAnswers() throws {
        let framings: [(String, BodyFraming)] = [
            ("429 A\r\nContent-Length: 7", .length(7)), ("403 A\r\nX: y", .untilClose),
            ("500 A\r\nTransfer-Encoding: Chunked", .chunked), ("204 A\r\nX: y", .length(0)),
            ("500 A\r\nTransfer-Encoding: gzip, chunked", .unclear),
            ("500 A\r\nTransfer-Encoding: chunked\r\nContent-Length: 3", .unclear),
            ("500 A\r\nContent-Length: 3\r\nContent-Length: 4", .unclear),
        ]
        for (text, framing) in framings {
            let answer = try #require(try response(Array("HTTP/1.1 \(text)\r\n\r\n".utf8)).get())
            #expect(
                try Upgrade.validate(answer, accept: Self.accept)
                    == .refused(status: answer.status, headers: answer.headers, body: framing))
        }
        let interim = try #require(try response(Array("HTTP/1.1 103 Hints\r\n\r\n".utf8)).get())
        #expect(try Upgrade.validate(interim, accept: Self.accept) == .interim)
    }

    @Test(
        "a refusal's body is read, however it comes, up to the limit",
        arguments: [
            (.length(5), "hello!", "hello", true), (.length(5), "hel", "hel", false),
            (.length(0), "x", "", true), (.untilClose, "hello", "hello", false),
            (.chunked, "5\r\nhello\r\n3;a=\"b\"\r\n, w\r\n0\r\n\r\n", "hello, w", true),
            (.chunked, "00A\r\n0123456789\r\n0\r\n\r\n", "0123456789", true),
            (.chunked, "00A\r\n0123456789\r\n0\r\nA: b\r\n", "0123456789", false),
            (.chunked, "5\r\nhe", "he", false),
            (.length(20), "0123456789abcdefghij", "0123456789abcdef", true),
            (.untilClose, "0123456789abcdefghij", "0123456789abcdef", true),
        ] as [(BodyFraming, String, String, Bool)])
    func bodies(framing: BodyFraming, sent: String, kept: String, isComplete: Bool) throws {
        var whole = BodyReader(framing, limit: 16)
        var trickled = whole
        try whole.feed(Array(sent.utf8).span)
        for byte in sent.utf8 { try trickled.feed([byte].span) }
        for body in [whole, trickled] {
            #expect(body.bytes == Array(kept.utf8) && body.isComplete == isComplete)
        }
    }

    @Test(
        "malformed chunks are the upstream's fault",
        arguments: [
            "\r\n", "g\r\n", "5\n", "5\r\nhello5", "1234567890123456\r\n", "1;\0\r\n", " 5\r\n",
            "-1\r\n",
        ])
    func badChunks(text: String) {
        var body = BodyReader(.chunked)
        let error = #expect(throws: HeadError.self) { try body.feed(Array(text.utf8).span) }
        #expect(error?.status == 502)
    }

    @Test("credentials and unknown headers reach the upstream; hop-by-hop headers and ours do not")
    func forwarding() throws {
        let passed = [
            "x-goog-api-key: K", "X-Goog-Api-Client: c", "authorization: Bearer t",
            "X-Firebase-AppCheck: f", "Content-Type: application/json", "User-Agent: u",
            "Origin: https://page.example", "X-Custom: 1", "X-Custom: 2", "Accept-Language: de",
        ]
        let dropped = [
            "Cookie: c", "Keep-Alive: 5", "TE: trailers", "Trailer: x", "Content-Length: 0",
            "Expect: 100-continue", "X-Forwarded-For: 1.2.3.4", "x-forwarded-proto: https",
            "Forwarded: for=a", "X-Real-IP: 1.2.3.4", "Via: 1.1 p", "Proxy-Authorization: p",
            "proxy-connection: keep-alive", "Sec-WebSocket-Protocol: a", "HTTP2-Settings: x",
            "Sec-WebSocket-Extensions: x", "X-Hop: named", "Connection: x-hop",
        ]
        let mixed = zip(passed, dropped).flatMap { [$0, $1] } + dropped.suffix(8)
        let out = forwardable(try head(Self.fields + mixed).headers)
        #expect(out.map { "\($0.name): \($0.text)" } == passed)
    }
}
