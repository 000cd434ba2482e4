import Basics
import Policies
import Testing
import Wire

@testable import Sessions

/// The climb by itself: what it tries when, what it gives back, and what it calls exhausted.
@Suite struct RecoveryTests {
    private static func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: 0) + .milliseconds(milliseconds)
    }

    /// One climb: each attempt is set up and dies `life` later, until none is left.
    private struct Climb {
        var recovery = Recovery(seed: 1)
        var policy = Policy().recovery
        var now = RecoveryTests.at(0)
        private(set) var dials: [Instant] = []
        private(set) var why = ""

        init() { recovery.opened(at: now) }

        mutating func dies(_ isAwaited: Bool = true) {
            recovery.begin(.closed(.internalError), close: nil, isAwaited: isAwaited, at: now)
        }

        /// False where nothing is left.
        mutating func tries(for life: Interval = .milliseconds(500)) -> Bool {
            switch recovery.next(policy, at: now) {
            case .exhausted(let why):
                self.why = why
                return false
            case .at(let due):
                now = due
                dials.append(due)
                recovery.attempted(at: now)
                recovery.setUp(at: now)
                recovery.restored(at: now)
                now = now + life
                return true
            }
        }

        mutating func climbs(for life: Interval = .milliseconds(500), limit: Int = 1000) -> Int {
            for count in 0..<limit {
                dies()
                if !tries(for: life) { return count }
            }
            return limit
        }
    }

    @Test(
        "thirty attempts fit into the window, however long each lives",
        arguments: [50, 500, 1500, 1800].map { Interval.milliseconds($0) })
    func fits(life: Interval) {
        var climb = Climb()
        do {
            let result = climb.climbs(for: life)
            #expect(result == 30)
        }
        #expect(climb.why == "30 attempts to reconnect failed (recovery.attempts)")
        let waits = zip(climb.dials, climb.dials.dropFirst()).map { $1 - $0 }
        // A second apart, give or take the jitter, counted from dial to dial.
        #expect(waits.dropFirst(3).allSatisfy { $0 >= max(.milliseconds(800), life) })
        #expect(waits.dropFirst(3).allSatisfy { $0 <= max(.milliseconds(1200), life) })
        #expect(waits[0] <= max(.milliseconds(240), life))
    }

    @Test("every exhaustion names its key")
    func keys() {
        var slow = Climb()
        do {
            let result = slow.climbs(for: .seconds(9))
            #expect(result < 30)
        }
        #expect(slow.why == "no success within 60 s (recovery.window)")

        var often = Climb()
        often.policy.per10Minutes = 3
        do {
            let result = often.climbs()
            #expect(result == 3)
        }
        #expect(often.why == "reconnect limit reached: 3 in 10 minutes (recovery.per_10_minutes)")

        var long = Climb()
        long.policy.perSession = 4
        do {
            let result = long.climbs()
            #expect(result == 4)
        }
        #expect(long.why == "reconnect limit reached: 4 in this session (recovery.per_session)")
    }

    @Test("speak, die, continue is not free: attempts are reset when the turn has ended answered")
    func speaking() {
        var climb = Climb()
        var count = 0
        while count < 100 {
            climb.dies()
            guard climb.tries() else { break }
            climb.recovery.ended()
            count += 1
        }
        #expect(count == 30)

        var answered = Climb()
        for _ in 0..<100 {
            answered.dies()
            do {
                let result = answered.tries()
                #expect(result)
            }
            answered.recovery.ended()
            answered.recovery.answered()
        }
    }

    @Test("a hundred turns that each need six reconnects end nothing")
    func stormy() {
        var climb = Climb()
        for _ in 0..<100 {
            climb.recovery.asked(at: climb.now)
            for _ in 0..<6 {
                climb.dies()
                do {
                    let result = climb.tries()
                    #expect(result)
                }
            }
            climb.recovery.ended()
            climb.recovery.answered()
        }
        #expect(climb.recovery.exhaustions == 0)
    }

    @Test("after an exhausted recovery the next question has a full one")
    func again() {
        var climb = Climb()
        do {
            let result = climb.climbs()
            #expect(result == 30)
        }
        climb.recovery.exhausted()
        climb.recovery.rest()
        #expect(climb.recovery.isResting)
        climb.now = climb.now + .seconds(2)
        climb.recovery.resume(.closed(.unavailable), at: climb.now)
        #expect(!climb.recovery.isResting)
        do {
            let result = climb.climbs()
            #expect(result == 30)
        }
        climb.recovery.exhausted()
        #expect(climb.recovery.exhaustions == 2)
    }

    @Test("an answer between two exhaustions makes the second one the first")
    func between() {
        var climb = Climb()
        do {
            let result = climb.climbs()
            #expect(result == 30)
        }
        climb.recovery.exhausted()
        climb.recovery.answered()
        do {
            let result = climb.climbs()
            #expect(result == 30)
        }
        climb.recovery.exhausted()
        #expect(climb.recovery.exhaustions == 1)
    }

    @Test("four connections that die within two seconds, three times in ten minutes")
    func incidents() {
        var climb = Climb()
        for _ in 0..<3 {
            let start = climb.now
            for _ in 0..<4 {
                climb.dies(false)
                do {
                    let result = climb.tries(for: .milliseconds(50))
                    #expect(result)
                }
            }
            #expect(climb.now - start <= .milliseconds(2300))
            climb.now = climb.now + .seconds(180)
        }
    }

    @Test("a connection that dies repeatedly while nobody speaks is limited, too")
    func idle() {
        var climb = Climb()
        var count = 0
        while count < 1000 {
            climb.dies(false)
            guard climb.tries(for: .seconds(12)) else { break }
            climb.recovery.settled(isAwaited: false)
            count += 1
        }
        #expect(count == 30)
        #expect(climb.why.hasSuffix("(recovery.per_10_minutes)"))
    }

    @Test("after a quota error nothing is tried for seconds, and a planned change costs nothing")
    func special() {
        var climb = Climb()
        climb.recovery.begin(.closed(.quota), close: nil, isAwaited: true, at: climb.now)
        do {
            let result = climb.tries(for: .zero)
            #expect(result)
        }
        #expect(climb.dials[0] - Self.at(0) >= .seconds(4))

        var planned = Climb()
        for _ in 0..<200 {
            planned.recovery.begin(.goAway, close: nil, isAwaited: false, at: planned.now)
            do {
                let result = planned.tries(for: .seconds(15))
                #expect(result)
            }
            planned.recovery.settled(isAwaited: false)
        }
    }
}

