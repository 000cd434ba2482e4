public import Basics
import CLinux
import CSQLite
import Synchronization

/// What one node keeps across restarts beside its ledger: a small SQLite file in the data
/// directory. It has the rows that nodes with one PostgreSQL keep there: today's spending, and
/// client tokens.
///
/// The callers keep everything in memory, and pass their changes on request. A commit is on disk
/// when it returns. No worker waits for this lock: only the threads that save, and the start, take
/// it.
public final class StateFile: Sendable {
    /// The contents of the file that still count.
    public struct Contents: Sendable {
        public var spending: [Spending] = []
        /// The processes that wrote it, if nodes share.
        public var processes: [String] = []
        public var tokens: [SharedTokens.Token] = []
    }

    /// Changed rows of spending. A row without a process is the sum of all processes.
    public struct SpendingChanges: Sendable {
        public var day: Int64
        /// The process that writes it, if nodes share.
        public var process: String?
        public var rows: [Spending] = []
        /// These are all of this process's end users: others are forgotten.
        public var areAllEndUsers = false
        /// PostgreSQL has the rows of earlier processes, or there are none.
        public var isSettled = false
        /// Write even without a row.
        public var isDue = false

        public init(day: Int64, process: String?) {
            self.day = day
            self.process = process
        }
    }

    /// A token whose uses or resumptions were counted since it was last written. While one process
    /// takes over from another, both count, so each adds only its own.
    public struct TokenChange: Sendable {
        public var token: SharedTokens.Token
        /// Fewer if some were given back.
        public var used: Int
        public var resumed: Int

        public init(_ token: SharedTokens.Token, used: Int, resumed: Int) {
            self.token = token
            self.used = used
            self.resumed = resumed
        }
    }

    private enum Table: CaseIterable { case spending, tokens }

    private struct Writer {
        /// nil after a failure, until the next attempt.
        var database: Database?
        /// Tables of which the file may lack rows that have not changed since.
        var lacking = Set(Table.allCases)
    }

    private let path: String
    private let writer = Mutex(Writer())
    private let tell: @Sendable (_ what: String, _ why: String) -> Void

    /// How long a commit waits for another program that has locked the file.
    private static let patience: Int32 = 500

    /// As for the ledger: one step per version of the file.
    static let steps = [
        """
        CREATE TABLE spending (
            day INTEGER NOT NULL, tenant TEXT NOT NULL, end_user TEXT NOT NULL,
            process TEXT NOT NULL, cost INTEGER NOT NULL, milliseconds INTEGER NOT NULL,
            PRIMARY KEY (day, tenant, end_user, process)
        ) WITHOUT ROWID;
        CREATE TABLE processes (id TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE tokens (
            digest TEXT PRIMARY KEY, tenant TEXT NOT NULL, expires_us INTEGER NOT NULL,
            start_us INTEGER NOT NULL, uses INTEGER NOT NULL, used INTEGER NOT NULL,
            resumed INTEGER NOT NULL, setup TEXT NOT NULL, mask TEXT NOT NULL,
            end_user TEXT NOT NULL
        );
        CREATE INDEX tokens_expire ON tokens (expires_us);
        """
    ]

    /// - Parameter tell: Called with messages for the operator, on the thread that finds them.
    public init(_ path: String, tell: @escaping @Sendable (String, String) -> Void = { _, _ in }) {
        self.path = path
        self.tell = tell
    }

    // MARK: Reading

    /// Empty if it cannot be read, which is reported; then everything is written with the next
    /// change.
    public func read(on day: Int64, at now: WallTime) -> Contents {
        // SAFETY: the path is read during the call.
        guard unsafe access(path, F_OK) == 0 else { return Contents() }
        do throws(LedgerError) {
            let database = try Database.readOnly(path) { (database) throws(LedgerError) in
                try Self.check(database)
            }
            // Created by a process that wrote nothing more.
            guard try database.integer("PRAGMA user_version") > 0 else { return Contents() }
            let contents = try Self.contents(of: database, day, now)
            writer.withLock { $0.lacking = [] }
            return contents
        } catch {
            tell("what was kept for a restart cannot be read", "\(error)")
            return Contents()
        }
    }

    /// What another process that still writes the file has spent so far; nothing if it cannot be
    /// read now, since it is read again.
    public func readSpending(on day: Int64) -> [Spending] {
        // SAFETY: the path is read during the call.
        guard unsafe access(path, F_OK) == 0,
            let database = try? Database.readOnly(path, { (_) throws(LedgerError) in })
        else { return [] }
        return (try? Self.spending(in: database, day)) ?? []
    }

    private static func spending(
        in database: Database, _ day: Int64
    ) throws(LedgerError) -> [Spending] {
        var found: [Spending] = []
        try database.query(
            "SELECT tenant, end_user, process, cost, milliseconds FROM spending WHERE day = ?",
            [.integer(day)]
        ) { row in
            found.append(
                Spending(
                    day: day, tenant: row.text(0), endUser: row.text(1), process: row.text(2),
                    cost: row.integer(3), milliseconds: row.integer(4)))
        }
        return found
    }

    private static func contents(
        of database: Database, _ day: Int64, _ now: WallTime
    ) throws(LedgerError) -> Contents {
        var found = Contents()
        found.spending = try spending(in: database, day)
        try database.query("SELECT id FROM processes") { found.processes.append($0.text(0)) }
        try database.query(
            "SELECT digest, tenant, expires_us, start_us, uses, used, resumed, setup, mask, "
                + "end_user FROM tokens WHERE expires_us > ?", [.integer(now.microseconds)]
        ) { row in
            var token = SharedTokens.Token(
                digest: row.text(0), tenant: row.text(1),
                expires: WallTime(microseconds: row.integer(2)),
                newSessionsUntil: WallTime(microseconds: row.integer(3)),
                uses: Int(row.integer(4)), setup: row.text(7), mask: row.text(8),
                endUser: row.text(9))
            (token.used, token.resumed) = (Int(row.integer(5)), Int(row.integer(6)))
            found.tokens.append(token)
        }
        return found
    }

