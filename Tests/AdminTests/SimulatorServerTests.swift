import Foundation
import SimulatedGemini
import SimulatorServer
import Testing

@Suite("The simulator's socket", .serialized)
struct SimulatorServerTests {
    static let path =
        "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"

    private func start(
        _ scenario: String = "quick", tls: SimulatorServer.TLS? = nil
    ) throws -> SimulatorServer {
        let scenario = try #require(Scenario.named(scenario))
        return try SimulatorServer.start(
            tls: tls, service: SimulatedService(seed: 1, scenario: scenario))
    }

    private func connect(
        _ server: SimulatorServer, _ target: String = path + "?key=KEY"
    ) throws -> WebSocketClient {
        let client = try WebSocketClient(RawClient(port: server.port), target: target)
        try #require(client.isOpen, "\(client.answer)")
        return client
    }

    private let setup = #"""
        {"setup":{"model":"models/gemini-2.5-flash-native-audio-preview-09-2025","generationConfig":{"responseModalities":["AUDIO"]}}}
        """#

    private func say(_ text: String, on client: WebSocketClient) throws {
        try client.send(
            #"{"clientContent":{"turns":[{"role":"user","parts":[{"text":"\#(text)"}]}],"turnComplete":true}}"#
        )
    }

    /// Reads to `turnComplete`; returns how many bytes of audio came.
    private func hear(_ client: WebSocketClient) throws -> Int {
        var audio = 0
        for _ in 0..<10_000 {
            let message = try client.json()
            let content = message["serverContent"] as? [String: Any] ?? [:]
            let turn = content["modelTurn"] as? [String: Any] ?? [:]
            for part in turn["parts"] as? [[String: Any]] ?? [] {
                let blob = part["inlineData"] as? [String: Any]
                audio += Data(base64Encoded: blob?["data"] as? String ?? "")?.count ?? 0
            }
            if content["turnComplete"] != nil { return audio }
        }
        return -1
    }

    @Test("sets up, hears a text turn and answers it in audio")
    func turn() throws {
        let server = try start()
        defer { server.stop() }
        let client = try connect(server)
        try client.send(setup)
        #expect(try client.json()["setupComplete"] != nil)
        try say("How are you?", on: client)
        let audio = try hear(client)
        #expect(audio > 0)

        let record = try #require(server.record())
        #expect(record.conversations.count == 1)
        #expect(record.liveConnections == 1)
        #expect(record.violations.isEmpty, "\(record.violations)")
        let turn = try #require(record.conversations.first?.heard.turns.first)
        #expect(turn.text == "How are you?")
        #expect(turn.outcome == .answered)
        #expect(turn.replyBytes == audio)
    }

    @Test("returns its record over HTTP")
    func record() throws {
        let server = try start()
        defer { server.stop() }
        let client = try connect(server)
        try client.send(setup)
        _ = try client.json()
        try say("quotes \\\" and \\n", on: client)
        _ = try hear(client)
        let answer = try RawClient(port: server.port).request("/simulator/record")
        #expect(answer.status == 200)
        let json = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        let conversations = json?["conversations"] as? [[String: Any]]
        let turns = conversations?.first?["turns"] as? [[String: Any]]
        #expect(turns?.first?["text"] as? String == "quotes \" and \n")
        #expect(turns?.first?["outcome"] as? String == "answered")
        #expect((json?["violations"] as? [Any])?.isEmpty == true)
    }

    @Test("closes as the service does: 1007 for what it does not understand")
    func violation() throws {
        let server = try start()
        defer { server.stop() }
        let client = try connect(server)
        try client.send(
            #"{"setup":{"model":"models/gemini-2.5-flash-native-audio-preview-09-2025","nonsense":1}}"#
        )
        let close = try client.close()
        #expect(close.code == 1007)
        #expect(close.reason.contains("nonsense"))
        #expect(try #require(server.record()).violations.map(\.kind) == [.unknownField])
    }

    @Test("a fault of the scenario comes over the socket: 1011")
    func fault() throws {
        let server = try start("internal-error")
        defer { server.stop() }
        let client = try connect(server)
        try client.send(setup)
        _ = try client.json()
        try say("Hello", on: client)
        #expect(try client.close().code == 1011)
    }

    @Test("closes a connection without a key")
    func noKey() throws {
        let server = try start()
        defer { server.stop() }
        let client = try WebSocketClient(RawClient(port: server.port), target: Self.path)
        if client.isOpen {
            try client.send(setup)
            #expect(try client.close().code == 1008)
        } else {
            #expect(client.answer.hasPrefix("HTTP/1.1 4"))
        }
    }

    @Test("upgrades only on paths of the Live API")
    func paths() throws {
        let server = try start()
        defer { server.stop() }
        let vertex = "/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent"
        for elsewhere in [
            "/chat", "/gemini" + Self.path, "/ws" + Self.path, Self.path + "/", Self.path + "X",
            Self.path.replacing("v1beta", with: "v9"), Self.path.lowercased(),
            "/gemini" + vertex, vertex + "/x",
            vertex + "/locations", vertex + "/locations/", vertex + "/locations/a/b",
            vertex.replacing("/Bidi", with: ".Bidi"), "/x/BidiGenerateContent",
        ] {
            let client = try WebSocketClient(RawClient(port: server.port), target: elsewhere)
            #expect(client.answer.hasPrefix("HTTP/1.1 404 "), "\(elsewhere)")
        }
        for path in [
            Self.path + "Constrained", Self.path.replacing("v1beta", with: "v1alpha"), vertex,
            vertex + "/locations/europe-west4",
        ] {
            _ = try connect(server, path + "?key=KEY")
        }
        #expect(try RawClient(port: server.port).request("/").status == 404)
        #expect(try RawClient(port: server.port).request(Self.path).status == 400)
        _ = try connect(server, "/" + Self.path + "?key=KEY")
    }

    @Test("answers many callers at once")
    func many() throws {
        let server = try start()
        defer { server.stop() }
        let clients = try (0..<60).map { _ in try connect(server) }
        for client in clients { try client.send(setup) }
        for client in clients { #expect(try client.json()["setupComplete"] != nil) }
        for client in clients { try say("Hello", on: client) }
        for client in clients { #expect(try hear(client) > 0) }
        #expect(try #require(server.record()).conversations.count == 60)
    }

    @Test("can be disconnected at any time, even in the middle of an answer")
    func leaving() throws {
        let server = try start("healthy")
        do {
            let client = try connect(server)
            try client.send(setup)
            _ = try client.json()
            try say("Hello", on: client)
            _ = try client.json()
        }
        #expect(until { server.record()?.liveConnections == 0 })
        #expect(server.record()?.conversations.first?.heard.closes.first?.close.code == 1006)
        server.stop()
        #expect(server.record() == nil)
    }

    @Test("accepts wss and ws on one port")
    func tls() throws {
        let directory = NSTemporaryDirectory() + "turnkeeper-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let files = SimulatorServer.TLS(
            certificate: directory + "/server.pem", key: directory + "/server.key")
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        openssl.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
            "-keyout", files.key, "-out", files.certificate,
        ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        try #require(openssl.terminationStatus == 0)

        let server = try start(tls: files)
        defer { server.stop() }
        let secure = try WebSocketClient(
            TLSClient(port: server.port, authority: files.certificate),
            target: Self.path + "?key=KEY")
        let plain = try connect(server)
        for client in [secure, plain] {
            try #require(client.isOpen)
            try client.send(setup)
            #expect(try client.json()["setupComplete"] != nil)
            try say("Hello", on: client)
            #expect(try hear(client) > 0)
        }
        #expect(try RawClient(port: server.port).request("/simulator/record").status == 200)
    }

    @Test("reports why it does not start")
    func failures() throws {
        let server = try start()
        defer { server.stop() }
        let port = server.port
        #expect(throws: SimulatorServer.Failure.self) {
            _ = try SimulatorServer.start(port: port, service: SimulatedService(seed: 1))
        }
        #expect(throws: SimulatorServer.Failure.self) {
            _ = try SimulatorServer.start(
                tls: .init(certificate: "/nowhere.pem", key: "/nowhere.key"),
                service: SimulatedService(seed: 1))
        }
    }
}
