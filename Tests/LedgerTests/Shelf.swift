import Basics
import CSQLite
import Foundation
import Testing
import Usage

@testable import Ledger

/// A directory for one test's ledger, removed with it; with PostgreSQL, a database, too.
final class Shelf {
    let directory: String
    var path: String { directory + "/ledger.db" }
    /// nil without PostgreSQL.
    let address: PostgresAddress?

    init(_ store: Store = .sqlite) throws {
        address = store == .postgres ? try TestPostgres.shared.get().database() : nil
        directory = NSTemporaryDirectory() + "ledger-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func open(_ change: (inout Ledger.Options) -> Void = { _ in }) throws -> Ledger {
        var options = Ledger.Options()
        options.version = "1.0"
        options.remote = address.map { Ledger.Remote($0, node: "one") }
        change(&options)
        // A process that another test starts has our lock, too, until it executes its program.
        for _ in 0..<30 {
            let opened = Ledger.open(path, options)
            guard case .failure(let error) = opened, error.code == SQLITE_BUSY else {
                return try opened.get()
            }
            usleep(10_000)
        }
        return try Ledger.open(path, options).get()
    }

    /// Another connection to the same file.
    func database() throws -> Database { try Database(path, flags: SQLITE_OPEN_READWRITE) }

    func reader() throws -> LedgerReader {
        try LedgerReader(address.map { .postgres($0) } ?? .file(path))
    }

    /// Another connection to the same PostgreSQL.
    func postgres() throws -> Postgres { try Postgres(#require(address), for: .writing) }
}

/// Seconds after a fixed morning.
func at(_ seconds: Double) -> WallTime {
    WallTime("2026-11-21T08:00:00").map { $0 + Interval(nanoseconds: Int64(seconds * 1e9)) }
        ?? WallTime(nanoseconds: 0)
}

func usage(_ turn: Int, audioIn: Int64 = 0, textIn: Int64 = 0, audioOut: Int64 = 0) -> TurnUsage {
    var usage = TurnUsage(turn: turn)
    usage.reported.prompt.audio = audioIn
    usage.reported.prompt.text = textIn
    usage.reported.response.audio = audioOut
    usage.cost = audioIn * 3 + audioOut * 12
    usage.reports = 1
    return usage
}

func ended(_ session: String, tenant: String = "acme", at end: Double = 9) -> Record {
    .sessionEnded(
        Record.Ending(
            session: session, tenant: tenant, model: "gemini-3.8-live", started: at(0),
            ended: at(end), outcome: "completed", closeCode: 1000, closeReason: "bye"))
}

/// A conversation of two turns, one of them nudged.
func conversation(_ id: String, tenant: String = "acme") -> [Record] {
    func event(_ t: Double, _ lane: String, _ what: String, _ text: String) -> Record {
        .event(
            Record.Event(
                session: id, at: Interval(nanoseconds: Int64(t * 1e9)), what: what, lane: lane,
                text: text))
    }
    var first = Record.Turn(
        session: id, input: "audio", started: at(1), ended: at(4), outcome: "answered",
        usage: usage(1, audioIn: 50, textIn: 200, audioOut: 40))
    first.inputEnded = at(1.5)
    first.firstAudio = at(2)
    first.userText = "Hello"
    first.modelText = "Good morning"
    var second = Record.Turn(
        session: id, input: "text", started: at(5), ended: at(8), outcome: "interrupted",
        usage: usage(2, audioIn: 90, audioOut: 10))
    second.usage.estimated.response.text = 7
    second.usage.remedyCost = 120
    second.remedies = ["nudge"]
    return [
        .sessionOpened(id: id, tenant: tenant, at: at(0)),
        event(0, "turnkeeper", "dialing", "dialing gemini (connection 1)"),
        .connectionOpened(
            Record.Connection(
                session: id, number: 1, opened: at(0.1), resumed: false,
                model: "gemini-3.8-live")),
        .modelNamed(session: id, model: "gemini-3.8-live"),
        event(0.2, "client", "set_up", "setup for gemini-3.8-live"),
        .turnStarted(session: id, number: 1, input: "audio", at: at(1)),
        event(1, "client", "input_transcription", "heard: Hel"),
        event(1.1, "client", "input_transcription", "heard: lo"),
        .receipt(session: id, turn: 1, at: at(4), json: #"{"promptTokenCount":250}"#),
        event(2, "gemini", "output_transcription", "says: Good morning"),
        .turnEnded(first),
        .turnStarted(session: id, number: 2, input: "text", at: at(5)),
        .toolCall(
            Record.ToolCall(
                session: id, id: "c1", name: "find", called: at(6), outcome: .open,
                arguments: #"{"q":"secret"}"#)),
        .toolCall(
            Record.ToolCall(
                session: id, id: "c1", name: "find", called: at(6), answered: at(7),
                outcome: .answered)),
        .turnEnded(second),
        .connectionClosed(session: id, number: 1, at: at(9), code: 1000, reason: "bye"),
        ended(id, tenant: tenant),
    ]
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// The records of a ledger's file can be read, and the file is sound.
func isSound(_ database: Database) throws -> Bool {
    var verdict = ""
    try database.query("PRAGMA integrity_check") { verdict = $0.text(0) }
    return verdict == "ok"
}

extension Ledger {
    /// Waits longer for PostgreSQL than a server does: other tests need the machine, too.
    func close() { close(within: .seconds(60)) }
}

extension SharedState {
    /// Waits longer for PostgreSQL, too.
    convenience init(_ address: PostgresAddress, node: String, process: String) {
        self.init(
            Ledger.Remote(address, node: node), process: process, patience: .seconds(10))
    }
}

/// Waits, a minute at most, until it holds. It is asked no more once it did.
func until(
    sourceLocation: SourceLocation = #_sourceLocation, _ holds: () throws -> Bool
) rethrows {
    let end = ContinuousClock.now + .seconds(60)
    while try !holds() {
        guard ContinuousClock.now < end else {
            Issue.record("it did not come to hold", sourceLocation: sourceLocation)
            return
        }
        usleep(10_000)
    }
}
