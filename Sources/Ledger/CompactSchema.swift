/// Version 5 of the file. A session has a number, which its rows use instead of its id: rows and
/// indexes are a third as long, and neighbours in time are neighbours in them. For SQL queries by
/// people, views with the old names show the rows with the session's id.
extension Schema {
    /// `entries` are JSON arrays of `[number, t_us, what, lane, text, turn]`; those of the log,
    /// which covers all sessions, begin with the session's key. An entry without a lane is not an
    /// event: `.turn` says that a turn began and what asked for it, `.receipt` is a report by
    /// gemini.
    static let compactTables = """
        ALTER TABLE sessions RENAME TO sessions_4;
        CREATE TABLE sessions (
            key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL,
            end_user TEXT NOT NULL DEFAULT '', model TEXT NOT NULL DEFAULT '',
            started_us INTEGER NOT NULL, ended_us INTEGER, outcome TEXT,
            close_code INTEGER, close_reason TEXT, version TEXT NOT NULL DEFAULT '',
            troubles TEXT NOT NULL DEFAULT ''
        );
        CREATE INDEX sessions_by_start ON sessions (started_us);
        CREATE INDEX sessions_live ON sessions (key) WHERE ended_us IS NULL;
        CREATE INDEX sessions_in_trouble ON sessions (started_us) WHERE troubles != '';
        CREATE TABLE connection (
            session INTEGER NOT NULL, number INTEGER NOT NULL, opened_us INTEGER NOT NULL,
            closed_us INTEGER, code INTEGER, reason TEXT, resumed INTEGER NOT NULL DEFAULT 0,
            model TEXT NOT NULL DEFAULT '', closed_by TEXT NOT NULL DEFAULT 'gemini',
            PRIMARY KEY (session, number)
        ) WITHOUT ROWID;
        CREATE TABLE turn (
            session INTEGER NOT NULL, number INTEGER NOT NULL, input TEXT NOT NULL,
            started_us INTEGER NOT NULL, input_ended_us INTEGER, first_audio_us INTEGER,
            ended_us INTEGER, outcome TEXT, user_text TEXT, model_text TEXT,
            cost_micro_usd INTEGER NOT NULL DEFAULT 0,
            remedy_cost_micro_usd INTEGER NOT NULL DEFAULT 0,
            price_date TEXT NOT NULL DEFAULT '', stated_total INTEGER,
            reports INTEGER NOT NULL DEFAULT 0, remedies TEXT NOT NULL DEFAULT '',
            tokens TEXT NOT NULL DEFAULT '', PRIMARY KEY (session, number)
        ) WITHOUT ROWID;
        CREATE INDEX turn_by_start ON turn (started_us);
        CREATE TABLE tool_call (
            session INTEGER NOT NULL, call TEXT NOT NULL, name TEXT NOT NULL,
            called_us INTEGER NOT NULL, answered_us INTEGER, outcome TEXT NOT NULL,
            arguments TEXT, PRIMARY KEY (session, call)
        ) WITHOUT ROWID;
        CREATE TABLE blocks (
            number INTEGER PRIMARY KEY, session INTEGER NOT NULL, turn INTEGER,
            entries TEXT NOT NULL
        );
        CREATE INDEX blocks_of_session ON blocks (session, number);
        CREATE TABLE log (number INTEGER PRIMARY KEY, entries TEXT NOT NULL);
        """

    static let compactContents = """
        INSERT INTO sessions (id, tenant, model, started_us, ended_us, outcome, close_code,
            close_reason, version, troubles)
            SELECT id, tenant, model, started_us, ended_us, outcome, close_code, close_reason,
                version, coalesce((SELECT group_concat(what || '=' || times, ',')
                    FROM (SELECT what, count(*) AS times FROM events
                        WHERE session = s.id AND \(RemedyCount.condition) GROUP BY what)), '')
            FROM sessions_4 s ORDER BY started_us;
        INSERT INTO connection
            SELECT key, c.number, opened_us, closed_us, code, reason, resumed, c.model, 'gemini'
            FROM connections c JOIN sessions s ON s.id = c.session;
        INSERT INTO turn
            SELECT key, t.number, input, t.started_us, input_ended_us, first_audio_us, t.ended_us,
                t.outcome, user_text, model_text, cost_micro_usd, remedy_cost_micro_usd,
                price_date, stated_total, reports, remedies,
                coalesce((SELECT group_concat(
                    CASE source WHEN 'estimated' THEN '~' ELSE '' END
                    || CASE direction WHEN 'prompt' THEN 'p' WHEN 'response' THEN 'r'
                        WHEN 'thoughts' THEN 'h' WHEN 'cached' THEN 'c' ELSE 'u' END
                    || substr(modality, 1, 1) || count, ' ')
                    FROM tokens k WHERE k.session = t.session AND k.turn = t.number), '')
            FROM turns t JOIN sessions s ON s.id = t.session;
        INSERT INTO tool_call
            SELECT key, call, name, called_us, answered_us, c.outcome, arguments
            FROM tool_calls c JOIN sessions s ON s.id = c.session;
        INSERT INTO blocks
            SELECT max(number), key, NULL,
                json_group_array(json_array(number, t_us, what, lane, text))
            FROM (SELECT e.*, s.key, row_number() OVER (PARTITION BY e.session ORDER BY number)
                    / 200 AS part
                FROM events e JOIN sessions s ON s.id = e.session ORDER BY number)
            GROUP BY key, part;
        INSERT INTO blocks
            SELECT max(number), key, NULL,
                json_group_array(json_array(number, t_us, '.receipt', '', json, turn))
            FROM (SELECT r.turn, r.json, s.key, r.at_us - s.started_us AS t_us,
                    r.number + (SELECT coalesce(max(number), 0) FROM events) AS number
                FROM receipts r JOIN sessions s ON s.id = r.session ORDER BY r.number)
            GROUP BY key;
        DROP TABLE sessions_4; DROP TABLE connections; DROP TABLE turns;
        DROP TABLE tool_calls; DROP TABLE tokens; DROP TABLE events; DROP TABLE receipts;
        CREATE VIEW connections AS SELECT s.id AS session, c.number, opened_us, closed_us, code,
            reason, resumed, c.model, closed_by FROM connection c JOIN sessions s ON s.key = c.session;
        CREATE VIEW turns AS SELECT s.id AS session, t.number, input, t.started_us,
            input_ended_us, first_audio_us, t.ended_us, t.outcome, user_text, model_text,
            cost_micro_usd, remedy_cost_micro_usd, price_date, stated_total, reports, remedies,
            tokens FROM turn t JOIN sessions s ON s.key = t.session;
        CREATE VIEW tool_calls AS SELECT s.id AS session, call, name, called_us, answered_us,
            c.outcome, arguments FROM tool_call c JOIN sessions s ON s.key = c.session;
        """
}
