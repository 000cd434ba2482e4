import Testing

@testable import Policies

@Suite struct LimitTests {
    @Test("stricter values apply at once, looser ones wait")
    func tightened() {
        var old = Policy()
        old.limits.message = 1000
        old.limits.sessions = 10
        old.budget.dayMicroUSD = 5
        old.turns.rules[.shortActivity] = .off
        old.turns.rules[.deadAir] = .enforce
        var new = Policy()
        new.limits.message = 2000
        new.limits.sessions = 5
        new.budget.sessionTokens = 7
        new.turns.rules[.shortActivity] = .enforce
        new.turns.rules[.deadAir] = .observe
        new.turns.deadAir = .seconds(9)
        let now = old.tightened(by: new)
        #expect(now.limits.message == 1000 && now.limits.sessions == 5)
        #expect(now.budget.dayMicroUSD == 5 && now.budget.sessionTokens == 7)
        #expect(now.budget.sessionMicroUSD == nil)
        #expect(now.turns.rules[.shortActivity] == .enforce)
        #expect(now.turns.rules[.deadAir] == .enforce)
        #expect(now.turns.deadAir == .seconds(9))
    }

    @Test("a policy that is only stricter takes effect completely")
    func stricter() {
        let old = Policy()
        var new = Policy()
        new.limits.buffer = 1 << 10
        new.turns.rules[.shortActivity] = .enforce
        #expect(old.tightened(by: new) == new)
        #expect(old.tightened(by: old) == old)
    }

    @Test("a limit has its key's name")
    func names() {
        let paths = Set(Policy.schema.settings.map(\.path))
        let others: [Limit] = [.waiting, .memory, .ending]
        for limit in Limit.allCases
        where !limit.rawValue.hasPrefix("token.") && !others.contains(limit) {
            #expect(paths.contains(limit.rawValue), "\(limit)")
        }
    }
}
