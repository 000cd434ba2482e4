import Basics
import CLinux
import CSQLite
import Transport

/// The records of a process that does not have the ledger yet, because another one still writes it:
/// in a separate file beside it, so that a `kill -9` costs no more than usual. The next process
/// that has the ledger imports them, once and in order: this process or, if it has died, a later
/// one.
///
/// They are records, not rows of the ledger, so that the ledger's queue treats them like any
/// others. Used by one thread at a time.
final class WaitingRecords {
    let path: String
    /// Distinguishes the file from all others, even after its name has been reused; empty if it has
    /// no records.
    private(set) var identity = ""
    /// The version of the program that wrote them.
    private(set) var version = ""
    /// The number of records in it.
    private(set) var count = 0
    /// Why they could not be read to the end.
    private(set) var failure: LedgerError?
    /// The number of records that were read but not understood.
    private(set) var misread = 0
    private var read: Int64 = 0
    /// nil once it has been removed.
    private var database: Database?
    private var checkpoints: Checkpoints?
    private let lock: Int32

    /// The number of files beside one ledger, of processes that wait or have died waiting.
    private static let most = 8
    /// 256 MiB, so that all files together are as large as a spool may be: minutes of a thousand
    /// turns a second. Beyond that, records wait in memory, as with a full disk.
    private static let pages = 65_536
    /// The meaning of the columns: `Record.columns`.
    private static let form: Int64 = 1
    /// The number of records read together.
    private static let batch = 1000

    /// Creates a new file.
    static func make(
        beside ledger: String, version: String, pages: Int? = nil
    ) throws(LedgerError) -> WaitingRecords {
        for number in 1...most {
            let path = path(number, beside: ledger)
            guard let lock = try take(path + ".lock") else { continue }
            // SAFETY: the path is read during the call.
            guard unsafe access(path, F_OK) != 0 else {
                // The file belongs to the ledger.
                tk_close(lock, 0)
                continue
            }
            // Private from the first moment on, as are the files that SQLite puts beside it.
            // SAFETY: the path is read during the call.
            let made = unsafe tk_try_lock_file(path)
            if made >= 0 { tk_close(made, 0) }
            do throws(LedgerError) {
                let waiting = try open(path, lock, pages ?? Self.pages)
                try waiting.begin(version)
                return waiting
            } catch {
                discard(path)
                throw error
            }
        }
        throw LedgerError(
            "keeping records until the ledger is free",
            "there are \(most) files \(ledger).waiting-... already: the next start takes them in")
    }

    /// The files of processes that have died. Only the ledger's owner may call this.
    static func left(
        beside ledger: String
    ) -> (files: [WaitingRecords], unreadable: [LedgerError]) {
        var (files, unreadable): ([WaitingRecords], [LedgerError]) = ([], [])
        for number in 1...most {
            let path = path(number, beside: ledger)
            // SAFETY: the path is read during the call.
            guard unsafe access(path, F_OK) == 0 else { continue }
            do throws(LedgerError) {
                guard let lock = try take(path + ".lock") else { continue }
                let waiting = try open(path, lock, pages)
                try waiting.recognise()
                files.append(waiting)
            } catch {
                unreadable.append(LedgerError(path, code: error.code, error.description))
            }
        }
        return (files, unreadable)
    }

    private init(_ path: String, _ lock: Int32, _ database: Database) {
        self.path = path
        self.lock = lock
        self.database = database
    }

