import Admin
import Basics
import Dispatch
import Foundation
import Synchronization
import Testing

@Suite("The admin port", .serialized)
struct AdminServerTests {
    private func start(
        token: String? = nil, _ routes: [Route] = []
    ) throws -> AdminServer {
        try AdminServer.start(
            host: "127.0.0.1", port: 0, token: token,
            routes: [
                .metrics(contentType: "text/plain; version=0.0.4") { done in
                    done(Array("a_total 1\n".utf8))
                },
                .health, .readiness { true },
            ] + routes)
    }

    private func get(
        _ server: AdminServer, _ target: String, method: String = "GET", headers: [String] = []
    ) throws -> Answer {
        try RawClient(port: server.port).request(target, method: method, headers: headers)
    }

    @Test("serves metrics, health and readiness")
    func basics() throws {
        let server = try start()
        defer { server.stop() }
        #expect(server.port > 0)
        let metrics = try get(server, "/metrics")
        #expect(metrics.status == 200)
        #expect(metrics.text == "a_total 1\n")
        #expect(metrics.headers["content-type"] == "text/plain; version=0.0.4")
        #expect(try get(server, "/healthz").text == "ok\n")
        #expect(try get(server, "/readyz?verbose=1").status == 200)
    }

    @Test("is not ready when the closure says so")
    func notReady() throws {
        let server = try AdminServer.start(
            host: "localhost", port: 0, routes: [.readiness { false }])
        defer { server.stop() }
        #expect(try get(server, "/readyz").status == 503)
    }

