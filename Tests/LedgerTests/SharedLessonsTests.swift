import Basics
import Synchronization
import Testing

@testable import Ledger

@Suite("What nodes learn about models", .enabled(if: TestPostgres.programs != nil))
struct SharedLessonsTests {
    private final class Pupil: Learner {
        struct State {
            var toTell: [ModelLesson] = []
            var heard: [ModelLesson] = []
        }
        let state = Mutex(State())

        func takeLessons() -> [ModelLesson] {
            state.withLock { state in
                defer { state.toTell = [] }
                return state.toTell
            }
        }

        func hear(_ lessons: [ModelLesson]) { state.withLock { $0.heard += lessons } }

        func learn(_ content: ModelLesson.Content, of model: String = "live") {
            state.withLock {
                $0.toTell.append(ModelLesson(upstream: "wss://one", model: model, content))
            }
        }

        var heard: [ModelLesson.Content] { state.withLock { $0.heard.map(\.content) } }
    }

    private func node(_ shelf: Shelf, _ name: String) throws -> (SharedState, Pupil) {
        let pupil = Pupil()
        let address = try #require(shelf.address)
        let state = SharedState(address, node: name, process: name)
        SharedLessons.begin(state, of: pupil)
        try state.start(patience: .seconds(20))
        try #require(state.outage == nil)
        return (state, pupil)
    }

    @Test("each hears what others have learned, the newest of it, and nothing of its own")
    func told() throws {
        let shelf = try Shelf(.postgres)
        let (one, first) = try node(shelf, "one")
        let (two, second) = try node(shelf, "two")
        first.learn(.isFailing(true))
        first.learn(.pace(.milliseconds(9100)))
        until { second.heard.contains(.isFailing(true)) }
        until { second.heard.contains(.pace(.milliseconds(9100))) }
        second.learn(.isFailing(false))
        until { first.heard.contains(.isFailing(false)) }
        #expect(!first.heard.contains(.pace(.milliseconds(9100))))
        // One that comes later hears what counts, and nothing that is a day old.
        let postgres = try shelf.postgres()
        try postgres.run("UPDATE lessons SET at = now() - interval '25 hours' WHERE kind = 'pace'")
        let (three, third) = try node(shelf, "three")
        #expect(third.heard == [.isFailing(false)])
        // Clients may invent names: of the table and of what is heard a bounded part is theirs.
        for number in 0..<2400 { first.learn(.pace(.seconds(1)), of: "invented-\(number)") }
        let paces = "SELECT count(*) FROM lessons WHERE kind = 'pace'"
        until { (try? postgres.integer(paces)) ?? 0 >= 2400 }
        let (four, fourth) = try node(shelf, "four")
        #expect(fourth.heard.count == 1000 && fourth.heard.contains(.isFailing(false)))
        // Those written at once are forgotten at once.
        until { (try? postgres.integer(paces)).map { 1000..<2000 ~= $0 } ?? false }
        // What cannot be told is told later.
        try postgres.run("ALTER TABLE lessons RENAME TO hidden")
        third.learn(.isFailing(true), of: "other")
        until { three.fault != nil }
        // Nothing else depends on it.
        #expect(three.outage == nil)
        try postgres.run("ALTER TABLE hidden RENAME TO lessons")
        until { first.heard.contains(.isFailing(true)) && three.fault == nil }
        for state in [one, two, three, four] { state.close(within: .seconds(60)) }
    }

    @Test("any number is told, a thousand at a time, of the same model the last")
    func many() throws {
        let shelf = try Shelf(.postgres)
        let pupil = Pupil()
        for number in 0..<1500 { pupil.learn(.isFailing(true), of: "m\(number % 1200)\u{0}") }
        pupil.learn(.isFailing(false), of: "m7\u{0}")
        let address = try #require(shelf.address)
        let state = SharedState(Ledger.Remote(address, node: "one"), process: "p1")
        SharedLessons.begin(state, of: pupil)
        try state.start(patience: .seconds(20))
        let postgres = try shelf.postgres()
        until { (try? postgres.integer("SELECT count(*) FROM lessons")) == 1200 }
        #expect(try postgres.integer("SELECT sum(value) FROM lessons") == 1199)
        #expect(state.fault == nil && state.outage == nil)
        state.close(within: .seconds(60))
    }

    /// One writes what another deletes, and may itself be about to delete what the other writes.
    @Test("nobody waits for what another writes of the lessons that are too many")
    func apart() throws {
        let shelf = try Shelf(.postgres)
        let postgres = try shelf.postgres()
        try PostgresSchema.migrate(postgres)
        try postgres.run(
            """
            INSERT INTO lessons SELECT 'u', 'm' || n, 'pace', 1, 'p0', now() - n * interval '1 s'
                FROM generate_series(1, 1200) AS n
            """)
        try postgres.run("SET idle_in_transaction_session_timeout TO 0")
        try postgres.run("BEGIN; UPDATE lessons SET value = 2 WHERE model = 'm1100'")
        let (one, first) = try node(shelf, "one")
        let (two, second) = try node(shelf, "two")
        first.learn(.pace(.seconds(7)), of: "a")
        second.learn(.pace(.seconds(8)), of: "b")
        until { first.heard.contains(.pace(.seconds(8))) }
        until { second.heard.contains(.pace(.seconds(7))) }
        #expect([one, two].allSatisfy { $0.fault == nil && $0.outage == nil })
        #expect(try postgres.integer("SELECT count(*) FROM lessons") <= 1004)
        try postgres.run("COMMIT")
        for state in [one, two] { state.close(within: .seconds(60)) }
    }
}
