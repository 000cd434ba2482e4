import CLinux
import CSQLite

/// A failure of a database: what we were doing, and its message.
public struct LedgerError: Error, Equatable, Sendable, CustomStringConvertible {
    public var operation: String
    /// SQLite's primary result code; 0 if the failure was not SQLite's.
    public var code: Int32
    /// PostgreSQL's SQLSTATE; empty if the failure was not its own.
    public var state: String
    public var message: String

    public init(_ operation: String, code: Int32 = 0, state: String = "", _ message: String) {
        self.operation = operation
        self.code = code
        self.state = state
        self.message = message
    }

    public var description: String { "\(operation): \(message)" }

    /// The file belongs to another user.
    public var isOfAnotherUser: Bool { code == SQLITE_PERM }

    public var isOfADamagedFile: Bool { code == SQLITE_NOTADB || code == SQLITE_CORRUPT }

    /// A SQLite file, or its disk, is the problem, and not PostgreSQL.
    public var isOfAFile: Bool { code != 0 }

    /// Another process has the file.
    public var isOfALock: Bool { code == SQLITE_BUSY }

    /// PostgreSQL cannot be reached, or has no room at the moment: the same call may succeed later.
    public var mayPass: Bool {
        // Class 08 concerns the connection, 53 a lack of resources, 57 an operator's action.
        if !state.isEmpty { return ["08", "53", "57"].contains(state.prefix(2)) }
        return [
            "refused", "timeout", "timed out", "translate host", "unreachable", "No route",
            "closed the connection", "starting up", "shutting down", "recovery", "too many",
            "does not answer", "reset by peer", "socket", "is lost",
        ].contains { message.contains($0) }
    }

    /// The file or its disk is the problem, not the record: a retry may succeed.
    var isOfTheFile: Bool {
        switch code {
        case SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_TOOBIG, SQLITE_RANGE, SQLITE_ERROR: false
        default: true
        }
    }
}

/// One connection to one SQLite file, used by one thread at a time.
@safe final class Database: LedgerDatabase {
    var dialect: Dialect { .sqlite }
    // SAFETY: owned by this object from `init` to `deinit`; opened with SQLITE_OPEN_FULLMUTEX, and
    // used by one thread at a time.
    private let handle: OpaquePointer
    private var statements: [String: Statement] = [:]
    // SAFETY: allocated with this object and written by SQLite on the same thread; freed in
    // `deinit`, after the handle is closed.
    private let logPages = UnsafeMutablePointer<Int32>.allocate(capacity: 1)

    /// - Parameters:
    ///   - path: May be a `file:` URI.
    ///   - flags: `SQLITE_OPEN_...`
    init(_ path: String, flags: Int32) throws(LedgerError) {
        try Self.refuseOthers(path)
        var opened: OpaquePointer?
        // SAFETY: the path is read during the call; the returned handle, even on failure, is closed
        // here or by `deinit`.
        let code = unsafe sqlite3_open_v2(
            path, &opened, flags | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_URI, nil)
        guard let opened = unsafe opened else {
            throw LedgerError("opening \(path)", code: SQLITE_NOMEM, "out of memory")
        }
        guard code == SQLITE_OK else {
            let message = unsafe Self.message(opened)
            unsafe sqlite3_close_v2(opened)
            throw LedgerError("opening \(path)", code: code & 0xFF, message)
        }
        unsafe handle = opened
        unsafe logPages.initialize(to: 0)
        let registered = unsafe Searching.register(in: opened)
        guard registered == SQLITE_OK else { throw error("opening \(path)", registered) }
    }

    /// Opening a pipe or a device would block.
    static func refuseOthers(_ path: String) throws(LedgerError) {
        // SAFETY: the path is read during the call.
        guard unsafe tk_is_file_or_missing(path) != 0 else {
            throw LedgerError("opening \(path)", code: SQLITE_CANTOPEN, "it is not a file")
        }
    }

    deinit {
        statements = [:]
        // SAFETY: the handle belongs to this object, and none of its statements is left.
        unsafe sqlite3_close_v2(handle)
        unsafe logPages.deallocate()
    }

    // MARK: The write-ahead log

    /// The log's pages as of the last commit, once counting has begun.
    var pagesInLog: Int { unsafe Int(logPages.pointee) }

    /// From now on, counts the log's pages and makes no checkpoints.
    func countPagesInLog() { unsafe tk_sqlite_count_pages(handle, logPages) }

    /// Moves as much as possible into the file, and waits for the disk.
    func checkpoint() throws(LedgerError) { try execute("PRAGMA wal_checkpoint(PASSIVE)") }

