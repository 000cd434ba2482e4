import Basics
import CSQLite
import Usage

/// The writing side of the file, on the ledger's thread.
///
/// Everything goes to the log first, one row for all sessions together, and so is safe within a
/// second. When a turn ends, its row is written once, and its timeline moves from the log into a
/// block of its session; so rows are written where they are read, and there are as many as turns.
final class LedgerStore {
    let database: Database
    let rows: BookRows
    /// The version of the program whose records are written.
    private var version: String
    private let isSpool: Bool
    /// As of the last written transaction, or within one.
    private var open = OpenSessions()

    /// State that exists in memory only. A value, so that a failed transaction can restore it.
    private struct OpenSessions {
        var sessions: [String: OpenSession] = [:]
        /// The newest entry's number.
        var number: Int64 = 0
        /// Entries waiting for their row in the log: a JSON array without its end.
        var log: [UInt8] = []
        var notes = NoteCounts()
        /// Rows of the log, by their newest entry, and when each was written.
        var logged: [(number: Int64, at: Instant)] = []

        mutating func enter(_ entry: Entry, at place: Place, _ now: Instant) {
            number += 1
            sessions.values[place].enter(entry, number: number, into: &log, at: now)
        }
    }
    private typealias Place = Dictionary<String, OpenSession>.Index

    /// A row of the log is read as one document.
    private static let logRoom = 1 << 20
    /// How long the log is kept for readers that follow all sessions.
    private static let logPause = Interval.seconds(10)
    /// A session without records for this long is read from the file again when one arrives.
    private static let patience = Interval.seconds(7200)

