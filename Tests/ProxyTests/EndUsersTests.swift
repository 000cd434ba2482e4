import Basics
import Foundation
import Ledger
import Policies
import Testing

@testable import Proxy

@Suite("What end users have used today")
struct EndUsersTests {
    private func file() -> String {
        FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    }

    @Test("a crowd of invented names forgets itself, not those who have used something")
    func crowd() {
        let users = EndUsers(most: 100)
        users.spend("ann", tenant: "acme", cost: 400_000, milliseconds: 30_000)
        users.spend("ann", tenant: "other", cost: 7)
        for number in 0..<20_000 { users.spend("guest \(number)", tenant: "acme", cost: 10) }
        #expect(
            users.use(of: "ann", tenant: "acme")
                == EndUsers.Use(cost: 400_000, milliseconds: 30_000))
        #expect(users.use(of: "ann", tenant: "other").cost == 7)
        let kept = (0..<20_000).filter {
            users.use(of: "guest \($0)", tenant: "acme") != EndUsers.Use()
        }
        #expect((1...100).contains(kept.count))
        // The file forgets them, too.
        let changes = users.takeChanges(false)
        #expect(changes.areAll && changes.rows.count == kept.count + 2)
        users.spend("ann", tenant: "acme", cost: 1)
        let later = users.takeChanges(false)
        #expect(!later.areAll && later.rows.map(\.endUser) == ["ann"])
        users.saveAll()
        #expect(users.takeChanges(false).rows.count == kept.count + 2)
    }

    @Test("survive a restart, whatever their names")
    func restart() throws {
        let path = file()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = StateFile(path)
        let users = EndUsers()
        func save() throws {
            try file.save { isNew in
                var changes = StateFile.SpendingChanges(day: Account.today, process: nil)
                changes.rows = users.takeChanges(isNew).rows
                return changes
            }
        }
        for name in ["ann", "two words", "ünï\u{1F600}", "a/b+c=="] {
            users.spend(name, tenant: "acme", cost: 5, milliseconds: 60_000)
            try save()
        }
        users.spend("ann", tenant: "acme", cost: -2, milliseconds: 1)
        try save()
        let again = EndUsers()
        let found = StateFile(path).readToday().spending
        #expect(found.count == 4)
        again.restore(found, from: nil)
        #expect(
            again.use(of: "ann", tenant: "acme") == EndUsers.Use(cost: 3, milliseconds: 60_001))
        for name in ["two words", "ünï\u{1F600}", "a/b+c=="] {
            #expect(
                again.use(of: name, tenant: "acme") == EndUsers.Use(cost: 5, milliseconds: 60_000))
        }
        // The process in whose place it is has gone on meanwhile.
        again.spend("ann", tenant: "acme", cost: 10)
        users.spend("ann", tenant: "acme", cost: 100)
        try save()
        again.follow(StateFile(path).readSpending(on: Account.today))
        #expect(again.use(of: "ann", tenant: "acme").cost == 113)
        // As often as it saves.
        users.spend("ann", tenant: "acme", cost: 7)
        try save()
        for _ in 0..<2 { again.follow(StateFile(path).readSpending(on: Account.today)) }
        #expect(again.use(of: "ann", tenant: "acme").cost == 120)
    }

    @Test("with other nodes: its own is told, others' is asked for, and an outage's is not lost")
    func shared() throws {
        let users = EndUsers(process: "p1")
        users.adopt(quotas: ["acme"])
        users.spend("ann", tenant: "acme", cost: 5, milliseconds: 60_000)
        users.spend("bob", tenant: "other", cost: 5)
        let own = users.unwritten(10)
        #expect(own.map(\.endUser) == ["ann"] && own.map(\.process) == ["p1"])
        #expect(users.takeQuestions(10).isEmpty)
        _ = users.use(of: "ann", tenant: "acme")
        #expect(users.takeQuestions(10).map(\.endUser) == ["ann"])
        var heard = own[0]
        (heard.process, heard.cost, heard.milliseconds) = ("", 7, 1000)
        users.hear([heard])
        #expect(
            users.use(of: "ann", tenant: "acme") == EndUsers.Use(cost: 12, milliseconds: 61_000))
        // Not again before ten seconds are over.
        #expect(users.takeQuestions(10).isEmpty)
        users.wrote(own)
        #expect(users.unwritten(10).isEmpty)
        // What it has used in an outage, its successor tells.
        users.spend("ann", tenant: "acme", cost: 1)
        let file = users.takeChanges(true).rows
        let next = EndUsers(process: "p2")
        next.adopt(quotas: ["acme"])
        next.restore(file, from: nil)
        #expect(
            next.use(of: "ann", tenant: "acme") == EndUsers.Use(cost: 6, milliseconds: 60_000))
        next.spend("ann", tenant: "acme", cost: 2)
        let filed = next.takeChanges(true).rows
        #expect(!next.isSettled)
        let rows = next.unwritten(10)
        #expect(rows.map(\.process).sorted() == ["p1", "p1", "p2"])
        #expect(rows.last?.process == "p2" && rows.last?.cost == 2)
        next.wrote(rows)
        #expect(next.unwritten(10).isEmpty && next.isSettled)
        // Without the others again: all of it was here.
        let alone = EndUsers()
        alone.restore(filed, from: nil)
        #expect(alone.use(of: "ann", tenant: "acme").cost == 8)
    }

    @Test("the first quota that is used up is the one that is named")
    func quotas() {
        var policy = Policy().endUsers
        let use = EndUsers.Use(cost: 500_000, milliseconds: 120_000)
        #expect(policy.exhausted(use) == nil && !policy.hasQuota)
        policy.dayMinutes = 3
        #expect(policy.exhausted(use) == nil)
        policy.dayMinutes = 2
        #expect(policy.exhausted(use) == .endUserMinutes)
        policy.dayMicroUSD = 500_000
        #expect(policy.exhausted(use) == .endUserUSD)
    }
}
