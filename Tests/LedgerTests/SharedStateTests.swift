import Basics
import Foundation
import Synchronization
import Testing
import Transport

@testable import Ledger

/// A place for an answer that comes from another thread.
final class Answer<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)

    func give(_ value: Value) { self.value.withLock { $0 = value } }
    var now: Value? { value.withLock { $0 } }

    func wait() throws -> Value {
        until { now != nil }
        return try #require(now)
    }
}

@Suite("What nodes share", .enabled(if: TestPostgres.programs != nil))
struct SharedStateTests {
    private typealias Reply = Result<Int64, SharedState.Failure>

    private func open(_ shelf: Shelf, _ process: String = "p1") throws -> SharedState {
        let address = try #require(shelf.address)
        let state = SharedState(address, node: "one", process: process)
        state.present {
            NodeState(
                version: "1.0", policies: "abc", admin: "here:1", sessions: 3, isDraining: false)
        }
        try state.start(patience: .seconds(20))
        return state
    }

    private func ask(_ state: SharedState, _ sql: String) -> Answer<Reply> {
        let answer = Answer<Reply>()
        state.ask { (postgres) throws(LedgerError) in
            try postgres.integer(sql)
        } then: {
            answer.give($0)
        }
        return answer
    }

    @Test("questions are answered in order, and what PostgreSQL refuses is no outage")
    func answers() throws {
        let shelf = try Shelf(.postgres)
        let state = try open(shelf)
        #expect(state.outage == nil)
        try shelf.postgres().run("CREATE SEQUENCE counts")
        let answers = (0..<50).map { _ in ask(state, "SELECT nextval('counts')") }
        for (index, answer) in answers.enumerated() {
            #expect(try answer.wait().get() == Int64(index + 1))
        }
        let refused = try ask(state, "SELECT nothing").wait()
        #expect(throws: SharedState.Failure.self) { try refused.get() }
        #expect(try ask(state, "SELECT 7").wait().get() == 7)
        #expect(state.outage == nil)
        state.close(within: .seconds(60))
        let late = ask(state, "SELECT 1")
        // At once.
        #expect(throws: SharedState.Failure.self) { try #require(late.now).get() }
    }

    @Test("a process is in the table while it is there")
    func present() throws {
        let shelf = try Shelf(.postgres)
        let states = [try open(shelf, "p1"), try open(shelf, "p2")]
        let postgres = try shelf.postgres()
        let rows =
            "SELECT count(*) FROM processes WHERE node = 'one' AND policies = 'abc' AND sessions = 3"
        #expect(try postgres.integer(rows) == 2)
        try postgres.run("UPDATE processes SET seen = '-infinity', sessions = 0 WHERE id = 'p1'")
        // It comes again, whatever has become of it.
        until { (try? postgres.integer(rows)) == 2 }
        states[0].close(within: .seconds(60))
        #expect(try postgres.integer(rows) == 1)
        states[1].close(within: .seconds(60))
        #expect(try postgres.integer(rows) == 0)
    }

    @Test("without a connection it says no at once, and connects again")
    func cut() throws {
        let shelf = try Shelf(.postgres)
        let state = try open(shelf)
        let name = try #require(shelf.address).text.split(separator: "/").last ?? ""
        let other = try Shelf(.postgres).postgres()
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'"
        try other.run("ALTER DATABASE \(name) ALLOW_CONNECTIONS false")
        try other.run(end)
        until { state.outage != nil }
        let answer = try #require(ask(state, "SELECT 1").now)
        guard case .failure(let failure) = answer else { Issue.record("\(answer)"); return }
        #expect(!failure.mayBeDone)
        try other.run("ALTER DATABASE \(name) ALLOW_CONNECTIONS true")
        until { state.outage == nil }
        #expect(try ask(state, "SELECT 2").wait().get() == 2)
        // One that was closed while nobody used it is no outage for long.
        try other.run(end)
        until { (try? ask(state, "SELECT 3").wait().get()) == 3 }
        state.close(within: .seconds(60))
    }

