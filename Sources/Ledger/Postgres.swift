import Basics
import CLinux
import CPostgres
import Glibc
import Transport

/// One connection to PostgreSQL, used by one thread at a time.
@safe final class Postgres: LedgerDatabase {
    enum Purpose { case reading, writing }

    var dialect: Dialect { .postgres }
    let address: PostgresAddress
    private let purpose: Purpose
    /// When this thread is to stop waiting, waits here end, too.
    private let thread: BackgroundThread?
    // SAFETY: owned by this object from `connect` to `disconnect`; used by one thread at a time.
    private var connection: OpaquePointer?
    private var translated: [String: String] = [:]
    /// The time, by the clock of `tk_now`, when waiting for statements ends; nil: each has a
    /// minute.
    var deadline: Int64?

    /// For one statement. Reports over a quarter take seconds.
    private static let patience: Int64 = 60_000

    init(
        _ address: PostgresAddress, for purpose: Purpose, onBehalfOf thread: BackgroundThread? = nil
    ) throws(LedgerError) {
        self.address = address
        self.thread = thread
        self.purpose = purpose
        try connect()
        if purpose == .reading { try PostgresSchema.check(self) }
    }

    deinit { disconnect() }

    // MARK: The connection

    /// In a transaction: half of the time that others wait for its locks. A process that stands
    /// still in one, or is cut off, holds its locks, and the server may take hours to notice.
    private static let longestPause = Interval.seconds(5)

    private func connect() throws(LedgerError) {
        try open()
        try refuseSharedServer()
        try run(
            "SET search_path TO turnkeeper; SET timezone TO 'UTC'"
                + (purpose == .reading
                    ? "; SET default_transaction_read_only TO on; SET statement_timeout TO 60000"
                    : "; SET lock_timeout TO 10000; "
                        + "SET idle_in_transaction_session_timeout TO \(Self.longestPause.milliseconds)")
        )
        guard let made = unsafe connection else { return }
        // SAFETY: belongs to the connection, and is copied at once.
        let encoding = unsafe tk_pg_parameter(made, "server_encoding").map {
            unsafe String(cString: $0)
        }
        guard encoding == "UTF8" else {
            throw LedgerError("connecting to \(address)", "the database's encoding is not UTF8")
        }
    }

    private func open() throws(LedgerError) {
        guard tk_pg_load() == 0 else {
            // SAFETY: a constant by now, copied at once.
            let obstacle = unsafe String(cString: tk_pg_obstacle())
            throw LedgerError(
                "connecting to \(address)",
                "PostgreSQL's library cannot be loaded; on Debian: apt-get install libpq5 "
                    + "(\(obstacle))")
        }
        // A service file's settings take precedence over these.
        if address.usesService {
            // SAFETY: constants; of this process only libpq reads the variables.
            unsafe setenv("PGSSLMODE", "verify-full", 0)
            unsafe setenv("PGSSLROOTCERT", PostgresAddress.publicRoots, 0)
        }
        let parameters = address.parameters(password: try password())
        let pairs = parameters.flatMap { [Value.text($0.name), .text($0.value)] }
        let texts = Self.packed(pairs) ?? []
        // SAFETY: the texts are read during the call.
        guard let made = unsafe tk_pg_connect(texts, Int32(parameters.count)) else {
            throw LedgerError("connecting to \(address)", "out of memory")
        }
        unsafe connection = made
        guard isConnected else {
            var message = complaint
            disconnect()
            // libpq's words, which do not mention the cure.
            if ["SSL", "certificate"].contains(where: message.contains), !address.isLocal {
                message +=
                    "; a server elsewhere must show a certificate for its name "
                    + "(?sslrootcert=FILE names your own authority)"
            }
            throw LedgerError("connecting to \(address)", message)
        }
    }

    // MARK: Pools

    /// Shows whether another client of a pool would share `original`'s server.
    private init(besides original: Postgres) throws(LedgerError) {
        (address, thread, purpose) = (original.address, original.thread, .writing)
        try open()
    }