    /// Opens, updates, and closes what an earlier process left open.
    /// - Parameter version: This program's, recorded with each session.
    init(
        _ path: String, version: String, isSpool: Bool = false, pages: Int? = nil
    ) throws(LedgerError) {
        self.version = version
        self.isSpool = isSpool
        database = try Database(path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
        database.wait(milliseconds: 2000)
        // Allows freed pages to be released after retention; can only be set while the file is
        // empty.
        try database.execute("PRAGMA auto_vacuum = INCREMENTAL")
        try database.execute("PRAGMA journal_mode = WAL")
        // A dying process loses nothing by this; a power cut may cost the last commits, never the
        // file.
        try database.execute("PRAGMA synchronous = NORMAL")
        database.countPagesInLog()
        if let pages { try database.execute("PRAGMA max_page_count = \(pages)") }
        try Schema.migrate(database)
        if isSpool { try database.execute(Spool.tables + Spool.triggers) }
        try database.execute(Self.closing)
        rows = try BookRows(
            database, trimming: isSpool ? Spool.trimming : "DELETE FROM log WHERE number <= ?")
        open.number = try database.integer(
            "SELECT max(coalesce((SELECT max(number) FROM blocks), 0), "
                + "coalesce((SELECT max(number) FROM log), 0))")
        try database.query("SELECT tenant, count(*) FROM notes GROUP BY tenant") { row in
            open.notes.waiting[row.text(0)] = Int(row.integer(1))
        }
        // The writer waits less, because it has a queue to serve.
        database.wait(milliseconds: 200)
    }

    /// Writes all records or, if the file cannot be written, none.
    /// - Returns: The number of records that could not be written for their own reasons.
    func write(
        _ records: [Record], at now: Instant, closing: Bool = false
    ) throws(LedgerError) -> Int {
        try transact { () throws(LedgerError) in
            try put(records, at: now, by: version, closing: closing)
        }
    }

    /// Does everything or, if it fails, nothing.
    func transact(_ body: () throws(LedgerError) -> Int) throws(LedgerError) -> Int {
        let before = open
        do throws(LedgerError) {
            try database.execute("BEGIN IMMEDIATE")
            let result = try body()
            try database.execute("COMMIT")
            return result
        } catch {
            // Some failures end the transaction themselves; then this statement fails harmlessly.
            try? database.execute("ROLLBACK")
            open = before
            throw error
        }
    }

    /// Writes records within a transaction.
    /// - Parameter version: The version of the program whose sessions they describe.
    /// - Returns: The number of records that could not be written for their own reasons.
    func put(
        _ records: [Record], at now: Instant, by version: String, closing: Bool = false
    ) throws(LedgerError) -> Int {
        let own = self.version
        self.version = version
        defer { self.version = own }
        var refused = 0
        for record in records {
            do {
                try write(record, now)
                if open.log.count >= Self.logRoom { try writeLog(now) }
            } catch let error where !error.isOfTheFile {
                refused += 1
            }
        }
        try writeLog(now)
        return try refused + settle(now, closing: closing)
    }

    /// As of the last written transaction.
    var notes: NoteCounts { open.notes }

    /// Held data must be written soon: sums; and, in a spool, entries of sessions that are not in a
    /// block, because PostgreSQL's log is short.
    var isHolding: Bool {
        open.sessions.values.contains { !$0.usages.isEmpty || isSpool && !$0.entries.isEmpty }
    }

    /// Deletes at most `limit` sessions that ended before a moment.
    /// - Returns: How many.
    func forget(before: WallTime, limit: Int) throws(LedgerError) -> Int {
        let aged = "SELECT key FROM sessions WHERE ended_us < ? ORDER BY ended_us LIMIT ?"
        return try database.deleteSessions(aged, before, limit)
    }

    // MARK: Records

    private func write(_ record: Record, _ now: Instant) throws(LedgerError) {
        switch record {
        case .policyLoaded(let tenant, let at, let text):
            try rows.policy.run([.text(tenant), .integer(at.microseconds), .text(text)])
        case .returnKept(let kept): try database.write(kept)
        case .sessionOpened(let id, let tenant, let at, let endUser, let isReported):
            let (place, isNew) = try open(id, tenant, at, now, endUser, isReported)
            // Already known from another record, if this one comes late.
            if !isNew { try rows.named.run([.text(tenant), session(place)]) }
        case .modelNamed(let id, let model):
            let key = session(try place(of: id, now))
            try rows.model.run([.text(model), key])
            try rows.connectionsNamed.run([.text(model), key])
        case .connectionOpened(let connection):
            try rows.write(connection, of: key(try place(of: connection.session, now)))
        case .connectionResumed(let id, let number):
            try rows.connectionResumed.run([session(try place(of: id, now)), Value(number)])
        case .connectionClosed(let id, let number, let at, let code, let reason, let by):
            let place = try place(of: id, now)
            try rows.connectionClosed.run([
                .integer(at.microseconds), Value(code), .text(reason), .text(by), session(place),
                Value(number),
            ])
        case .turnStarted(let id, let number, let input, let at):
            let place = try place(of: id, now)
            open.sessions.values[place].begin(number, input, at: at)
            let since = at - open.sessions.values[place].started
            let entry = Entry(at: since, what: Entry.turn, text: input, turn: number)
            open.enter(entry, at: place, now)
        case .turnEnded(let turn):
            let place = try place(of: turn.session, now)
            open.sessions.values[place].end(turn.usage.turn)
            try rows.write(turn, of: key(place))
        case .turnUsed(let id, let usage):
            open.sessions.values[try place(of: id, now)].hold(usage, at: now)
        case .receipt(let id, let turn, let at, let json):
            let place = try place(of: id, now)
            let since = at - open.sessions.values[place].started
            let entry = Entry(at: since, what: Entry.receipt, text: json, turn: turn)
            open.enter(entry, at: place, now)
        case .event(let event):
            let entry = Entry(
                at: event.at, what: event.what, lane: event.lane, text: event.text)
            open.enter(entry, at: try place(of: event.session, now), now)
        case .toolCall(let call):
            try rows.write(call, of: key(try place(of: call.session, now)))
        case .sessionEnded(let ending):
            let place = try place(of: ending.session, now)
            try rows.write(ending, of: key(place), isOpen: open.sessions.values[place].turn != nil)
            open.sessions.values[place].isOver = true
            for note in ending.notes { try write(note) }
        case .noted(let note): try write(note)
        case .noteSettled(let number, let tenant):
            try forget(tenant, "number = ?", .integer(number))
        case .notePostponed(let number, let attempts, let until):
            try database.run(
                "UPDATE notes SET attempts = ?, next_us = ? WHERE number = ?", Value(attempts),
                .integer(until.microseconds), .integer(number))
        case .notesDropped(let tenant): try forget(tenant, "tenant = ?", .text(tenant))
        }
    }

    // MARK: Notes

    /// A note that is already waiting is not added twice; if too many wait, the oldest is lost.
    private func write(_ note: Note) throws(LedgerError) {
        try database.run(
            "INSERT OR IGNORE INTO notes (id, tenant, event, at_us, session, body) "
                + "VALUES (?, ?, ?, ?, ?, ?)",
            .text(note.id), .text(note.tenant), .text(note.event), .integer(note.at.microseconds),
            .text(note.session), .text(note.body))
        guard database.changes > 0 else { return }
        open.notes.waiting[note.tenant, default: 0] += 1
        let excess = open.notes.waiting[note.tenant, default: 0] - max(1, note.most)
        guard excess > 0 else { return }
        try forget(
            note.tenant,
            "number IN (SELECT number FROM notes WHERE tenant = ? ORDER BY number LIMIT ?)",
            .text(note.tenant), Value(excess))
        open.notes.lost[note.tenant, default: 0] += excess
    }

    private func forget(
        _ tenant: String, _ condition: String, _ values: Value...
    ) throws(LedgerError) {
        try database.statement("DELETE FROM notes WHERE \(condition)").run(values)
        let left = open.notes.waiting[tenant, default: 0] - database.changes
        open.notes.waiting[tenant] = left > 0 ? left : nil
    }

    // MARK: Sessions

    private func key(_ place: Place) -> Int64 { open.sessions.values[place].key }
    private func session(_ place: Place) -> Value { .integer(key(place)) }

    /// A session whose opening was lost is opened by its first other record.
    private func place(of id: String, _ now: Instant) throws(LedgerError) -> Place {
        if let known = open.sessions.index(forKey: id) { return known }
        return try open(id, "", nil, now).place
    }

    private func open(
        _ id: String, _ tenant: String, _ at: WallTime?, _ now: Instant, _ endUser: String = "",
        _ isReported: Bool = false
    ) throws(LedgerError) -> (place: Place, isNew: Bool) {
        if let known = open.sessions.index(forKey: id) { return (known, false) }
        var found: OpenSession?
        try database.query(
            "SELECT key, started_us, troubles, ended_us FROM sessions WHERE id = ?", [.text(id)]
        ) { row in
            var session = OpenSession(
                key: row.integer(0), started: WallTime(microseconds: row.integer(1)),
                troubles: OpenSession.troubles(row.text(2)), at: now)
            session.isOver = !row.isNull(3)
            found = session
        }
        let isNew = found == nil
        if isNew {
            let started = at ?? WallTime(nanoseconds: 0)
            try rows.session.run([
                .text(id), .text(tenant), .integer(started.microseconds), .text(version),
                .text(endUser), Value(isReported ? 1 : 0),
            ])
            found = OpenSession(
                key: database.newestRow, started: started, troubles: OpenSession.troubles(""),
                at: now)
        }
        open.sessions[id] = found
        guard let place = open.sessions.index(forKey: id) else {
            throw LedgerError("opening \(id)", "it is not there")
        }
        return (place, isNew)
    }

    // MARK: Settling

    private func writeLog(_ now: Instant) throws(LedgerError) {
        guard !open.log.isEmpty else { return }
        open.log.append(UInt8(ascii: "]"))
        try rows.log.run([.integer(open.number), .bytes(open.log)])
        open.log = []
        open.logged.append((open.number, now))
    }

    /// Writes the blocks and sums that are due, and forgets what is no longer needed.
    /// - Returns: The number of records that could not be written for their own reasons.
    private func settle(_ now: Instant, closing: Bool) throws(LedgerError) -> Int {
        var refused = 0
        func attempt(_ body: () throws(LedgerError) -> Void) throws(LedgerError) {
            do {
                try body()
            } catch let error where !error.isOfTheFile {
                refused += 1
            }
        }
        var oldest = Int64.max
        var blocks: [(number: Int64, place: Place)] = []
        var over: [String] = []
        var place = open.sessions.startIndex
        while place != open.sessions.endIndex {
            defer { open.sessions.formIndex(after: &place) }
            let (id, session) = open.sessions[place]
            if !session.usages.isEmpty, closing || session.hasUsages(at: now) {
                for usage in open.sessions.values[place].takeUsages() {
                    try attempt { () throws(LedgerError) in try rows.write(usage, of: session) }
                }
            }
            if session.hasNewTroubles {
                open.sessions.values[place].hasNewTroubles = false
                try attempt { () throws(LedgerError) in
                    try rows.troubles.run([.text(session.troubleText), .integer(session.key)])
                }
            }
            if !session.entries.isEmpty, closing || session.hasBlock(at: now) {
                blocks.append((session.last, place))
            } else if !session.entries.isEmpty {
                oldest = min(oldest, session.first)
            }
            if session.isOver || now - session.touched >= Self.patience { over.append(id) }
        }
        // In the order of their numbers, so that each is appended.
        for (number, place) in blocks.sorted(by: { $0.number < $1.number }) {
            let begun = open.sessions.values[place].begun
            let block = open.sessions.values[place].takeBlock()
            try attempt { () throws(LedgerError) in
                try rows.block.run([.integer(number), session(place), Value(begun), .bytes(block)])
            }
        }
        for id in over where open.sessions[id]?.entries.isEmpty == true { open.sessions[id] = nil }
        try trimLog(before: oldest, now)
        return refused
    }

    /// If all entries of a row of the log are in blocks, only followers need the row.
    private func trimLog(before oldest: Int64, _ now: Instant) throws(LedgerError) {
        let count = open.logged.prefix { $0.number < oldest && now - $0.at >= Self.logPause }.count
        guard count > 0 else { return }
        try rows.logTrimmed.run([.integer(open.logged[count - 1].number)])
        open.logged.removeFirst(count)
    }
}

extension WallTime {
    var microseconds: Int64 { nanoseconds / 1000 }
    init(microseconds: Int64) { self.init(nanoseconds: microseconds &* 1000) }
}