    @Test("a question that takes too long is given up, and nobody knows what became of it")
    func slow() throws {
        let shelf = try Shelf(.postgres)
        let address = try #require(shelf.address)
        let state = SharedState(Ledger.Remote(address, node: "one"), process: "p1")
        try state.start(patience: .seconds(20))
        let slow = ask(state, "SELECT 1 FROM pg_sleep(60)")
        let behind = ask(state, "SELECT 1")
        guard case .failure(let failure) = try slow.wait() else { Issue.record("answered"); return }
        #expect(failure.mayBeDone || failure.description.contains("statement timeout"))
        _ = try behind.wait()
        until { (try? ask(state, "SELECT 3").wait().get()) == 3 }
        state.close(within: .seconds(60))
    }

    @Test("what no call depends on holds nothing up, however long it takes")
    func dispensable() throws {
        let shelf = try Shelf(.postgres)
        let state = SharedState(try #require(shelf.address), node: "one", process: "p1")
        let isSlow = Mutex(false)
        let tries = Mutex(0)
        let rounds = Mutex(0)
        let isBusy = Latch()
        state.ifPossible { (postgres) throws(LedgerError) in
            guard isSlow.withLock({ $0 }) else { return }
            tries.withLock { $0 += 1 }
            isBusy.arrive()
            try postgres.run("SELECT pg_sleep(60)")
        }
        state.everyRound { _ in rounds.withLock { $0 += 1 } }
        try state.start(patience: .seconds(20))
        isSlow.withLock { $0 = true }
        isBusy.wait()
        let began = ContinuousClock.now
        #expect(try ask(state, "SELECT 1").wait().get() == 1)
        let most = Duration.nanoseconds(state.brief.nanoseconds) + .seconds(2)
        #expect(ContinuousClock.now - began < most)
        until { state.fault != nil }
        // It is tried again now and then, and the connection lives.
        let seen = rounds.withLock { $0 }
        until { rounds.withLock { $0 } >= seen + 3 }
        #expect(state.outage == nil && tries.withLock { $0 } == 1)
        isSlow.withLock { $0 = false }
        until { state.fault == nil }
        #expect(state.outage == nil)
        state.close(within: .seconds(60))
    }

    @Test("what is over is deleted in pieces that take no longer than others can wait")
    func forgotten() throws {
        let shelf = try Shelf(.postgres)
        let postgres = try shelf.postgres()
        try PostgresSchema.migrate(postgres)
        // Ten rows at once take 1.6 s, and a part has an eighth of ten seconds.
        try postgres.run(
            """
            CREATE TABLE things (is_over boolean NOT NULL);
            INSERT INTO things SELECT n != 0 FROM generate_series(0, 10) AS n;
            CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN PERFORM pg_sleep(0.16); RETURN OLD; END';
            CREATE TRIGGER lingers BEFORE DELETE ON things FOR EACH ROW EXECUTE FUNCTION linger();
            """)
        let state = SharedState(try #require(shelf.address), node: "one", process: "p1")
        state.forgets("things", where: "is_over", most: 10)
        try state.start(patience: .seconds(20))
        #expect(state.fault != nil && state.outage == nil)
        until {
            #expect(state.outage == nil)
            return (try? postgres.integer("SELECT count(*) FROM things")) == 1
        }
        until { state.fault == nil }
        state.close(within: .seconds(60))
    }

    @Test("what somebody has dropped is made again")
    func dropped() throws {
        let shelf = try Shelf(.postgres)
        let state = try open(shelf)
        let postgres = try shelf.postgres()
        try postgres.run("DROP SCHEMA turnkeeper CASCADE")
        until { (try? postgres.integer("SELECT count(*) FROM processes")) == 1 }
        state.close(within: .seconds(60))
    }

    @Test("rounds come by themselves, at once on demand, and once more at the end")
    func rounds() throws {
        let shelf = try Shelf(.postgres)
        let address = try #require(shelf.address)
        let state = SharedState(address, node: "one", process: "p1")
        let count = Mutex(0)
        state.everyRound { (postgres) throws(LedgerError) in
            try postgres.run("SELECT 1")
            count.withLock { $0 += 1 }
        }
        try state.start(patience: .seconds(20))
        #expect(count.withLock { $0 } >= 1)
        until { count.withLock { $0 } >= 3 }
        state.close(within: .seconds(60))
        let last = count.withLock { $0 }
        #expect(last >= 4)
        state.hasten()
        usleep(50_000)
        #expect(count.withLock { $0 } == last)
    }
}