    /// A pool may lend one server's connection to several clients in turn (PgBouncer's
    /// `pool_mode=transaction`). One client's settings, locks and notices then affect another:
    /// nothing here would be correct, and other users of the pool would suffer.
    private func refuseSharedServer() throws(LedgerError) {
        guard let open = unsafe connection else { return }
        let mine = try serverProcess()
        // The server itself, or a pool that passes on the server's number.
        guard unsafe mine != tk_pg_server_process(open) else { return }
        let other = try Postgres(besides: self)
        // A full pool makes the connection wait, and then shares nothing.
        other.deadline = tk_now() + 2_000_000_000
        do throws(LedgerError) { try other.run("BEGIN") } catch  where error.code == Self.overdue {
            return
        }
        guard try other.serverProcess() != mine, try serverProcess() == mine else {
            throw LedgerError(
                "connecting to \(address)",
                "a pool there gives each transaction another connection; name PostgreSQL itself, "
                    + "or a pool that keeps one for its client (PgBouncer: pool_mode=session)")
        }
    }

    private func serverProcess() throws(LedgerError) -> Int32? {
        Int32(try send("SELECT pg_backend_pid()", nil).text(0, 0))
    }

    private func password() throws(LedgerError) -> String? {
        guard let path = address.passwordFile else { return nil }
        // SAFETY: the path is read during the call, and the file is closed at the end. A pipe
        // without a writer reads as empty, so this does not wait for one.
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0, let file = unsafe fdopen(descriptor, "r") else {
            throw LedgerError("reading \(path)", "the password's file cannot be read")
        }
        defer { unsafe fclose(file) }
        var line = [CChar](repeating: 0, count: 4096)
        guard unsafe fgets(&line, Int32(line.count), file) != nil else {
            throw LedgerError("reading \(path)", "the password's file is empty")
        }
        let bytes = line.prefix { $0 != 0 && $0 != 10 && $0 != 13 }
        return String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func disconnect() {
        if let open = unsafe connection { unsafe tk_pg_close(open) }
        unsafe connection = nil
    }

    var isConnected: Bool {
        guard let open = unsafe connection else { return false }
        return unsafe tk_pg_is_connected(open) == 1
    }

    /// libpq's message, in one line.
    private var complaint: String {
        guard let open = unsafe connection, let text = unsafe tk_pg_message(open) else {
            return "the connection is lost"
        }
        // SAFETY: belongs to the connection, and is copied at once.
        let lines = unsafe String(cString: text).split(separator: "\n")
        let message = lines.map { $0.drop(while: \.isWhitespace) }.joined(separator: "; ")
        return message.isEmpty ? "it does not answer" : message
    }

    // MARK: Statements

    /// Runs statements without parameters and without results.
    func run(_ sql: String) throws(LedgerError) { _ = try send(sql, nil) }

    /// Runs one statement.
    /// - Returns: The number of rows it changed.
    @discardableResult
    func run(_ sql: String, _ values: [Value]) throws(LedgerError) -> Int {
        try send(sql, values).changes
    }

    /// Runs several statements, either all or none of which take effect.
    func atomically<Answer>(
        _ begin: String = "BEGIN", _ work: () throws(LedgerError) -> Answer
    ) throws(LedgerError) -> Answer {
        try run(begin)
        do {
            let answer = try work()
            try run("COMMIT")
            return answer
        } catch {
            try? run("ROLLBACK")
            throw error
        }
    }

    /// The same for work that no call depends on: PostgreSQL ends a statement that takes longer
    /// than this, or than half of the time that is left. Otherwise this process would have to give
    /// the connection up, and with it what calls depend on.
    func atomically<Answer>(
        within patience: Interval, _ work: () throws(LedgerError) -> Answer
    ) throws(LedgerError) -> Answer {
        let left = Interval(nanoseconds: max(0, (deadline ?? .max) - tk_now())) / 2
        let most = max(1, min(patience, left).milliseconds)
        return try atomically("BEGIN; SET LOCAL statement_timeout TO \(most)", work)
    }

    /// Deletes rows, no more than a round has time for, and none that another process is deleting.
    /// - Returns: Whether there may be more.
    func forget(
        _ table: String, where condition: String, most: Int = 10_000
    ) throws(LedgerError) -> Bool {
        try run(
            """
            DELETE FROM \(table) WHERE ctid = ANY (ARRAY(SELECT ctid FROM \(table)
                WHERE \(condition) LIMIT \(most) FOR UPDATE SKIP LOCKED))
            """, []) == most
    }

    /// SQL: the server's time when the transaction began, in microseconds since 1970. Nodes' clocks
    /// may differ.
    static let nowInMicroseconds = "(extract(epoch FROM now()) * 1000000)::bigint"
    /// The server's time now, also within a transaction.
    func clock() throws(LedgerError) -> WallTime {
        WallTime(
            microseconds: try integer(
                "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"))
    }

    func query(
        _ sql: String, _ values: [Value], row: (borrowing Row) -> Void
    ) throws(LedgerError) {
        let result = try ask(sql, values)
        for place in 0..<result.count { unsafe row(Row(.postgres(result, place))) }
    }

    /// A reader may be idle for hours, and its server may have restarted meanwhile; queries that
    /// only read can be repeated.
    private func ask(_ sql: String, _ values: [Value]) throws(LedgerError) -> PostgresResult {
        guard purpose == .reading else { return try send(sql, values) }
        let wasConnected = isConnected
        if !wasConnected { try connect() }
        do {
            return try send(sql, values)
        } catch {
            guard wasConnected, !isConnected, error.code != Self.overdue else { throw error }
            try connect()
            return try send(sql, values)
        }
    }

    private func send(_ sql: String, _ values: [Value]?) throws(LedgerError) -> PostgresResult {
        guard let open = unsafe connection else {
            throw LedgerError("asking \(address)", "the connection is lost")
        }
        guard let texts = Self.packed(values ?? []) else {
            // PostgreSQL's own words for such a text, which we need not send.
            throw LedgerError("asking \(address)", state: "22021", "a text contains a character 0")
        }
        let types = (values ?? []).map(\.type)
        let count = values.map { Int32($0.count) } ?? -1
        let began = tk_now()
        let patience = min(Self.patience, max(0, (deadline ?? .max) - began) / 1_000_000)
        // SAFETY: texts and types are read during the call; the result belongs to its object.
        guard
            let answer = unsafe tk_pg_run(
                open, values == nil ? sql : numbered(sql), count, types, texts, Int32(patience),
                thread?.hurryDescriptor ?? -1)
        else {
            let isOverdue = tk_now() - began >= patience * 1_000_000
            let message = isOverdue ? "it does not answer" : complaint
            disconnect()
            throw LedgerError("asking \(address)", code: isOverdue ? Self.overdue : 0, message)
        }
        let result = unsafe PostgresResult(answer)
        guard !result.isDone else { return result }
        let message = result.complaint.isEmpty ? complaint : result.complaint
        if !isConnected { disconnect() }
        throw LedgerError("asking \(address)", state: result.state, message)
    }

    private static let overdue: Int32 = -1

    /// Each value except null with a zero at its end, one after another; nil if bytes contain one.
    private static func packed(_ values: [Value]) -> [CChar]? {
        var packed: [CChar] = []
        for value in values {
            switch value {
            case .null: continue
            case .integer(let number): packed += String(number).utf8CString
            case .text(let text): packed += Value.withoutZeros(text).utf8CString
            case .bytes(let bytes):
                guard !bytes.contains(0) else { return nil }
                packed += bytes.lazy.map { CChar(bitPattern: $0) }
                packed.append(0)
            }
        }
        return packed
    }

    /// With `$1`, `$2`, ... instead of `?` and `?1`.
    private func numbered(_ sql: String) -> String {
        if let known = translated[sql] { return known }
        var text = ""
        var last = 0
        var isQuoted = false
        var isAfterMark = false
        for character in sql + " " {
            if isAfterMark, !character.isNumber {
                last += 1
                text += "\(last)"
            }
            isAfterMark = character == "?" && !isQuoted
            if character == "'" { isQuoted.toggle() }
            text.append(isAfterMark ? "$" : character)
        }
        translated[sql] = text
        return text
    }
}

/// PostgreSQL's answer.
@safe final class PostgresResult {
    // SAFETY: owned by this object; used by the connection's thread only.
    private let handle: OpaquePointer

    @unsafe fileprivate init(_ handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe tk_pg_clear(handle) }

    var isDone: Bool { unsafe tk_pg_is_done(handle) == 1 }
    // SAFETY: texts of the result, which are copied at once.
    var state: String { unsafe String(cString: tk_pg_state(handle)) }
    var complaint: String { unsafe String(cString: tk_pg_complaint(handle)) }
    var count: Int32 { unsafe tk_pg_rows(handle) }
    /// Rows that the statement changed.
    var changes: Int { unsafe Int(tk_pg_changes(handle)) }

    func isNull(_ row: Int32, _ column: Int32) -> Bool {
        unsafe tk_pg_is_null(handle, row, column) == 1
    }

    /// Empty for null.
    func text(_ row: Int32, _ column: Int32) -> String {
        unsafe String(cString: tk_pg_value(handle, row, column))
    }
}

extension Value {
    /// The OID of its type; 0 for null.
    fileprivate var type: UInt32 {
        switch self {
        case .null: 0
        case .integer: 20
        case .text, .bytes: 25
        }
    }
}