    /// - Parameter lock: Belongs to the file from now on.
    private static func open(
        _ path: String, _ lock: Int32, _ pages: Int
    ) throws(LedgerError) -> WaitingRecords {
        do throws(LedgerError) {
            let database = try Database(path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
            database.wait(milliseconds: 200)
            try database.execute("PRAGMA journal_mode = WAL")
            try database.execute("PRAGMA synchronous = NORMAL")
            try database.execute("PRAGMA max_page_count = \(pages)")
            return WaitingRecords(path, lock, database)
        } catch {
            tk_close(lock, 0)
            throw error
        }
    }

    deinit {
        checkpoints?.end()
        database = nil
        tk_close(lock, 0)
    }

    private static func path(_ number: Int, beside ledger: String) -> String {
        "\(ledger).waiting-\(number)"
    }

    /// - Returns: nil if another process has it.
    private static func take(_ path: String) throws(LedgerError) -> Int32? {
        while true {
            // SAFETY: the path is read during the calls.
            let fd = unsafe tk_try_lock_file(path)
            if fd == -EWOULDBLOCK { return nil }
            guard fd >= 0 else {
                throw LedgerError("locking \(path)", SystemError("opening it", -fd).description)
            }
            // The process that had it may have removed it meanwhile.
            if unsafe tk_is_file(path, fd) != 0 { return fd }
            tk_close(fd, 0)
        }
    }

    private func begin(_ version: String) throws(LedgerError) {
        guard let database else { return }
        let columns = (1...Record.mostColumns).map { "c\($0)" }.joined(separator: ", ")
        try database.execute(
            """
            BEGIN IMMEDIATE;
            CREATE TABLE records (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, \(columns));
            CREATE TABLE origin (identity TEXT NOT NULL, version TEXT NOT NULL);
            INSERT INTO origin VALUES (hex(randomblob(8)), '');
            PRAGMA user_version = \(Self.form);
            COMMIT;
            """)
        try database.run("UPDATE origin SET version = ?", .text(version))
        database.countPagesInLog()
        checkpoints = try Checkpoints(path)
        try recognise()
    }

    private func recognise() throws(LedgerError) {
        guard let database else { return }
        let form = try database.integer("PRAGMA user_version")
        // Its process died as it began.
        if form == 0 { return }
        guard form == Self.form else {
            throw LedgerError("reading it", "it is another version's: its form is \(form)")
        }
        try database.query("SELECT identity, version FROM origin") { row in
            identity = row.text(0)
            version = row.text(1)
        }
        count = Int(try database.integer("SELECT count(*) FROM records"))
    }

    // MARK: Writing

    /// Appends all records or, if the file cannot be written, none.
    /// - Returns: The number of records that could not be written for their own reasons.
    func append(_ records: [Record]) throws(LedgerError) -> Int {
        guard let database, !records.isEmpty else { return 0 }
        do {
            try database.execute("BEGIN IMMEDIATE")
            let insert = try database.statement(Self.inserting)
            var refused = 0
            for record in records {
                do {
                    for part in record.parts {
                        let (kind, values) = part.columns
                        let rest = Record.mostColumns - values.count
                        try insert.run(
                            [.text(kind.rawValue)] + values
                                + [Value](repeating: .null, count: rest))
                    }
                } catch let error where !error.isOfTheFile {
                    refused += 1
                }
            }
            try database.execute("COMMIT")
            count += records.count - refused
            checkpoints?.follow(database)
            return refused
        } catch {
            // Some failures end the transaction themselves; then this statement fails harmlessly.
            try? database.execute("ROLLBACK")
            throw error
        }
    }

    private static let inserting: String = {
        let names = (1...Record.mostColumns).map { ", c\($0)" }.joined()
        let values = String(repeating: ", ?", count: Record.mostColumns)
        return "INSERT INTO records (kind\(names)) VALUES (?\(values))"
    }()

    // MARK: Importing

    /// Starts again with the first record.
    func rewind() { (read, misread, failure) = (0, 0, nil) }

    /// The next records in order; nil when there are no more, or they cannot be read.
    func next() -> [Record]? {
        var records: [Record] = []
        let before = read
        do throws(LedgerError) {
            try database?.query(Self.reading, [.integer(read), Value(Self.batch)]) { row in
                read = row.integer(Int32(Record.mostColumns + 1))
                if let kind = Record.Kind(rawValue: row.text(Int32(Record.mostColumns))) {
                    records.append(Record(kind, row))
                } else {
                    misread += 1
                }
            }
        } catch {
            failure = error
        }
        return read == before ? nil : records
    }

    private static let reading: String = {
        let names = (1...Record.mostColumns).map { "c\($0), " }.joined()
        return "SELECT \(names)kind, number FROM records WHERE number > ? ORDER BY number LIMIT ?"
    }()

    /// The ledger has the records, as far as they could be read; if not to the end, the file is
    /// kept.
    /// - Returns: Whether the file is gone.
    func remove() -> Bool {
        checkpoints?.end()
        checkpoints = nil
        // Closing moves the log into the file, which need not delay anything.
        try? database?.execute("PRAGMA synchronous = OFF")
        database = nil
        if failure != nil {
            for end in ["", "-wal", "-shm"] {
                // SAFETY: the paths are read during the call.
                _ = unsafe rename(path + end, path + ".damaged" + end)
            }
        }
        return Self.discard(path)
    }

    /// - Returns: Whether nothing of it is left.
    @discardableResult
    private static func discard(_ path: String) -> Bool {
        for end in ["", "-wal", "-shm", ".lock"] {
            // SAFETY: the path is read during the call.
            _ = unsafe unlink(path + end)
        }
        // SAFETY: as above.
        return unsafe access(path, F_OK) != 0
    }
}

extension LedgerStore {
    /// Writes what a process recorded before the ledger was its own: everything or nothing, and
    /// only once, even if a process dies before the other file is removed.
    /// - Parameter meanwhile: Called repeatedly, because this may take seconds.
    /// - Returns: The number of records that could not be written for their own reasons.
    func takeIn(
        _ waiting: WaitingRecords, at now: Instant, meanwhile: () -> Void = {}
    ) throws(LedgerError) -> Int {
        guard !waiting.identity.isEmpty else { return 0 }
        try database.execute("CREATE TABLE IF NOT EXISTS taken_in (identity TEXT PRIMARY KEY)")
        let known = try database.integer(
            "SELECT count(*) FROM taken_in WHERE identity = ?", [.text(waiting.identity)])
        guard known == 0 else { return 0 }
        waiting.rewind()
        return try transact { () throws(LedgerError) in
            var refused = 0
            while let records = waiting.next() {
                refused += try put(records, at: now, by: waiting.version)
                meanwhile()
            }
            try database.run("INSERT INTO taken_in VALUES (?)", .text(waiting.identity))
            return refused + waiting.misread
        }
    }

    /// The file has been removed, so it cannot be imported again.
    func forget(_ waiting: WaitingRecords) throws(LedgerError) {
        try database.run("DELETE FROM taken_in WHERE identity = ?", .text(waiting.identity))
    }
}
