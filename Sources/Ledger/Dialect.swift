/// Where the SQL of the two databases differs. The tables are the same except for the log:
/// PostgreSQL's has entries of several nodes, which name their session by its id, and is read by
/// its own numbers.
enum Dialect {
    case sqlite, postgres

    /// A session's node: a file has only one.
    var node: String { self == .postgres ? "node" : "''" }

    /// Microseconds since 1970.
    var now: String {
        switch self {
        case .sqlite: "unixepoch() * 1000000"
        case .postgres: "(extract(epoch FROM now()) * 1000000)::bigint"
        }
    }

    /// The larger of two numbers.
    func greater(_ one: String, _ other: String) -> String {
        switch self {
        case .sqlite: "max(\(one), \(other))"
        case .postgres: "greatest(\(one), \(other))"
        }
    }

    /// The sum of numbers that a peer may have reported, or the greatest number.
    func total(_ column: String) -> String {
        switch self {
        case .sqlite: "CAST(total(\(column)) AS INTEGER)"
        case .postgres: "least(coalesce(sum(\(column)), 0), \(Int64.max))"
        }
    }

    /// Whether `?`, a text, is part of a column.
    func contains(_ column: String) -> String {
        switch self {
        case .sqlite: "instr(\(column), ?) > 0"
        case .postgres: "strpos(\(column), ?) > 0"
        }
    }

    /// Whether words, as from `toFind`, are said in a column, in either case.
    func says(_ column: String) -> String {
        switch self {
        case .sqlite: "says(\(column), ?)"
        case .postgres: "\(column) ILIKE ? ESCAPE '\\'"
        }
    }

    func toFind(_ words: String) -> Value {
        guard self == .postgres else { return .text(Searching.fold(words)) }
        // By scalars: a sign with an accent is one character, and ILIKE knows only the sign.
        var pattern = "%"
        for scalar in words.unicodeScalars {
            if "%_\\".unicodeScalars.contains(scalar) { pattern += "\\" }
            pattern.unicodeScalars.append(scalar)
        }
        return .text(pattern + "%")
    }

    /// `2026-11-21`, UTC, for a time in microseconds.
    func day(_ time: String) -> String {
        switch self {
        case .sqlite: "date(\(time) / 1000000, 'unixepoch')"
        case .postgres: "to_char(to_timestamp(\(time) / 1000000), 'YYYY-MM-DD')"
        }
    }

    /// `2026-11`
    func month(_ time: String) -> String {
        switch self {
        case .sqlite: "strftime('%Y-%m', \(time) / 1000000, 'unixepoch')"
        case .postgres: "to_char(to_timestamp(\(time) / 1000000), 'YYYY-MM')"
        }
    }

    /// The sum of the numbers in a text such as `stalled=1,nudged=2`.
    func sum(of counts: String) -> String {
        switch self {
        case .sqlite:
            "CASE \(counts) WHEN '' THEN 0 ELSE (SELECT sum(e.value) FROM json_each("
                + "'{\"' || replace(replace(\(counts), '=', '\":'), ',', ',\"') || '}') e) END"
        case .postgres:
            "(SELECT coalesce(sum(split_part(e, '=', 2)::bigint), 0) "
                + "FROM unnest(string_to_array(\(counts), ',')) e)"
        }
    }

    /// The words of a text such as `pa1250 rt7 ~ra5`, as `e`.
    func counts(of text: String) -> String {
        switch self {
        case .sqlite: "json_each('[\"' || replace(\(text), ' ', '\",\"') || '\"]') e"
        case .postgres: "unnest(string_to_array(\(text), ' ')) e(value)"
        }
    }

    /// The name in such a word: `pa`.
    var nameOfCount: String { "rtrim(e.value, '0123456789')" }

    /// The count in such a word: 1250.
    var count: String {
        "CAST(nullif(ltrim(e.value, '~abcdefghijklmnopqrstuvwxyz'), '') AS BIGINT)"
    }

    // MARK: Timelines

    /// The entries of a row of `blocks` or `log`, as `e`, in their order by `e.key`.
    func entries(of table: String) -> String {
        switch self {
        case .sqlite: "json_each(\(table).entries) e"
        case .postgres: "json_array_elements(\(table).entries) WITH ORDINALITY e(value, key)"
        }
    }

    /// A part of an entry.
    func number(_ place: Int) -> String {
        switch self {
        case .sqlite: "e.value->>\(place)"
        case .postgres: "(e.value->>\(place))::bigint"
        }
    }
    func words(_ place: Int) -> String { "e.value->>\(place)" }

    /// A row of the log, `l`, may have entries with numbers above this that are not in blocks. Each
    /// entry is in a block a quarter of a minute after it has arrived.
    func reaches(_ number: String) -> String {
        switch self {
        case .sqlite: "l.number > \(number)"
        case .postgres: "l.last > \(number) AND l.at > now() - interval '1 minute'"
        }
    }

    /// Whether an entry of the log, `e`, belongs to the session with this key.
    func isOf(_ key: String) -> String {
        switch self {
        case .sqlite: "e.value->>0 = \(key)"
        case .postgres: "e.value->>0 = (SELECT id FROM sessions WHERE key = \(key))"
        }
    }

    /// The key of an entry's session.
    var keyOfLogged: String {
        switch self {
        case .sqlite: "e.value->>0"
        case .postgres: "(SELECT key FROM keys WHERE id = e.value->>0)"
        }
    }

    // MARK: All sessions

    /// Entries with numbers above ?1. In SQLite an entry may be both in the log and in a block.
    var allEvents: String {
        switch self {
        case .sqlite:
            """
            SELECT n, t, what, lane, text, id FROM (
                SELECT e.value->>0 AS n, e.value->>1 AS t, e.value->>2 AS what,
                    e.value->>3 AS lane, e.value->>4 AS text, b.session AS session
                    FROM blocks b, json_each(b.entries) e WHERE b.number > ?1
                UNION SELECT e.value->>1, e.value->>2, e.value->>3, e.value->>4, e.value->>5,
                    e.value->>0 FROM log l, json_each(l.entries) e WHERE l.number > ?1)
            JOIN sessions ON key = session WHERE n > ?1 AND lane != '' ORDER BY n LIMIT ?2
            """
        case .postgres:
            """
            SELECT l.number - l.count + e.key, \(number(2)), \(words(3)), \(words(4)), \(words(5)),
                \(words(0)) FROM log l, \(entries(of: "l")) WHERE l.number > ?1
                AND l.number - l.count + e.key > ?1 AND \(words(4)) != '' ORDER BY 1 LIMIT ?2
            """
        }
    }

    var newestEntry: String {
        switch self {
        case .sqlite:
            "SELECT max(coalesce((SELECT max(number) FROM log), -1), "
                + "coalesce((SELECT max(number) FROM blocks), -1))"
        case .postgres: "SELECT number FROM position"
        }
    }

    /// Ids of sessions with entries above ?1.
    var changedSessions: String {
        switch self {
        case .sqlite:
            "SELECT id FROM sessions WHERE key IN (SELECT session FROM blocks WHERE number > ?1 "
                + "UNION SELECT e.value->>0 FROM log l, json_each(l.entries) e "
                + "WHERE l.number > ?1 AND e.value->>1 > ?1) LIMIT ?2"
        case .postgres:
            "SELECT DISTINCT e.value->>0 FROM log l, \(entries(of: "l")) WHERE l.number > ?1 "
                + "AND l.number - l.count + e.key > ?1 LIMIT ?2"
        }
    }
}
