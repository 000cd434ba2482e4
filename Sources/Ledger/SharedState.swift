public import Basics
import CLinux
public import Sharing
import Synchronization
import Transport

/// What the nodes of one service share in PostgreSQL: one connection and one thread per process.
/// Workers submit queries without waiting for the answer; about twice a second there is a round.
///
/// While PostgreSQL cannot be used, a query fails at once: it never waits for a connection that is
/// being tried. Writes that must not be lost are kept by their owner, and written in a round.
public final class SharedState: Sendable {
    /// How long PostgreSQL may take for a query, and for a round.
    private let patience: Interval
    /// Between two rounds.
    static let pause = Rounds.pause

    /// Why a query has no answer.
    public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
        public var description: String
        /// PostgreSQL may have executed the query, or may still do so.
        public var mayBeDone: Bool
    }

    private struct Question {
        /// If its table fails, that is an outage.
        var isVital: Bool
        /// By the clock of `tk_now`.
        var deadline: Int64
        var run: @Sendable (Postgres) throws(LedgerError) -> Void
        var fail: @Sendable (Failure) -> Void
    }

    /// A part of a round.
    private struct Part {
        var isVital: Bool
        /// Returns how long it rests.
        var work: @Sendable (Postgres) throws(LedgerError) -> Interval
        /// It rests until this time, by the clock of `tk_now`.
        var next: Int64 = 0
        /// Why it failed last; only if it is not vital.
        var fault: String?
    }

    private struct State {
        /// Why PostgreSQL cannot be used; nil if it can.
        var outage: String? = "not connected yet"
        /// The round trip to PostgreSQL when it was last connected to.
        var roundTrip = Interval.zero
        /// By the clock of `tk_now`.
        var outageBegan: Int64 = 0
        var questions: [Question] = []
        var parts: [Part] = []
        var isHasty = false
        var isOver = false
    }

    private let state = Mutex(State())
    /// This process's identity, different from all others'.
    public let process: String
    let remote: Ledger.Remote
    private let thread = BackgroundThread()
    private let firstRound = Latch()

    /// Further queries fail: each takes a thousandth of a second, and none may wait longer than
    /// `patience`.
    private static let capacity = 2000

    /// - Parameter patience: How long PostgreSQL may take for a query, and for a round.
    public init(
        _ remote: Ledger.Remote, process: String, patience: Interval = Rounds.patience
    ) {
        self.patience = patience
        self.remote = remote
        self.process = process
    }

    /// A longer round trip to PostgreSQL is too long for claims and places (docs/OPERATING.md).
    private static let longestRoundTrip = Interval.milliseconds(100)

    /// Why PostgreSQL cannot be used; nil if it can.
    public var outage: String? {
        let (outage, roundTrip) = state.withLock { ($0.outage, $0.roundTrip) }
        guard let outage, roundTrip >= Self.longestRoundTrip else { return outage }
        return outage
            + "; PostgreSQL answers after \(roundTrip.milliseconds) ms, and what nodes share needs "
            + "an answer within \(Self.longestRoundTrip.milliseconds) ms: bring it nearer"
    }

    /// Whether PostgreSQL could not be used at that moment, by the clock of `tk_now`, and still
    /// cannot.
    func wasAway(at moment: Int64) -> Bool {
        state.withLock { $0.outage != nil && $0.outageBegan <= moment }
    }

    /// Whether a process that cannot use PostgreSQL must not serve.
    public var isRequired: Bool { remote.isRequired }

    /// Why a part that is not vital failed last; nil if none did.
    public var fault: String? {
        state.withLock { state in state.parts.lazy.compactMap(\.fault).first }
    }

    // MARK: For callers

    /// Starts the thread, once, after everything that takes part in rounds exists. Waits for the
    /// first round, or its failure, but not longer than this.
    public func start(patience: Interval) throws(LedgerError) {
        do throws(SystemError) {
            try thread.start("shared-state") { self.work() }
        } catch {
            throw LedgerError("opening \(remote.address)", error.description)
        }
        _ = firstRound.wait(within: patience)
    }

    /// Queries PostgreSQL, in the order of the calls.
    /// - Parameters:
    ///   - work: Called on the thread. All its statements together have `patience`.
    ///   - receive: Called once, on any thread, perhaps before this returns; at the latest
    ///   `patience` after it.
    func ask<Answer: Sendable>(
        isVital: Bool = true, _ work: @escaping @Sendable (Postgres) throws(LedgerError) -> Answer,
        then receive: @escaping @Sendable (Result<Answer, Failure>) -> Void
    ) {
        let question = Question(
            isVital: isVital, deadline: tk_now() + patience.nanoseconds,
            run: { (postgres) throws(LedgerError) in receive(.success(try work(postgres))) },
            fail: { receive(.failure($0)) })
        let obstacle: String? = state.withLock { state in
            if state.isOver { return "this process ends" }
            if let outage = state.outage { return outage }
            if state.questions.count >= Self.capacity { return "too many questions wait" }
            state.questions.append(question)
            return nil
        }
        if let obstacle {
            question.fail(Failure(description: obstacle, mayBeDone: false))
        } else {
            thread.wake()
        }
    }

    /// The last round.
    var isEnding: Bool { state.withLock { $0.isOver } }

    /// Calls `work` on the thread in every round, including the last. If it throws, that is an
    /// outage, and the rest of the round is skipped: so a part has a bounded number of statements,
    /// each for a bounded number of rows.
    func everyRound(_ work: @escaping @Sendable (Postgres) throws(LedgerError) -> Void) {
        add(isVital: true) { (postgres) throws(LedgerError) in
            try work(postgres)
            return .zero
        }
    }

    /// The same for work that no call depends on: one transaction, none of whose statements takes
    /// longer than `brief`. If it fails while the connection still works, the round continues
    /// without it, and it pauses.
    /// - Parameter done: Called with the answer once it is written; returns how long this rests.
    func ifPossible<Answer>(
        _ work: @escaping @Sendable (Postgres) throws(LedgerError) -> Answer,
        then done: @escaping @Sendable (Answer) -> Interval = { (_: Answer) in .zero }
    ) {
        add(isVital: false) { [brief] (postgres) throws(LedgerError) in
            done(
                try postgres.atomically(within: brief) { () throws(LedgerError) in
                    try work(postgres)
                })
        }
    }

    /// Deletes rows that are over, once a minute, or every second while there are more; fewer at a
    /// time while that takes too long.
    /// - Parameter most: At a time.
    func forgets(_ table: String, where condition: String, most: Int = 10_000) {
        let count = Mutex(most)
        ifPossible { (postgres) throws(LedgerError) in
            let tried = count.withLock { count in
                defer { count = max(1, count / 2) }
                return count
            }
            let isRest = try postgres.forget(table, where: condition, most: tried)
            return (tried, isRest)
        } then: { (tried, isRest) in
            count.withLock { $0 = min(most, tried * 2) }
            return .seconds(isRest ? 1 : 60)
        }
    }

    private func add(
        isVital: Bool, _ work: @escaping @Sendable (Postgres) throws(LedgerError) -> Interval
    ) {
        state.withLock { $0.parts.append(Part(isVital: isVital, work: work)) }
    }

    /// What transactions before this one have written is readable, or never will be.
    static func horizon(_ postgres: Postgres) throws(LedgerError) -> Int64 {
        try postgres.integer("SELECT txid_snapshot_xmin(txid_current_snapshot())")
    }

    /// The next round should begin at once.
    public func hasten() {
        state.withLock { $0.isHasty = true }
        thread.wake()
    }

    /// Answers the submitted queries, has a last round, and ends the thread, within this time.
    public func close(within patience: Interval) {
        let wasOver = state.withLock { state in
            defer { state.isOver = true }
            return state.isOver
        }
        guard !wasOver else { return }
        if thread.end(within: patience) { return }
        thread.stopWaiting()
        // A thread that is just connecting gets no more time, and touches nothing but itself.
        thread.end(within: .milliseconds(300))
    }

    // MARK: The thread

    private func work() {
        var postgres: Postgres?
        var nextRound = tk_now()
        var isFirst = true
        while true {
            let isLast = state.withLock { $0.isOver }
            let isDue = isLast || tk_now() >= nextRound
            do throws(LedgerError) {
                if let open = postgres { try answer(open) }
                if isDue {
                    let open = if let postgres { postgres } else { try connect() }
                    postgres = open
                    nextRound = tk_now() + Self.pause.nanoseconds
                    try round(open)
                }
            } catch {
                fail(error)
                // The connection may have ended while unused. A new one also recreates a schema
                // that was dropped.
                nextRound = tk_now() + (postgres == nil ? Self.pause.nanoseconds : 0)
                postgres = nil
            }
            if isFirst { firstRound.arrive() }
            isFirst = false
            if isLast { break }
            rest(until: &nextRound)
        }
        fail(LedgerError("asking \(remote.address)", "this process ends"))
    }

    /// Sleeps until the next round, a query, or the end.
    private func rest(until nextRound: inout Int64) {
        thread.sleep(Interval(nanoseconds: max(0, nextRound - tk_now())) + .milliseconds(1))
        let isHasty = state.withLock { state in
            defer { state.isHasty = false }
            return state.isHasty && state.outage == nil
        }
        if isHasty { nextRound = tk_now() }
    }

    private func connect() throws(LedgerError) -> Postgres {
        let made = try Postgres(remote.address, for: .writing, onBehalfOf: thread)
        let asked = tk_now()
        try made.run("SELECT 1")
        state.withLock { $0.roundTrip = Interval(nanoseconds: tk_now() - asked) }
        try PostgresSchema.migrate(made)
        // Another program's long lock must not make our timeout look like an outage. A process that
        // stands still in a transaction must not keep its locks.
        try made.run(
            "SET lock_timeout TO \(patience.milliseconds / 2); "
                + "SET statement_timeout TO \(patience.milliseconds); "
                + "SET idle_in_transaction_session_timeout TO \(patience.milliseconds)")
        return made
    }

    private func round(_ postgres: Postgres) throws(LedgerError) {
        for (place, part) in state.withLock({ $0.parts }).enumerated() where tk_now() >= part.next {
            postgres.deadline = tk_now() + patience.nanoseconds
            let (rest, fault) = try attempt(part, postgres)
            state.withLock { state in
                state.parts[place].next = tk_now() + rest.nanoseconds
                state.parts[place].fault = fault
            }
            try answer(postgres)
        }
        state.withLock { $0.outage = nil }
    }

    /// - Returns: How long the part rests, and why it failed.
    private func attempt(
        _ part: Part, _ postgres: Postgres
    ) throws(LedgerError) -> (rest: Interval, fault: String?) {
        do throws(LedgerError) {
            return (try part.work(postgres), nil)
        } catch {
            guard !part.isVital, postgres.isConnected else { throw error }
            return (Self.restAfterFault, error.description)
        }
    }

    /// Callers wait meanwhile.
    var brief: Interval { patience / 8 }
    /// How long a part that has failed is left out.
    private static let restAfterFault = Interval.seconds(5)

    /// Answers waiting queries; throws if the connection is lost.
    private func answer(_ postgres: Postgres) throws(LedgerError) {
        let questions = state.withLock { state in
            defer { state.questions = [] }
            return state.questions
        }
        for (index, question) in questions.enumerated() {
            guard tk_now() < question.deadline else {
                question.fail(Failure(description: "there was no time for it", mayBeDone: false))
                continue
            }
            postgres.deadline = question.deadline
            do throws(LedgerError) {
                try question.run(postgres)
            } catch {
                let isLost = !postgres.isConnected
                question.fail(Failure(description: error.description, mayBeDone: isLost))
                guard isLost || question.isVital && error.isOfTheTables else { continue }
                state.withLock { $0.questions.insert(contentsOf: questions[(index + 1)...], at: 0) }
                throw error
            }
        }
    }

    /// Waiting callers get this error.
    private func fail(_ error: LedgerError) {
        let questions = state.withLock { state in
            defer { state.questions = [] }
            if state.outage == nil { state.outageBegan = tk_now() }
            state.outage = error.description
            return state.questions
        }
        for question in questions {
            question.fail(Failure(description: error.description, mayBeDone: false))
        }
    }
}
