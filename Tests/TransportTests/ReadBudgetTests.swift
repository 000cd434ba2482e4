import Testing

@testable import Transport

@Suite("What may be read before memory is looked at again")
struct ReadBudgetTests {
    @Test("anything while there is room, then out of a reserve by those that hold little")
    func stages() {
        let budget = ReadBudget()
        #expect(!budget.isScarce)
        _ = budget.renew(100_000, reserve: 300_000)
        #expect(budget.isScarce)
        #expect(budget.allowance(holding: 50 << 20) == 100_000)
        budget.spend(100_000)
        #expect(budget.allowance(holding: ReadBudget.modest) == 0)
        #expect(budget.allowance(holding: ReadBudget.modest - 1000) == 1000)
        #expect(budget.allowance(holding: 0) == ReadBudget.modest)
        budget.spend(200_000)
        #expect(budget.allowance(holding: 0) == 100_000)
        budget.spend(100_000)
        #expect(budget.allowance(holding: ReadBudget.slight) == 0)
        #expect(budget.allowance(holding: 0) == ReadBudget.sip)
    }

    @Test("however many connections there are, little more than the budget is read")
    func crowd() {
        let budget = ReadBudget()
        _ = budget.renew(1 << 20, reserve: 1 << 20)
        var held = [Int](repeating: 0, count: 1000)
        for _ in 0..<100 {
            for place in held.indices {
                let read = min(900_000 - held[place], budget.allowance(holding: held[place]))
                budget.spend(read)
                held[place] += read
            }
        }
        #expect(held.reduce(0, +) < 2 << 20 + 1000 * (ReadBudget.slight + ReadBudget.sip))
    }

    @Test("who waits is called when there is room for some, and only then")
    func waiting() {
        let budget = ReadBudget()
        budget.noteWaiting()
        #expect(!budget.renew(-5000, reserve: 4000))
        #expect(budget.renew(-3000, reserve: 4000))
        #expect(!budget.renew(3000, reserve: 4000))
    }
}
