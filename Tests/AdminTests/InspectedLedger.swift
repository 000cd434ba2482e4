import Admin
import Basics
import Foundation
import Inspector
import Ledger
import Usage

/// A ledger in a separate directory, an inspector for it, and a port for requests.
final class InspectedLedger {
    let ledger: Ledger
    let inspector: Inspector
    let server: AdminServer
    private let directory: String

    init(token: String? = nil, secrets: [String] = []) throws {
        directory = NSTemporaryDirectory() + "inspector-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        let ledger = try Ledger.open(directory + "/ledger.db").get()
        self.ledger = ledger
        inspector = try Inspector(
            ledger: .file(directory + "/ledger.db"), version: "1.0",
            condition: { ledger.condition },
            scrub: { Redaction(Scrubber(secrets)) })
        server = try AdminServer.start(
            host: "127.0.0.1", port: 0, token: token, routes: [.health] + inspector.routes)
    }

    deinit {
        inspector.stop()
        server.stop()
        ledger.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    func get(_ target: String, headers: [String] = []) throws -> Answer {
        try RawClient(port: server.port).request(target, headers: headers)
    }

    func json<Shape>(_ target: String, as shape: Shape.Type = Shape.self) throws -> Shape {
        let answer = try get(target)
        guard answer.status == 200,
            let value = try JSONSerialization.jsonObject(with: Data(answer.body)) as? Shape
        else { throw ClientError(description: "\(target): \(answer.status) \(answer.text)") }
        return value
    }

    // MARK: Writing

    func write(_ records: [Record]) {
        for record in records { ledger.append(record) }
        ledger.flush()
    }

    func event(_ session: String, _ t: Double, _ what: String, _ text: String = "") -> Record {
        .event(
            Record.Event(
                session: session, at: Interval(nanoseconds: Int64(t * 1e9)), what: what,
                lane: "turnkeeper", text: text))
    }

    /// A session with a turn, closed by gemini with a code and ended unless `isLive`.
    func session(
        _ id: String, tenant: String = "acme", model: String = "gemini-3.8-live", at second: Double,
        code: Int = 1000, outcome: String = "completed", isLive: Bool = false
    ) -> [Record] {
        var turn = Record.Turn(
            session: id, input: "audio", started: moment(second + 1), ended: moment(second + 3),
            outcome: "answered", usage: TurnUsage(turn: 1))
        turn.usage.reported.prompt.audio = 100
        turn.usage.reported.response.audio = 40
        turn.usage.cost = 780
        let opened = Record.Connection(
            session: id, number: 1, opened: moment(second), resumed: false, model: model)
        let records: [Record] = [
            .sessionOpened(id: id, tenant: tenant, at: moment(second)),
            .modelNamed(session: id, model: model), .connectionOpened(opened),
            event(id, 0.1, "setup_completed"),
            event(id, 1, "turn_started", "turn 1 asked by audio"),
            .turnStarted(session: id, number: 1, input: "audio", at: moment(second + 1)),
            event(id, 2, "first_audio"), .turnEnded(turn), event(id, 3, "turn_ended"),
        ]
        return isLive ? records : records + ending(id, tenant, model, second, code, outcome)
    }

    private func ending(
        _ id: String, _ tenant: String, _ model: String, _ second: Double, _ code: Int,
        _ outcome: String
    ) -> [Record] {
        [
            .connectionClosed(
                session: id, number: 1, at: moment(second + 4), code: code, reason: "bye"),
            event(id, 4, "ended"),
            .sessionEnded(
                Record.Ending(
                    session: id, tenant: tenant, model: model, started: moment(second),
                    ended: moment(second + 4), outcome: outcome, closeCode: code,
                    closeReason: "bye")),
        ]
    }
}

/// Seconds after a fixed morning.
func moment(_ seconds: Double) -> WallTime {
    WallTime("2026-11-21T08:00:00").map { $0 + Interval(nanoseconds: Int64(seconds * 1e9)) }
        ?? WallTime(nanoseconds: 0)
}

/// Server-sent events as they come.
final class EventReader {
    struct Event: Equatable {
        var name = "message"
        var id = ""
        var data = ""
    }
    private let client: RawClient

    init(port: Int, _ target: String, headers: [String] = []) throws {
        client = try RawClient(port: port)
        let lines = ["GET \(target) HTTP/1.1", "Host: localhost"] + headers + ["", ""]
        try client.send(lines.joined(separator: "\r\n"))
        let head = try client.takeHead()
        guard head.contains("text/event-stream") else { throw ClientError(description: head) }
    }

    /// The next event; comments are passed over.
    func next() throws -> Event {
        while true {
            var end = client.buffered.firstIndexOfBlankLine
            while end == nil {
                guard try client.fill() else { throw ClientError(description: "the stream ended") }
                end = client.buffered.firstIndexOfBlankLine
            }
            let block = try client.take((end ?? 0) + 2)
            var event = Event()
            for line in String(decoding: block, as: UTF8.self).split(separator: "\n") {
                let parts = line.split(separator: ":", maxSplits: 1).map { String($0) }
                guard parts.count == 2, !line.hasPrefix(":") else { continue }
                let value = String(parts[1].dropFirst())
                switch parts[0] {
                case "event": event.name = value
                case "id": event.id = value
                default: event.data = value
                }
            }
            if !event.data.isEmpty { return event }
        }
    }

    /// The next event of a name.
    func next(_ name: String) throws -> Event {
        for _ in 0..<200 {
            let event = try next()
            if event.name == name { return event }
        }
        throw ClientError(description: "no event \(name)")
    }

    func isAtEnd() throws -> Bool { try client.takeRest().isEmpty }
}

extension [UInt8] {
    fileprivate var firstIndexOfBlankLine: Int? {
        indices.dropLast().first { self[$0] == 10 && self[$0 + 1] == 10 }
    }
}

extension EventReader.Event {
    var object: [String: Any] {
        let value = try? JSONSerialization.jsonObject(with: Data(data.utf8))
        return value as? [String: Any] ?? [:]
    }
}
