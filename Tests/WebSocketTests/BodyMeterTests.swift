import Testing

@testable import WebSocket

/// Every body is read whole, byte by byte, and with bytes behind it that are not its own.
@Suite struct BodyMeterTests {
    private func take(
        _ framing: BodyFraming, _ text: String, pieces: Int
    ) throws(HeadError) -> (kept: String, isComplete: Bool) {
        var meter = BodyMeter(framing)
        let bytes = Array(text.utf8)
        var kept: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            let piece = Array(bytes[start..<min(start + pieces, bytes.count)])
            for range in try meter.add(piece.span) { kept += piece[range] }
        }
        return (String(decoding: kept, as: UTF8.self), meter.isComplete)
    }

    /// As received, and as forwarded: chunks lose their extensions, and trailers their fields.
    static let bodies: [(BodyFraming, String, String)] = [
        (.length(5), "hello", "hello"), (.length(0), "", ""),
        (.chunked, "0\r\n\r\n", "0\r\n\r\n"),
        (.chunked, "5\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n"),
        (
            .chunked, "1;name=\"value\"\r\nx\r\nA\r\n0123456789\r\n00;last\r\n\r\n",
            "1\r\nx\r\nA\r\n0123456789\r\n00\r\n\r\n"
        ),
        (
            .chunked, "3\r\nabc\r\n0\r\nTrailer: yes\r\nAnother: one\r\n\r\n",
            "3\r\nabc\r\n0\r\n\r\n"
        ),
    ]

    @Test("a body ends where its framing says it does", arguments: bodies)
    func ends(framing: BodyFraming, text: String, forwarded: String) throws {
        for pieces in [1, 2, 3, 1000] {
            for behind in ["", "GET / HTTP/1.1\r\n", "\r\n"] {
                let (kept, isComplete) = try take(framing, text + behind, pieces: pieces)
                #expect(kept == forwarded && isComplete, "\(text) by \(pieces)")
            }
        }
    }

    @Test("a partial body is not complete", arguments: bodies)
    func isCut(framing: BodyFraming, text: String, forwarded _: String) throws {
        for length in 0..<max(text.utf8.count, 1) where length < text.utf8.count {
            #expect(
                try !take(
                    framing, String(decoding: Array(text.utf8.prefix(length)), as: UTF8.self),
                    pieces: 1000
                ).isComplete)
        }
    }

    @Test("a body without an end takes everything")
    func untilClose() throws {
        let (kept, isComplete) = try take(.untilClose, "anything at all", pieces: 4)
        #expect(
            kept == "anything at all" && !isComplete && BodyMeter(.untilClose).endsWithConnection)
    }

    @Test(
        "chunks that are none are refused",
        arguments: [
            "\r\n", "g\r\n", "5\nhello", "5\r\nhelloX", "5\r\nhello\rX", "1234567890abcdef0\r\n",
            "0\r\n\u{1}", "0\r\nA\r\r", ";x\r\n", "0\r\n" + String(repeating: "a", count: 5000),
        ])
    func malformed(text: String) {
        for pieces in [1, 7, 10_000] {
            #expect(throws: HeadError.self) { try take(.chunked, text, pieces: pieces) }
        }
    }

    @Test("an answer is passed on with one framing, and its connection ends")
    func answers() throws {
        func passed(_ head: String, _ method: String = "GET") throws -> (
            String, BodyFraming
        ) {
            let parsed = try #require(try ResponseHead.parse(Array(head.utf8).span))
            let (bytes, framing) = try ForwardedHead.answer(parsed, toMethod: method)
            return (String(decoding: bytes, as: UTF8.self), framing)
        }
        let both = try passed(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n"
                + "Connection: x-hop\r\nX-Hop: 1\r\nSet-Cookie: a=b\r\n\r\n")
        #expect(
            both.0
                == "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nTransfer-Encoding: chunked\r\n"
                + "Connection: close\r\n\r\n")
        #expect(both.1 == .chunked)
        #expect(try passed("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "HEAD").1 == .length(0))
        #expect(try passed("HTTP/1.1 100 Continue\r\n\r\n").0 == "HTTP/1.1 100 Continue\r\n\r\n")
        #expect(try passed("HTTP/1.0 200 OK\r\n\r\n").1 == .untilClose)
        let none = try passed("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n")
        #expect(none.0 == "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        #expect(none.1 == .length(0))
        for framing in [
            "Transfer-Encoding: gzip, chunked", "Content-Length: 3\r\nContent-Length: 4",
            "Content-Length: -3",
        ] {
            #expect(throws: HeadError.self) {
                try passed("HTTP/1.1 200 OK\r\n\(framing)\r\n\r\n")
            }
        }
    }
}