    @Test("explains the port's purpose on unknown paths")
    func notFound() throws {
        let server = try start()
        defer { server.stop() }
        let answer = try get(server, "/nothing/here")
        #expect(answer.status == 404)
        #expect(answer.headers["content-type"] == "application/json")
        let json = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: String]
        #expect(json?["error"]?.contains("/metrics, /healthz, /readyz") == true)
    }

    @Test("takes only GET and HEAD", arguments: ["POST", "PUT", "DELETE", "OPTIONS"])
    func methods(method: String) throws {
        let server = try start()
        defer { server.stop() }
        let answer = try get(server, "/metrics", method: method, headers: ["Content-Length: 0"])
        #expect(answer.status == 405)
        #expect(answer.headers["allow"] == "GET, HEAD")
    }

    @Test("answers a POST whose body is not read")
    func body() throws {
        let server = try start()
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        try client.send(
            "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello")
        #expect(try Answer(from: client).status == 405)
    }

    @Test("HEAD gives the head of GET and no body")
    func head() throws {
        let server = try start()
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        let answer = try client.request("/metrics", method: "HEAD")
        #expect(answer.status == 200)
        #expect(answer.headers["content-length"] == "10")
        // The connection goes on with the next request, so no byte of a body came between.
        #expect(try client.request("/healthz").text == "ok\n")
    }

    @Test("keeps a connection through many requests, pipelined ones too")
    func keepAlive() throws {
        let server = try start()
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        for _ in 0..<20 { #expect(try client.request("/metrics").status == 200) }
        try client.send(
            String(repeating: "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 3))
        for _ in 0..<3 { #expect(try Answer(from: client).text == "ok\n") }
        try client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        #expect(try Answer(from: client).text == "ok\n")
        #expect(try client.takeRest().isEmpty)
    }

    @Test("closes after an answer to HTTP/1.0")
    func oldClient() throws {
        let server = try start()
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        try client.send("GET /healthz HTTP/1.0\r\n\r\n")
        #expect(try Answer(from: client).headers["connection"] == "close")
        #expect(try client.takeRest().isEmpty)
    }

    @Test("sends a large body whole, to a slow reader too")
    func largeBody() throws {
        let large = (0..<(12 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let server = try start([
            Route("/large") { _, _, reply in
                reply.send(Response(contentType: "application/octet-stream", body: large))
            }
        ])
        defer { server.stop() }
        #expect(try get(server, "/large").body == large)
        let slow = try RawClient(port: server.port, receiveBuffer: 4096)
        try slow.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        // Others do not wait for it meanwhile.
        #expect(try get(server, "/healthz").status == 200)
        usleep(200_000)
        #expect(try Answer(from: slow).body == large)
    }

    @Test("answers 200 scrapes at once")
    func concurrentScrapes() throws {
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: 100_000)
        let server = try start([
            Route("/later") { _, _, reply in
                DispatchQueue.global().async {
                    reply.send(Response(contentType: "text/plain", body: body))
                }
            }
        ])
        defer { server.stop() }
        let clients = try (0..<200).map { _ in try RawClient(port: server.port) }
        for client in clients { try client.send("GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n") }
        for client in clients { #expect(try Answer(from: client).body == body) }
    }

    @Test("survives clients that leave in the middle")
    func leavers() throws {
        let held = Mutex<[Reply]>([])
        let server = try start([
            Route("/never") { _, _, reply in held.withLock { $0.append(reply) } }
        ])
        defer { server.stop() }
        for _ in 0..<20 {
            let client = try RawClient(port: server.port)
            try client.send("GET /never HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hea")
        }
        #expect(try get(server, "/healthz").status == 200)
        for reply in held.withLock({ $0 }) { reply.send(.text("too late")) }
        #expect(try get(server, "/healthz").status == 200)
    }

    @Test("streams events until the client leaves")
    func events() throws {
        let streams = Mutex<[ResponseStream]>([])
        let server = try start([
            Route("/api/sessions/{id}/events") { _, parameters, reply in
                let stream = reply.stream(contentType: "text/event-stream")
                stream.write(Array("data: \(parameters["id"] ?? "")\n\n".utf8))
                streams.withLock { $0.append(stream) }
            }
        ])
        defer { server.stop() }
        do {
            let client = try RawClient(port: server.port)
            try client.send("GET /api/sessions/s7/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try client.takeHead().contains("text/event-stream"))
            #expect(try client.take(10) == Array("data: s7\n\n".utf8))
            let stream = try #require(streams.withLock { $0.first })
            stream.write(Array("data: 2\n\n".utf8))
            #expect(try client.take(9) == Array("data: 2\n\n".utf8))
            #expect(stream.isOpen)
        }
        let stream = try #require(streams.withLock { $0.first })
        // Seen when something is written, as with any half-closed connection.
        let isSeen = until {
            stream.write(Array(": still there?\n\n".utf8))
            return !stream.isOpen
        }
        #expect(isSeen)
    }

    @Test("a finished stream ends the connection")
    func finishedStream() throws {
        let server = try start([
            Route("/events") { _, _, reply in
                let stream = reply.stream(contentType: "text/event-stream")
                stream.write(Array("data: 1\n\n".utf8))
                stream.finish()
            }
        ])
        defer { server.stop() }
        #expect(try get(server, "/events").text == "data: 1\n\n")
    }

    @Test("requires the token if there is one, but not for health")
    func token() throws {
        let server = try start(token: "sesame")
        defer { server.stop() }
        let refused = try get(server, "/metrics")
        #expect(refused.status == 401)
        #expect(refused.headers["www-authenticate"] == "Bearer")
        for wrong in ["sesam", "sesamesesame", "", "Sesame"] {
            let answer = try get(server, "/metrics", headers: ["Authorization: Bearer \(wrong)"])
            #expect(answer.status == 401)
        }
        let admitted = try get(server, "/metrics", headers: ["Authorization: Bearer sesame"])
        #expect(admitted.status == 200)
        #expect(try get(server, "/healthz").status == 200)
    }

    @Test("does not open beyond loopback without a token")
    func exposure() throws {
        #expect(throws: StartFailure.self) {
            _ = try AdminServer.start(host: "0.0.0.0", port: 0, routes: [])
        }
        let server = try AdminServer.start(
            host: "0.0.0.0", port: 0, token: "t", routes: [.health])
        defer { server.stop() }
        #expect(try get(server, "/healthz").status == 200)
    }

    @Test("a port in use is an error that names it")
    func portInUse() throws {
        let server = try start()
        defer { server.stop() }
        do {
            _ = try AdminServer.start(host: "127.0.0.1", port: server.port, routes: [])
            Issue.record("two servers on one port")
        } catch {
            #expect(error.description.contains("127.0.0.1:\(server.port)"))
            #expect(!error.description.contains("no reason"), "\(error)")
        }
    }

    @Test("stops, may be stopped twice, and gives its port back")
    func stopping() throws {
        for _ in 0..<5 {
            let server = try start()
            let port = server.port
            let client = try RawClient(port: port)
            _ = try client.request("/healthz")
            server.stop()
            server.stop()
            #expect(try client.takeRest().isEmpty)
            #expect(throws: ClientError.self) { _ = try RawClient(port: port) }
        }
    }

    @Test("garbage does no harm")
    func garbage() throws {
        let server = try start()
        defer { server.stop() }
        var random = SeededRandom(seed: 100)
        for _ in 0..<100 {
            let client = try RawClient(port: server.port)
            let count = Int.random(in: 1..<3000, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            try? client.send(bytes)
        }
        for text in [
            "GET http://x/ HTTP/1.1\r\n\r\n", "GET /\r\n\r\n", "BREW / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
            "GET /%00%ff HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        ] {
            try RawClient(port: server.port).send(text)
        }
        #expect(try get(server, "/healthz").status == 200)
    }

    @Test("works in a process with thousands of descriptors")
    func highDescriptors() throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard limit.rlim_cur > 8000 else {
            print("skipped: at most \(limit.rlim_cur) descriptors are allowed here")
            return
        }
        var copies: [Int32] = []
        defer { for copy in copies where copy >= 0 { close(copy) } }
        // Again and again: tests beside this one close descriptors, whose numbers are given out first.
        func takeLowNumbers() {
            repeat { copies.append(dup(2)) } while (0...6000).contains(copies.last ?? -1)
        }
        takeLowNumbers()
        let server = try start()
        defer { server.stop() }
        var clients: [RawClient] = []
        for _ in 0..<200 where clients.count(where: { $0.socket > 6000 }) < 20 {
            takeLowNumbers()
            clients.append(try RawClient(port: server.port))
        }
        #expect(clients.count { $0.socket > 6000 } == 20)
        for client in clients { #expect(try client.request("/healthz").status == 200) }
    }

    @Test("routes take parameters and rests")
    func routing() throws {
        let echo: Route.Handler = { _, parameters, reply in
            let pairs = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            reply.send(.text(pairs.joined(separator: ",")))
        }
        let server = try start([
            Route("/api/sessions/{id}", handler: echo), Route("/ui/*", handler: echo),
        ])
        defer { server.stop() }
        #expect(try get(server, "/api/sessions/a%20b").text == "id=a b")
        #expect(try get(server, "/api/sessions").status == 404)
        #expect(try get(server, "/api/sessions/a/b").status == 404)
        #expect(try get(server, "/ui/css/a.css").text == "*=css/a.css")
        #expect(try get(server, "/ui").text == "*=")
    }

    @Test("knows the kernel's figures of the process")
    func processFigures() {
        let figures = ProcessFigures.now()
        #expect(figures.openFiles >= 3)
        #expect(figures.maximumFiles >= figures.openFiles)
        #expect(figures.residentBytes > 1_000_000)
        #expect(figures.startTime > 1_500_000_000)
        #expect(figures.startTime <= Date().timeIntervalSince1970 + 5)
        #expect(figures.cpuSeconds > 0)
    }
}
