import Basics
import CSQLite

/// Where a ledger is kept.
public enum LedgerPlace: Equatable, Sendable {
    /// A SQLite file.
    case file(String)
}

/// A database with the tables of the ledger, for queries.
///
/// What reads the books is written once, for both databases; where their SQL differs, it asks the
/// dialect. Parameters are `?`, or `?1`, `?2`, ...
protocol Books: AnyObject {
    var dialect: Dialect { get }

    /// Calls `row` with each result.
    func query(
        _ sql: String, _ values: [Value], row: (borrowing Row) -> Void
    ) throws(LedgerError)
}

extension Books {
    func query(_ sql: String, row: (borrowing Row) -> Void) throws(LedgerError) {
        try query(sql, [], row: row)
    }

    /// Of the last row; 0 if there is none.
    func integer(_ sql: String, _ values: [Value] = []) throws(LedgerError) -> Int64 {
        var result: Int64 = 0
        try query(sql, values) { result = $0.integer(0) }
        return result
    }
}

/// A value of a column or parameter.
enum Value: Equatable {
    case null
    case integer(Int64)
    case text(String)
    /// UTF-8.
    case bytes([UInt8])

    init(_ text: String?) { self = text.map(Value.text) ?? .null }
    init(_ number: Int64?) { self = number.map(Value.integer) ?? .null }
    init(_ number: Int) { self = .integer(Int64(number)) }
    init(_ number: Int?) { self = number.map { .integer(Int64($0)) } ?? .null }
}

/// The current result of a statement, valid until its next step.
@safe struct Row: ~Copyable {
    @unsafe enum Source {
        case sqlite(OpaquePointer)
    }
    // SAFETY: borrowed from the statement for the duration of one callback.
    private let source: Source

    init(_ source: Source) { unsafe self.source = source }

    func integer(_ column: Int32) -> Int64 {
        switch unsafe source {
        case .sqlite(let handle): unsafe sqlite3_column_int64(handle, column)
        }
    }

    func isNull(_ column: Int32) -> Bool {
        switch unsafe source {
        case .sqlite(let handle): unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
        }
    }

    /// Empty for null.
    func text(_ column: Int32) -> String {
        switch unsafe source {
        case .sqlite(let handle):
            // SAFETY: SQLite keeps the text until the next step or conversion; it is copied here.
            guard let text = unsafe sqlite3_column_text(handle, column) else { return "" }
            return unsafe String(cString: text)
        }
    }

    func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    func time(_ column: Int32) -> WallTime? {
        optionalInteger(column).map { WallTime(microseconds: $0) }
    }
}

/// Where the SQL of the two databases differs.
enum Dialect {
    case sqlite

    /// Microseconds since 1970.
    var now: String { "unixepoch() * 1000000" }

    /// The larger of two numbers.
    func greater(_ one: String, _ other: String) -> String { "max(\(one), \(other))" }

    /// Whether `?`, a text, is a part of a column.
    func contains(_ column: String) -> String { "instr(\(column), ?) > 0" }

    /// Compares without regard to the case of ASCII letters, at least.
    var like: String { "LIKE" }

    /// `2026-11-21`, UTC, of a time in microseconds.
    func day(_ time: String) -> String { "date(\(time) / 1000000, 'unixepoch')" }

    /// `2026-11`
    func month(_ time: String) -> String { "strftime('%Y-%m', \(time) / 1000000, 'unixepoch')" }

    /// The sum of the numbers in a text such as `stalled=1,nudged=2`.
    func sum(of counts: String) -> String {
        "CASE \(counts) WHEN '' THEN 0 ELSE (SELECT sum(e.value) FROM json_each("
            + "'{\"' || replace(replace(\(counts), '=', '\":'), ',', ',\"') || '}') e) END"
    }

    // MARK: Timelines

    /// The entries of a row of `blocks` or `log`, as `e`, in their order by `e.key`.
    func entries(of table: String) -> String { "json_each(\(table).entries) e" }

    /// A part of an entry.
    func number(_ place: Int) -> String { "e.value->>\(place)" }
    func words(_ place: Int) -> String { "e.value->>\(place)" }

    /// A row of the log, `l`, has entries of a session with numbers above this.
    func reaches(_ number: String) -> String { "l.number > \(number)" }

    /// An entry of the log, `e`, is of the session with this key.
    func isOf(_ key: String) -> String { "e.value->>0 = \(key)" }

    /// The key of an entry's session.
    var keyOfLogged: String { "e.value->>0" }

    // MARK: All sessions

    /// Entries with numbers above ?1. One may be both in the log and in a block.
    var allEvents: String {
        """
        SELECT n, t, what, lane, text, id FROM (
            SELECT e.value->>0 AS n, e.value->>1 AS t, e.value->>2 AS what,
                e.value->>3 AS lane, e.value->>4 AS text, b.session AS session
                FROM blocks b, json_each(b.entries) e WHERE b.number > ?1
            UNION SELECT e.value->>1, e.value->>2, e.value->>3, e.value->>4, e.value->>5,
                e.value->>0 FROM log l, json_each(l.entries) e WHERE l.number > ?1)
        JOIN sessions ON key = session WHERE n > ?1 AND lane != '' ORDER BY n LIMIT ?2
        """
    }

    var newestEntry: String {
        "SELECT max(coalesce((SELECT max(number) FROM log), -1), "
            + "coalesce((SELECT max(number) FROM blocks), -1))"
    }

    /// Ids of those with entries above ?1.
    var changedSessions: String {
        "SELECT id FROM sessions WHERE key IN (SELECT session FROM blocks WHERE number > ?1 "
            + "UNION SELECT e.value->>0 FROM log l, json_each(l.entries) e "
            + "WHERE l.number > ?1 AND e.value->>1 > ?1) LIMIT ?2"
    }
}
