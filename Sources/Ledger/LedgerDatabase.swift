import Basics
import CLinux
import CSQLite

/// Where a ledger is kept.
public enum LedgerPlace: Equatable, Sendable {
    /// A SQLite file.
    case file(String)
    case postgres(PostgresAddress)
}

/// A database with the tables of the ledger, for queries.
///
/// Queries are written once, for both databases; where their SQL differs, they ask the dialect.
/// Parameters are `?`, or `?1`, `?2`, ...
protocol LedgerDatabase: AnyObject {
    var dialect: Dialect { get }

    /// Calls `row` with each result.
    func query(
        _ sql: String, _ values: [Value], row: (borrowing Row) -> Void
    ) throws(LedgerError)
}

extension LedgerDatabase {
    func query(_ sql: String, row: (borrowing Row) -> Void) throws(LedgerError) {
        try query(sql, [], row: row)
    }

    /// From the last row; 0 if there is none.
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
    /// UTF-8 that we have composed, without a NUL character; stored unchanged.
    case bytes([UInt8])

    init(_ text: String?) { self = text.map(Value.text) ?? .null }
    init(_ number: Int64?) { self = number.map(Value.integer) ?? .null }
    init(_ number: Int) { self = .integer(Int64(number)) }
    init(_ number: Int?) { self = number.map { .integer(Int64($0)) } ?? .null }

    /// PostgreSQL's text cannot contain a NUL character, and for most functions of SQLite the text
    /// ends there: the replacement character takes its place. Only peers write such texts.
    static func withoutZeros(_ text: String) -> String {
        // Every text is searched, so many bytes at a time. SAFETY: the bytes are read during the
        // call.
        let isClean = unsafe text.utf8.withContiguousStorageIfAvailable {
            unsafe $0.baseAddress.map { unsafe memchr($0, 0, text.utf8.count) == nil } ?? true
        }
        guard !(isClean ?? !text.utf8.contains(0)) else { return text }
        return String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.value == 0 ? "\u{FFFD}" : $0 }))
    }
}

/// The current row of a statement, valid until its next step.
@safe struct Row: ~Copyable {
    @unsafe enum Source {
        case sqlite(OpaquePointer)
        /// A result, and the index of the row in it.
        case postgres(PostgresResult, Int32)
    }
    // SAFETY: borrowed from the statement for the duration of one callback.
    private let source: Source

    init(_ source: Source) { unsafe self.source = source }

    func integer(_ column: Int32) -> Int64 {
        switch unsafe source {
        case .sqlite(let handle): unsafe sqlite3_column_int64(handle, column)
        case .postgres: Int64(text(column)) ?? 0
        }
    }

    func isNull(_ column: Int32) -> Bool {
        switch unsafe source {
        case .sqlite(let handle): unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
        case .postgres(let result, let row): result.isNull(row, column)
        }
    }

    /// Empty for null.
    func text(_ column: Int32) -> String {
        switch unsafe source {
        case .sqlite(let handle):
            // SAFETY: SQLite keeps the text until the next step or conversion; it is copied here.
            guard let text = unsafe sqlite3_column_text(handle, column) else { return "" }
            return unsafe String(cString: text)
        case .postgres(let result, let row): return result.text(row, column)
        }
    }

    func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    func time(_ column: Int32) -> WallTime? {
        optionalInteger(column).map { WallTime(microseconds: $0) }
    }
}