    /// Runs statements without parameters and without results.
    func execute(_ sql: String) throws(LedgerError) {
        // SAFETY: handle as above; the text is read during the call, there is no callback.
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(sql, code) }
    }

    /// A statement, prepared once and kept; its uses must not overlap.
    func statement(_ sql: String) throws(LedgerError) -> Statement {
        if let known = statements[sql] { return known }
        var prepared: OpaquePointer?
        // SAFETY: handle as above; the text is read during the call.
        let code = unsafe sqlite3_prepare_v2(handle, sql, -1, &prepared, nil)
        guard code == SQLITE_OK, let prepared = unsafe prepared else { throw error(sql, code) }
        let statement = unsafe Statement(prepared, of: self, sql)
        statements[sql] = statement
        return statement
    }

    /// Runs one statement without results.
    func run(_ sql: String, _ values: Value...) throws(LedgerError) {
        try statement(sql).run(values)
    }

    func query(
        _ sql: String, _ values: [Value], row: (borrowing Row) -> Void
    ) throws(LedgerError) {
        try statement(sql).query(values, row)
    }

    /// The number of rows changed by the last statement.
    var changes: Int { unsafe Int(sqlite3_changes(handle)) }

    /// The key of the row that was inserted last.
    var newestRow: Int64 { unsafe sqlite3_last_insert_rowid(handle) }

    /// Whether the file has been removed or replaced.
    var isGone: Bool {
        var hasMoved: Int32 = 0
        // SAFETY: handle as above; the number is written during the call.
        let code = unsafe sqlite3_file_control(handle, nil, SQLITE_FCNTL_HAS_MOVED, &hasMoved)
        return code != SQLITE_OK || hasMoved != 0
    }

    /// How long a statement waits for another process's lock.
    func wait(milliseconds: Int32) { unsafe sqlite3_busy_timeout(handle, milliseconds) }

    fileprivate func error(_ operation: String, _ code: Int32) -> LedgerError {
        let words = operation.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
        return LedgerError(
            String(words.prefix(80)), code: code & 0xFF, unsafe Self.message(handle))
    }

    // SAFETY: callers pass an open handle; the text belongs to it and is copied at once.
    private static func message(_ handle: OpaquePointer) -> String {
        guard let text = unsafe sqlite3_errmsg(handle) else { return "" }
        return unsafe String(cString: text)
    }
}

/// A prepared statement. Kept by its database, which outlives it.
@safe final class Statement {
    // SAFETY: owned by this object from `init` to `deinit`; used by the database's thread only.
    private let handle: OpaquePointer
    private unowned let database: Database
    private let sql: String

    fileprivate init(_ handle: OpaquePointer, of database: Database, _ sql: String) {
        unsafe self.handle = handle
        self.database = database
        self.sql = sql
    }

    deinit { unsafe sqlite3_finalize(handle) }

    func run(_ values: [Value]) throws(LedgerError) { try query(values) { _ in } }

    func query(_ values: [Value], _ row: (borrowing Row) -> Void) throws(LedgerError) {
        for (index, value) in values.enumerated() {
            try bind(value, at: Int32(index + 1))
        }
        // SAFETY: the statement belongs to this object; a row's values are copied before the next
        // step.
        defer { unsafe sqlite3_reset(handle) }
        while true {
            switch unsafe sqlite3_step(handle) {
            case SQLITE_ROW: unsafe row(Row(.sqlite(handle)))
            case SQLITE_DONE: return
            case let code: throw database.error(sql, code)
            }
        }
    }

    private func bind(_ value: Value, at index: Int32) throws(LedgerError) {
        // SAFETY: the statement belongs to this object; the call copies texts.
        let code =
            switch value {
            case .null: unsafe sqlite3_bind_null(handle, index)
            case .integer(let number): unsafe sqlite3_bind_int64(handle, index, number)
            case .text(let text): bind(Value.withoutZeros(text), at: index)
            case .bytes(let bytes):
                unsafe bytes.withUnsafeBufferPointer { buffer in
                    unsafe tk_sqlite_bind_bytes(
                        handle, index, buffer.baseAddress, Int32(clamping: buffer.count))
                }
            }
        guard code == SQLITE_OK else { throw database.error(sql, code) }
    }

    private func bind(_ text: String, at index: Int32) -> Int32 {
        // SAFETY: as above.
        unsafe tk_sqlite_bind_text(handle, index, text, Int32(clamping: text.utf8.count))
    }
}
