public import Basics
import Synchronization
import Wire

/// What a node has learned about one model at one upstream, so that others need not learn it again.
public struct ModelLesson: Equatable, Sendable {
    public enum Content: Equatable, Sendable {
        /// New sessions avoid the model, or no longer do.
        case isFailing(Bool)
        /// The time to its first sound.
        case pace(Interval)
    }
    public var upstream: String
    public var model: String
    public var content: Content

    public init(upstream: String, model: String, _ content: Content) {
        self.upstream = upstream
        self.model = model
        self.content = content
    }
}

/// Learns about models.
public protocol Learner: AnyObject, Sendable {
    /// What this node has learned since the last call.
    func takeLessons() -> [ModelLesson]
    /// What others have learned. The same lesson may come again.
    func hear(_ lessons: [ModelLesson])
}

/// Shares what nodes learn about models, in a row for each model and kind of lesson; the newest
/// counts. A node that is cut off goes on with what it knows.
public final class SharedLessons: Sendable {
    private struct State {
        /// Of the learner's lessons, in the order in which it learned them.
        var unwritten: [ModelLesson] = []
        /// Everything that earlier transactions have written has been read.
        var horizon: Int64 = 0
    }
    private let state = Mutex(State())
    private unowned let shared: SharedState

    /// More lessons than this are not news; and the number per statement.
    private static let most = 1000

    private init(_ shared: SharedState) { self.shared = shared }

    /// Runs in every round from now on.
    public static func begin(_ shared: SharedState, of learner: any Learner) {
        let made = SharedLessons(shared)
        shared.ifPossible { [weak learner] (postgres) throws(LedgerError) in
            try made.exchange(learner, postgres)
        } then: { [weak learner] exchanged in
            made.note(exchanged)
            learner?.hear(exchanged.heard)
            return .zero
        }
        // A model about which no node has learned anything for a day may have changed; and clients
        // may invent names. Apart from what is written: two nodes could wait for each other.
        shared.forgets(
            "lessons",
            where: """
                (at < now() - interval '1 day' OR kind = 'pace' AND at < (SELECT at FROM lessons
                    WHERE kind = 'pace' ORDER BY at DESC OFFSET \(most) LIMIT 1))
                """)
    }

    /// What one transaction has written and read.
    private struct Exchange {
        var written: Int
        var heard: [ModelLesson] = []
        /// nil if nothing was read.
        var horizon: Int64?
    }

    private func exchange(
        _ learner: (any Learner)?, _ postgres: Postgres
    ) throws(LedgerError) -> Exchange {
        let (lessons, horizon) = state.withLock { state in
            if state.unwritten.count < Self.most {
                state.unwritten += learner?.takeLessons() ?? []
            }
            return (Array(state.unwritten.prefix(Self.most)), state.horizon)
        }
        if !lessons.isEmpty { try write(lessons, postgres) }
        var exchange = Exchange(written: lessons.count)
        guard !shared.isEnding else { return exchange }
        exchange.horizon = try SharedState.horizon(postgres)
        exchange.heard = try read(since: horizon, postgres)
        return exchange
    }

    private func note(_ exchange: Exchange) {
        state.withLock { state in
            state.unwritten.removeFirst(exchange.written)
            if let horizon = exchange.horizon { state.horizon = horizon }
        }
    }

    private func write(_ lessons: [ModelLesson], _ postgres: Postgres) throws(LedgerError) {
        // Of several lessons about one thing, the last counts. They are sorted, so that no two
        // nodes wait for each other.
        let named = lessons.map { lesson in
            let texts = [lesson.upstream, lesson.model].map(Value.withoutZeros)
            return (texts + [Kind(lesson.content).rawValue], lesson.content)
        }
        let newest = Dictionary(named) { $1 }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        var rows = JSONOutput()
        rows.objects(nil, newest) { json, lesson in
            json.own("upstream", lesson.key[0])
            json.own("model", lesson.key[1])
            json.own("kind", lesson.key[2])
            switch lesson.value {
            case .isFailing(let isFailing): json.integer("value", isFailing ? 1 : 0)
            case .pace(let pace): json.integer("value", pace.milliseconds)
            }
        }
        try postgres.run(
            """
            INSERT INTO lessons (upstream, model, kind, value, process)
                SELECT upstream, model, kind, value, ?2 FROM json_to_recordset(?1::json)
                    AS l (upstream text, model text, kind text, value bigint)
                ON CONFLICT (upstream, model, kind) DO UPDATE
                SET value = excluded.value, process = excluded.process, at = now(),
                    changed = txid_current()
            """, [.bytes(rows.bytes), .text(shared.process)])
    }

    private enum Kind: String {
        case failing, pace

        init(_ content: ModelLesson.Content) {
            switch content {
            case .isFailing: self = .failing
            case .pace: self = .pace
            }
        }
    }

    private func read(
        since horizon: Int64, _ postgres: Postgres
    ) throws(LedgerError) -> [ModelLesson] {
        var found: [ModelLesson] = []
        try postgres.query(
            """
            SELECT upstream, model, kind, value FROM lessons WHERE changed >= ? AND process != ?
                AND at > now() - interval '1 day'
                ORDER BY kind = 'failing' DESC, at DESC LIMIT \(Self.most)
            """, [.integer(horizon), .text(shared.process)]
        ) { row in
            // A newer version may send other kinds.
            guard let kind = Kind(rawValue: row.text(2)) else { return }
            let content: ModelLesson.Content =
                switch kind {
                case .failing: .isFailing(row.integer(3) != 0)
                case .pace: .pace(.milliseconds(min(max(row.integer(3), 0), 60_000)))
                }
            found.append(ModelLesson(upstream: row.text(0), model: row.text(1), content))
        }
        return found
    }
}
