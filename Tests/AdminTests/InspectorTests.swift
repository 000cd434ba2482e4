import Admin
import Foundation
import Inspector
import Ledger
import Testing

@Suite("The API of the admin port", .serialized)
struct InspectorTests {
    private func filled(token: String? = nil, secrets: [String] = []) throws -> InspectedLedger {
        let books = try InspectedLedger(token: token, secrets: secrets)
        books.write(
            books.session("aaaa1", at: 0)
                + books.session(
                    "bbbb2", tenant: "kiosk", at: 10, code: 1011, outcome: "gemini_closed")
                + books.session("cccc3", model: "gemini-2.5-flash", at: 20)
                + books.session("dddd4", at: 30, isLive: true)
                + [books.event("dddd4", 9, "stalled", "turn 2 stalled: no_output")])
        return books
    }

    private func ids(_ books: InspectedLedger, _ target: String) throws -> [String] {
        try books.json(target, as: [[String: Any]].self).compactMap { $0["id"] as? String }
    }

    @Test("lists sessions, the newest first, with what live ones are doing")
    func list() throws {
        let books = try filled()
        let rows = try books.json("/api/sessions", as: [[String: Any]].self)
        #expect(rows.compactMap { $0["id"] as? String } == ["dddd4", "cccc3", "bbbb2", "aaaa1"])
        let live = try #require(rows.first)
        #expect(live["state"] as? String == "stalled")
        #expect(live["state_since"] as? String == "2026-11-21T08:00:39.000Z")
        #expect(live["remedies"] as? [String: Int] == ["stalled": 1])
        #expect(live["ended"] is NSNull)
        let failed = rows[2]
        #expect(failed["outcome"] as? String == "gemini_closed")
        #expect(failed["state"] is NSNull)
        #expect((failed["gemini_close"] as? [String: Any])?["code"] as? Int == 1011)
        #expect((failed["client_close"] as? [String: Any])?["reason"] as? String == "bye")
        #expect(failed["turn_count"] as? Int == 1)
        #expect(failed["connection_count"] as? Int == 1)
        #expect(failed["cost_usd"] as? Double == 0.00078)
    }

    @Test(
        "finds sessions by id, tenant, model, close code, outcome and state",
        arguments: [
            ("q=aaa", ["aaaa1"]), ("q=kiosk", ["bbbb2"]), ("q=1011", ["bbbb2"]),
            ("q=2.5-flash", ["cccc3"]), ("q=nothing", []), ("close_code=1011", ["bbbb2"]),
            ("tenant=kiosk", ["bbbb2"]), ("model=2.5", ["cccc3"]),
            ("outcome=gemini_closed", ["bbbb2"]), ("outcome=live", ["dddd4"]),
            ("state=live", ["dddd4"]), ("state=ended&tenant=acme", ["cccc3", "aaaa1"]),
            ("tenant=kio*", ["bbbb2"]), ("tenant=kio", []), ("outcome=gemini*", ["bbbb2"]),
            ("close_code=101*", ["bbbb2"]), ("words=nobody%20said", []),
            ("trouble=1", ["dddd4", "bbbb2"]),
            ("trouble=0&limit=1", ["cccc3"]),
            ("since=2026-11-21T08:00:20", ["dddd4", "cccc3"]),
            ("until=2026-11-21T08:00:10", ["aaaa1"]), ("q=%25&tenant=%27%20OR%201=1", []),
        ])
    func search(query: String, expected: [String]) throws {
        #expect(try ids(filled(), "/api/sessions?\(query)") == expected)
    }

    @Test("pages follow the Link header to the end, each session once")
    func pages() throws {
        let books = try filled()
        // Two that began at once must not be lost between pages.
        books.write(books.session("eeee5", at: 20) + books.session("ffff6", at: 20))
        var target = "/api/sessions?limit=1"
        var found: [String] = []
        for _ in 0..<10 {
            let answer = try books.get(target)
            let rows = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [[String: Any]]
            found += (rows ?? []).compactMap { $0["id"] as? String }
            guard let link = answer.headers["link"] else { break }
            let start = try #require(link.firstIndex(of: "?"))
            let end = try #require(link.firstIndex(of: ">"))
            #expect(link.hasSuffix("; rel=\"next\""))
            target = "/api/sessions" + link[start..<end]
        }
        #expect(found == ["dddd4", "cccc3", "eeee5", "ffff6", "bbbb2", "aaaa1"])
    }