/// The one table of causes.
@Suite struct TroubleTests {
    @Test("what another attempt would meet, by cause")
    func retries() {
        let final = CloseCause.allCases.filter(\.verdict.isFinal)
        #expect(final == [.credential, .model, .region, .application])
        #expect(CloseCause.allCases.filter { $0.verdict.retry == .later } == [.quota])
    }

    @Test("what counts against a model, and where another may do better")
    func models() {
        let outages = CloseCause.allCases.filter(\.verdict.isOutage)
        #expect(outages == [.internalError, .model, .deadline, .unavailable])
        let others = CloseCause.allCases.filter { $0.verdict.isModels && !$0.verdict.isOutage }
        #expect(others == [.quota, .other])
        #expect(Stall.allCases.allSatisfy { Trouble.stalled($0).verdict.isModels })
        #expect(!Trouble.dead.verdict.isModels && !Trouble.goAway.verdict.isModels)
    }

    @Test(
        "what an upgrade's answer means",
        arguments: [
            (429, false), (500, false), (503, false), (400, true), (401, true), (404, true),
        ])
    func dials(status: Int, isFinal: Bool) {
        let failure = DialFailure.refused(
            status: status, contentType: "", body: [], retryAfter: "")
        #expect(failure.verdict.isFinal == isFinal)
        #expect((failure.verdict.retry == .later) == (status == 429))
    }
}
