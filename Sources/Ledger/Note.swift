public import Basics
import Wire

/// Something to report to a tenant's receiver, at least once: it waits in the ledger until the
/// receiver has accepted it.
public struct Note: Equatable, Sendable {
    /// The same whenever the same event is reported again.
    public var id: String
    public var tenant: String
    /// `budget`, `breaker`, `unanswered` or `session`.
    public var event: String
    public var at: WallTime
    /// The session it is about; its report is read when the note is sent.
    public var session = ""
    /// Otherwise the content to send, as members of a JSON object.
    public var body = ""
    /// How many of the tenant's notes may wait.
    public var most: Int

    public init(id: String, tenant: String, event: String, at: WallTime, most: Int) {
        self.id = id
        self.tenant = tenant
        self.event = event
        self.at = at
        self.most = most
    }

    /// Part of a daily budget is used; amounts in millionths of a dollar.
    public static func budget(
        tenant: String, percent: Int, budget: Int64, used: Int64, at: WallTime, most: Int
    ) -> Note {
        var note = Note(
            id: "budget-\(tenant)-\(at.day)-\(budget)-\(percent)", tenant: tenant,
            event: "budget", at: at, most: most)
        note.write { json in
            json.object("budget") { json in
                json.string("kind", "day")
                json.string("day", at.day)
                json.integer("percent", Int64(percent))
                json.dollars("budget_usd", micro: budget)
                json.dollars("used_usd", micro: used)
            }
        }
        return note
    }

    /// New sessions avoid a model.
    public static func breaker(
        tenant: String, model: String, upstream: String, session: String, at: WallTime, most: Int
    ) -> Note {
        // A client chose the name, and the id goes into a header.
        let name = model.unicodeScalars.filter { $0.isASCII && ("-"..."z").contains($0) }
            .map(String.init).joined()
        var note = Note(
            id: "breaker-\(tenant)-\(name)-\(at.nanoseconds / 1000)", tenant: tenant,
            event: "breaker", at: at, most: most)
        note.write { json in
            json.object("breaker") { json in
                json.string("model", model)
                json.string("upstream", upstream)
                json.string("state", "open")
            }
        }
        return note
    }

    /// A session has ended.
    public static func session(
        _ id: String, tenant: String, event: String, at: WallTime, most: Int
    ) -> Note {
        var note = Note(
            id: "\(event)-\(id)", tenant: tenant, event: event, at: at, most: most)
        note.session = id
        return note
    }

    private mutating func write(_ members: (inout JSONOutput) -> Void) {
        var json = JSONOutput()
        json.object(nil, members)
        body = String(decoding: json.bytes.dropFirst().dropLast(), as: UTF8.self)
    }
}

/// A note that waits.
public struct WaitingNote: Equatable, Sendable {
    /// Ascending in the order of writing.
    public var number: Int64
    /// How often it was set aside.
    public var attempts: Int
    public var note: Note
}

/// Each tenant's notes.
public struct NoteCounts: Equatable, Sendable {
    public var waiting: [String: Int] = [:]
    /// Lost since the process began, because too many were waiting.
    public var lost: [String: Int] = [:]

    public init() {}
}

extension LedgerReader {
    /// A tenant's notes that may be sent now: first those that were never set aside, in order; then
    /// the others, the longest due first. So none of them delays a new one.
    public func notes(
        of tenant: String, at now: WallTime, limit: Int
    ) throws(LedgerError) -> [WaitingNote] {
        var found = try notes(
            "attempts = 0 AND tenant = ?1 ORDER BY number", [.text(tenant)], limit)
        guard found.count < limit else { return found }
        // A clock that was set back must not hold a note for longer than it was postponed.
        found += try notes(
            "attempts > 0 AND tenant = ?1 AND (next_us <= ?2 OR next_us > ?3) "
                + "ORDER BY next_us, number",
            [
                .text(tenant), .integer(now.microseconds),
                .integer((now + Self.longestPause).microseconds),
            ], limit - found.count)
        return found
    }

    private func notes(
        _ condition: String, _ values: [Value], _ limit: Int
    ) throws(LedgerError) -> [WaitingNote] {
        var found: [WaitingNote] = []
        try database.query(
            "SELECT number, attempts, id, event, at_us, session, body, tenant FROM notes "
                + "WHERE \(condition) LIMIT \(limit)", values
        ) { row in
            var note = Note(
                id: row.text(2), tenant: row.text(7), event: row.text(3),
                at: WallTime(microseconds: row.integer(4)), most: 0)
            note.session = row.text(5)
            note.body = row.text(6)
            found.append(
                WaitingNote(number: row.integer(0), attempts: Int(row.integer(1)), note: note))
        }
        return found
    }

    private static let longestPause = Interval.seconds(3600)
}

/// The content that is sent for a note.
public struct NoteDocument {
    /// Transcripts, and arguments and results of tools, as far as the ledger has them.
    public var keepsWords = true
    public var keepsArguments = true
    public var redaction: Redaction
    /// A day's conversation is a megabyte; content beyond this is omitted, and counted.
    var limit = 4 << 20

    public init(redaction: Redaction) { self.redaction = redaction }

    /// nil if its session is no longer in the ledger.
    public func json(
        _ note: Note, from ledger: LedgerReader
    ) throws(LedgerError) -> [UInt8]? {
        var report: SessionReport?
        if !note.session.isEmpty {
            report = try ledger.session(note.session, withEvents: false)
            guard report?.summary.id == note.session else { return nil }
        }
        var json = JSONOutput(scrub: { redaction.scrub($0) })
        json.object { json in
            json.string("id", note.id)
            json.string("event", note.event)
            json.own("tenant", note.tenant)
            json.time("at", note.at)
            if let report {
                json.object("session") { json in
                    ReportJSON.heading(report.summary, &json)
                    if note.event == "session" { parts(report, &json) }
                }
            } else if !note.body.isEmpty {
                json.members(redaction.scrub(note.body))
            }
        }
        return json.bytes
    }

    private func parts(_ report: SessionReport, _ json: inout JSONOutput) {
        json.array("connections") { json in
            for connection in report.connections {
                json.object { ReportJSON.connection(connection, &$0) }
            }
        }
        var left = (turns: 0, calls: 0)
        json.array("turns") { json in
            for var turn in report.turns {
                if json.bytes.count >= limit { left.turns += 1; continue }
                if !keepsWords { (turn.userText, turn.modelText) = (nil, nil) }
                json.object { ReportJSON.turn(turn, &$0) }
            }
        }
        json.array("tool_calls") { json in
            for var call in report.toolCalls {
                if json.bytes.count >= limit + limit / 2 { left.calls += 1; continue }
                if !keepsArguments { (call.arguments, call.result) = (nil, nil) }
                json.object { ReportJSON.toolCall(call, &$0) }
            }
        }
        if left.turns > 0 { json.integer("turns_left_out", Int64(left.turns)) }
        if left.calls > 0 { json.integer("tool_calls_left_out", Int64(left.calls)) }
    }
}
