import Basics
import Foundation
import Ledger
import Testing
import Transport

@testable import Proxy

@Suite("What a session's turns take from budgets")
struct BudgetMeterTests {
    private let midnight = WallTime(dayNumber: Account.today)

    private func books() throws -> Accounts {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        let listen = try #require(SocketAddress(host: "127.0.0.1", port: 1))
        var options = ServerOptions(listen: listen, admin: nil)
        options.ledger = .off
        let kept = StateFile(path)
        return Accounts.open(options, kept, kept.readToday(), nil, isAwaited: false)
    }

    private func at(_ seconds: Int64) -> WallTime { midnight + .seconds(seconds) }

    @Test("a turn across midnight belongs to the day on which it began, as in the books")
    func midnightPasses() throws {
        let books = try books()
        let account = books.account(of: "acme")
        var meter = BudgetMeter(account, tenant: "acme", endUser: "ann", began: at(-60))
        meter.began(1, at: at(-2))
        _ = meter.pay(turn: 1, cost: 100, tokens: 10, at: at(1))
        // A late report of the same turn, while the next one already runs.
        meter.began(2, at: at(3))
        _ = meter.pay(turn: 1, cost: 120, tokens: 12, at: at(4))
        #expect(account.spentToday == 0 && meter.endUserUse.cost == 0)
        #expect(meter.used.cost == 120 && meter.used.tokens == 12)
        _ = meter.pay(turn: 2, cost: 7, tokens: 1, at: at(5))
        #expect(account.spentToday == 7 && meter.endUserUse.cost == 7)
        #expect(meter.used.cost == 127)
    }

    @Test("a turn that never ends does not escape the new day's budget")
    func endless() throws {
        let books = try books()
        let account = books.account(of: "acme")
        var meter = BudgetMeter(account, tenant: "acme", endUser: "ann", began: at(-60))
        meter.began(1, at: at(-50))
        _ = meter.pay(turn: 1, cost: 100, tokens: 10, at: at(30))
        #expect(account.spentToday == 0)
        _ = meter.pay(turn: 1, cost: 160, tokens: 10, at: at(601))
        #expect(account.spentToday == 60)
    }

    @Test("what was counted of a turn is not counted again when its report is late")
    func late() throws {
        let books = try books()
        let account = books.account(of: "acme")
        var meter = BudgetMeter(account, tenant: "acme", endUser: "", began: at(700))
        meter.began(1, at: at(701))
        _ = meter.pay(turn: 1, cost: 100, tokens: 10, at: at(702))
        meter.began(2, at: at(703))
        _ = meter.pay(turn: 2, cost: 10, tokens: 1, at: at(704))
        _ = meter.pay(turn: 1, cost: 130, tokens: 13, at: at(705))
        _ = meter.pay(turn: 2, cost: 20, tokens: 2, at: at(706))
        _ = meter.pay(turn: 0, cost: 3, tokens: 1, at: at(707))
        #expect(account.spentToday == 153 && meter.used.cost == 153)
    }
}