    private static func check(_ database: Database) throws(LedgerError) {
        try Schema.check(database, steps.count, of: "the node's state")
    }

    // MARK: Writing

    /// - Parameter changes: Called once; with true if the file may lack rows that have not changed.
    /// - Returns: What is now on disk.
    @discardableResult
    public func save(
        spending changes: @Sendable (_ isNew: Bool) -> SpendingChanges
    ) throws(LedgerError) -> SpendingChanges {
        try writer.withLock { (writer) throws(LedgerError) in
            let changes = changes(lacks(.spending, &writer))
            guard changes.isDue || changes.areAllEndUsers || !changes.rows.isEmpty else {
                return changes
            }
            try commit(.spending, &writer) { (database) throws(LedgerError) in
                try Self.write(changes, to: database)
            }
            return changes
        }
    }

    private static func write(
        _ changes: SpendingChanges, to database: Database
    ) throws(LedgerError) {
        let process = changes.process ?? ""
        try database.run("DELETE FROM spending WHERE day < ?", .integer(changes.day))
        if changes.areAllEndUsers {
            try database.run(
                "DELETE FROM spending WHERE end_user != '' AND process = ?", .text(process))
        }
        if changes.isSettled {
            try database.run(
                "DELETE FROM spending WHERE process NOT IN ('', ?)", .text(process))
            try database.run("DELETE FROM processes WHERE id != ?", .text(process))
        }
        if changes.process != nil {
            try database.run("INSERT OR IGNORE INTO processes VALUES (?)", .text(process))
        }
        let statement = try database.statement(
            "INSERT OR REPLACE INTO spending VALUES (?, ?, ?, ?, ?, ?)")
        for row in changes.rows {
            try statement.run([
                .integer(row.day), .text(row.tenant), .text(row.endUser), .text(row.process),
                .integer(row.cost), .integer(row.milliseconds),
            ])
        }
    }

    /// As above; expired tokens are deleted.
    @discardableResult
    public func save(
        at now: WallTime, tokens changes: @Sendable (_ isNew: Bool) -> [TokenChange]
    ) throws(LedgerError) -> [TokenChange] {
        try writer.withLock { (writer) throws(LedgerError) in
            let tokens = changes(lacks(.tokens, &writer))
            guard !tokens.isEmpty else { return tokens }
            try commit(.tokens, &writer) { (database) throws(LedgerError) in
                try database.run(
                    "DELETE FROM tokens WHERE expires_us <= ?", .integer(now.microseconds))
                for token in tokens { try Self.write(token, to: database) }
            }
            return tokens
        }
    }

    private static func write(
        _ change: TokenChange, to database: Database
    ) throws(LedgerError) {
        let token = change.token
        try database.run(
            """
            INSERT INTO tokens VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                ON CONFLICT (digest) DO UPDATE SET used = max(0, used + ?11),
                    resumed = max(0, resumed + ?12)
            """,
            .text(token.digest), .text(token.tenant), .integer(token.expires.microseconds),
            .integer(token.newSessionsUntil.microseconds), Value(token.uses), Value(token.used),
            Value(token.resumed), .text(token.setup), .text(token.mask), .text(token.endUser),
            Value(change.used), Value(change.resumed))
    }

    // MARK: The file

    private func lacks(_ table: Table, _ writer: inout Writer) -> Bool {
        if let database = writer.database, database.isGone {
            writer = Writer()
            tell(
                "what is kept for a restart was deleted, and is written again",
                "\(path) is not the file that was opened")
        }
        return writer.lacking.contains(table)
    }

    private func commit(
        _ table: Table, _ writer: inout Writer,
        _ work: (Database) throws(LedgerError) -> Void
    ) throws(LedgerError) {
        do throws(LedgerError) {
            if writer.database == nil { try open(&writer) }
            guard let database = writer.database else { return }
            try database.execute("BEGIN IMMEDIATE")
            try work(database)
            try database.execute("COMMIT")
            writer.lacking.remove(table)
        } catch {
            // This also ends the transaction.
            writer.database = nil
            if error.isOfADamagedFile { setAside(&writer, error) }
            throw error
        }
    }

    private func open(_ writer: inout Writer) throws(LedgerError) {
        if let slash = path.lastIndex(of: "/") {
            // SAFETY: the path is read during the call. A failure is noticed below.
            _ = unsafe mkdir(String(path[..<slash]), 0o700)
        }
        let database = try Database(path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
        database.wait(milliseconds: Self.patience)
        try Self.check(database)
        let isNew = try database.integer("PRAGMA user_version") == 0
        try database.execute("PRAGMA journal_mode = WAL")
        // Neither a dying process nor a power cut may make a used token valid again.
        try database.execute("PRAGMA synchronous = FULL")
        try Schema.migrate(database, to: Self.steps.count, Self.steps, of: "the node's state")
        if isNew { writer.lacking = Set(Table.allCases) }
        writer.database = database
    }

    /// The readable part may still be useful. The next attempt creates a new file.
    private func setAside(_ writer: inout Writer, _ error: LedgerError) {
        writer = Writer()
        let aside = path + ".damaged"
        for end in ["", "-wal", "-shm"] {
            // SAFETY: the paths are read during the call.
            _ = unsafe rename(path + end, aside + end)
        }
        tell("a damaged file is set aside, and \(path) is made again", "\(error): see \(aside)")
    }
}