    @Test(
        "a question that makes no sense is answered with what is wrong",
        arguments: [
            ("/api/sessions?colour=red", "colour"), ("/api/sessions?limit=0", "limit"),
            ("/api/sessions?close_code=x", "close_code"), ("/api/sessions?since=then", "since"),
            ("/api/sessions?state=half", "state"), ("/api/sessions?after=x", "after"),
            ("/api/usage?by=colour", "by is one of"), ("/api/usage?until=%22", "until"),
        ])
    func mistakes(target: String, word: String) throws {
        let answer = try filled().get(target)
        #expect(answer.status == 400)
        let json = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: String]
        #expect(json?["error"]?.contains(word) == true)
    }

    @Test("shows one session like the command line, by its whole id or its start")
    func session() throws {
        let books = try filled()
        for name in ["bbbb2", "bbbb"] {
            let session = try books.json("/api/sessions/\(name)", as: [String: Any].self)
            #expect(session["id"] as? String == "bbbb2")
            for (part, count) in [
                ("turns", 1), ("connections", 1), ("events", 5), ("tool_calls", 0),
            ] {
                #expect((session[part] as? [Any])?.count == count, "\(part)")
            }
        }
        #expect(try books.get("/api/sessions/nobody").status == 404)
        #expect(try books.get("/api/sessions/nobody/events").status == 404)
        #expect(try books.get("/api/sessions/nobody/bundle").status == 404)
    }

    @Test("usage is grouped, filtered and formatted like the command line's")
    func usage() throws {
        let books = try filled()
        func rows(_ query: String) throws -> [[String: Any]] {
            try books.json("/api/usage?\(query)", as: [[String: Any]].self)
        }
        #expect(try rows("").count == 3)
        #expect(try rows("by=tenant").compactMap { $0["tenant"] as? String } == ["acme", "kiosk"])
        #expect(try rows("by=model").count == 2)
        #expect(try rows("by=session").count == 4)
        #expect(try rows("by=day").first?["day"] as? String == "2026-11-21")
        #expect(try rows("by=day%2Btenant").count == 2)
        #expect(try rows("by=day+tenant").count == 2)
        #expect(try rows("by=tenant&tenant=kiosk").first?["turns"] as? Int == 1)
        #expect(try rows("by=tenant&since=2026-11-22").isEmpty)
        let row = try #require(try rows("by=tenant").first)
        let tokens = try #require(row["tokens"] as? [String: Any])
        #expect((tokens["prompt"] as? [String: Any])?["audio"] as? Int == 300)
        #expect(row["cost_usd"] as? Double == 0.00234)
    }

    @Test("a bundle is a file without secrets")
    func bundle() throws {
        let books = try filled(secrets: ["hush-hush-value"])
        books.write([books.event("dddd4", 10, "closed", "said hush-hush-value and key=abcdef123")])
        let answer = try books.get("/api/sessions/dddd4/bundle")
        #expect(answer.status == 200)
        #expect(
            answer.headers["content-disposition"]
                == "attachment; filename=\"turnkeeper-dddd4.json\"")
        #expect(answer.text.contains("said [redacted] and key=[redacted]"))
        #expect(!answer.text.contains("hush"))
    }

    @Test("without a ledger the API says so, and the page is served")
    func withoutLedger() throws {
        let inspector = try Inspector(
            ledger: nil, version: "1.0", condition: { Ledger.Condition() },
            scrub: { Redaction() })
        let server = try AdminServer.start(host: "127.0.0.1", port: 0, routes: inspector.routes)
        defer { server.stop() }
        for target in ["/api/sessions", "/api/events", "/api/usage", "/api/sessions/a"] {
            let answer = try RawClient(port: server.port).request(target)
            #expect(answer.status == 503)
            #expect(answer.text.contains("keeps no ledger"))
        }
        #expect(try RawClient(port: server.port).request("/ui").status == 200)
    }

    @Test("a ledger that cannot be read is a 503 with the reason, until it can be")
    func unreadable() throws {
        let folder = NSTemporaryDirectory() + "inspector-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let inspector = try Inspector(
            ledger: .file(folder + "/ledger.db"), version: "1.0", condition: { Ledger.Condition() },
            scrub: { Redaction() })
        defer { inspector.stop() }
        let server = try AdminServer.start(host: "127.0.0.1", port: 0, routes: inspector.routes)
        defer { server.stop() }
        let refused = try RawClient(port: server.port).request("/api/sessions")
        #expect(refused.status == 503)
        #expect(refused.text.contains("no such file"))
        let ledger = try Ledger.open(folder + "/ledger.db").get()
        defer { ledger.close() }
        #expect(try RawClient(port: server.port).request("/api/sessions").text == "[]")
    }

    // MARK: Who may ask

    @Test("with a token the API requires it, the page's files do not")
    func token() throws {
        let books = try filled(token: "a-long-enough-token")
        for target in [
            "/api/sessions", "/api/sessions/aaaa1", "/api/sessions/aaaa1/events", "/api/events",
            "/api/usage", "/api/sessions/aaaa1/bundle", "/api/sessions/aaaa1/sound",
            "/api/sessions/aaaa1/sound.wav",
        ] {
            #expect(try books.get(target).status == 401, "\(target)")
        }
        for target in ["/ui", "/ui/main.js", "/healthz"] {
            #expect(try books.get(target).status == 200, "\(target)")
        }
        let right = ["Authorization: Bearer a-long-enough-token"]
        #expect(try books.get("/api/sessions", headers: right).status == 200)
        let events = try EventReader(port: books.server.port, "/api/events", headers: right)
        #expect(try events.next().name == "fleet")
    }

    @Test("without a token no public name is accepted, because a hostile page's could lead here")
    func rebinding() throws {
        let books = try filled()
        func status(host: String) throws -> Int {
            let client = try RawClient(port: books.server.port)
            try client.send("GET /api/sessions HTTP/1.1\r\nHost: \(host)\r\n\r\n")
            return try Answer(from: client).status
        }
        for host in [
            "localhost:8081", "127.0.0.1:8081", "[::1]:8081", "10.0.0.7", "LOCALHOST",
            "tk.localhost",
        ] {
            #expect(try status(host: host) == 200, "\(host)")
        }
        for host in [
            "evil.example", "evil.example:8081", "127.0.0.1.evil.example", "1.2.3.4.5", "", ":8081",
            "[", "[evil.example]", "[::1", "[::1]x", "localhost:x", "localhost:1:2", "127.0.0.1:",
            "a b", "a/b", "user@localhost", "+1.0.0.1", "proxy", "evil:8081", "localhost.evil",
        ] {
            #expect(try status(host: host) == 421, "\(host)")
        }
    }

    @Test("requests from pages of other origins are refused")
    func origins() throws {
        let books = try filled()
        func status(origin: String) throws -> Int {
            let client = try RawClient(port: books.server.port)
            try client.send(
                "GET /api/sessions HTTP/1.1\r\nHost: localhost:8081\r\nOrigin: \(origin)\r\n\r\n")
            return try Answer(from: client).status
        }
        #expect(try status(origin: "http://localhost:8081") == 200)
        for origin in ["null", "http://evil.example", "http://localhost:8082", "x"] {
            #expect(try status(origin: origin) == 403, "\(origin)")
        }
    }

    @Test("user data is not cached, and other sites cannot read it")
    func headers() throws {
        let books = try filled()
        for target in ["/api/sessions", "/api/usage", "/api/sessions/aaaa1", "/api/sessions?x=1"] {
            let headers = try books.get(target).headers
            #expect(headers["cache-control"] == "no-store")
            #expect(headers["cross-origin-resource-policy"] == "same-origin")
            #expect(headers["x-content-type-options"] == "nosniff")
        }
    }
}
