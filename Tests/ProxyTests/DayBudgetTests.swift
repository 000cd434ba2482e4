import Sharing
import Testing

@testable import Proxy

@Suite("A day's budget over all nodes")
struct DayBudgetTests {
    @Test("what was known at the start is not counted beside what others say")
    func once() {
        var budget = DayBudget(day: 7)
        budget.restore(100, isShared: true)
        budget.restore(90, isShared: true)
        #expect(budget.total == 100)
        budget.hear(others: 80)
        #expect(budget.total == 100)
        _ = budget.spend(5)
        budget.hear(others: 120)
        #expect(budget.total == 125 && budget.spent == 5)
        // Where nodes share nothing, all before is its own.
        var alone = DayBudget(day: 7)
        alone.restore(100, isShared: false)
        _ = alone.spend(5)
        #expect(alone.total == 105 && alone.spent == 105)
        alone.turn(to: 8)
        #expect(alone == DayBudget(day: 8))
    }

    @Test("what passes a threshold is seen: by who spent it, or by all who spent at once")
    func noted() {
        var budget = DayBudget(day: 7)
        budget.hear(others: 70)
        #expect(budget.spend(5) == (70, 75))
        // Another one passes eighty.
        budget.hear(others: 72)
        #expect(budget.spend(0) == (75, 77))
        budget.hear(others: 80)
        #expect(budget.spend(1) == (85, 86))
        budget.hear(others: 90)
        #expect(budget.spend(1) == (86, 97))
        #expect(budget.spend(-2) == (97, 95))
    }

    @Test("nodes that are cut off spend together what was left, each its share")
    func shares() {
        // A budget of 1000, of which 400 were spent when PostgreSQL went away.
        var nodes = [Int64(100), 100, 200].map { own in
            var budget = DayBudget(day: 7)
            _ = budget.spend(own)
            budget.hear(others: 400 - own)
            return budget
        }
        let turn: Int64 = 7
        for node in nodes.indices {
            while !nodes[node].hasSpentShare(of: 1000, among: 3) { _ = nodes[node].spend(turn) }
        }
        let spent = nodes.reduce(0) { $0 + $1.spent }
        #expect((1000...1000 + 3 * turn).contains(spent))
        // One that has never heard of others has a tenth of what its file leaves.
        var unheard = DayBudget(day: 7)
        unheard.restore(400, isShared: true)
        while !unheard.hasSpentShare(of: 1000, among: 10) { _ = unheard.spend(turn) }
        #expect((60...60 + turn).contains(unheard.spent))
    }

    @Test("what others cannot know yet is told")
    func unwritten() {
        var budget = DayBudget(day: 7)
        #expect(budget.unwritten == nil)
        _ = budget.spend(5)
        #expect(budget.unwritten == 5)
        budget.wrote(5)
        #expect(budget.unwritten == nil)
        _ = budget.spend(-5)
        #expect(budget.unwritten == 0)
    }

    @Test("starts are divided among processes, down to ten at once")
    func starts() {
        func atOnce(_ places: Int, among processes: Int) -> Int {
            var bucket = StartBucket()
            return (0..<10_000).prefix { _ in
                bucket.take(of: places, among: processes, at: 1)
            }.count
        }
        #expect(atOnce(100, among: 1) == 100)
        #expect(atOnce(5, among: 1) == 100)
        #expect(atOnce(300, among: 3) == 100)
        #expect(atOnce(5, among: 3) == 33)
        #expect(atOnce(5, among: 50) == 10)
    }
}
