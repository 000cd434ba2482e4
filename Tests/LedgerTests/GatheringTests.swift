import Basics
import Synchronization
import Testing
import Transport

@testable import Ledger

@Suite("Questions that are asked together", .enabled(if: TestPostgres.programs != nil))
struct GatheringTests {
    private final class Log: Sendable {
        let calls = Mutex<[[Int]]>([])
        let answers = Mutex<[Int: Int]>([:])
        let failures = Mutex(0)
    }

    private func started() throws -> SharedState {
        let state = SharedState(
            try #require(try Shelf(.postgres).address), node: "n", process: "p1")
        try state.start(patience: .seconds(20))
        return state
    }

    /// A node dies, and its clients come while the database is busy with the first of them.
    @Test("what waits is one question, up to its bound, and each has its own answer")
    func together() throws {
        let state = try started()
        let gathering = Gathering<Int, Int>(state, most: 100)
        let (log, hold, done) = (Log(), Latch(), Latch())
        for item in 0..<251 {
            gathering.ask(item) { (items, _) throws(LedgerError) in
                if items.contains(0) { hold.wait() }
                log.calls.withLock { $0.append(items) }
                return items.map { $0 * 2 }
            } then: { answer in
                let count = log.answers.withLock { answers in
                    answers[item] = try? answer.get()
                    return answers.count
                }
                if count == 251 { done.arrive() }
            }
        }
        hold.arrive()
        #expect(done.wait(within: .seconds(60)))
        let calls = log.calls.withLock { $0 }
        // The first may have begun with any number of them.
        #expect(calls.count <= 4 && calls.allSatisfy { $0.count <= 100 })
        #expect(calls.flatMap { $0 } == Array(0..<251))
        #expect(
            log.answers.withLock { $0 }
                == Dictionary(uniqueKeysWithValues: (0..<251).map { ($0, $0 * 2) }))
        state.close(within: .seconds(60))
    }

    @Test("nobody is left without an answer where none can be had")
    func failing() throws {
        let state = try started()
        let gathering = Gathering<Int, Int>(state, most: 2)
        let (log, done) = (Log(), Latch())
        func ask(_ count: Int) {
            for item in 0..<count {
                gathering.ask(item) { (_, postgres) throws(LedgerError) in
                    try postgres.run("SELECT no_such_thing()")
                    return []
                } then: { answer in
                    guard case .failure = answer else { return }
                    if log.failures.withLock({
                        $0 += 1
                        return $0
                    }) == 10 {
                        done.arrive()
                    }
                }
            }
        }
        ask(5)
        state.close(within: .seconds(60))
        // The process ends: nothing comes to its turn.
        ask(5)
        #expect(done.wait(within: .seconds(60)))
        #expect(log.failures.withLock { $0 } == 10)
    }
}
