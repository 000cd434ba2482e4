import Foundation
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
        let users = EndUsers(file: file(), most: 100)
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
    }

    @Test("survive a restart, whatever their names, and lines that are not understood")
    func restart() throws {
        let file = file()
        defer { try? FileManager.default.removeItem(atPath: file) }
        let users = EndUsers(file: file)
        for name in ["ann", "two words", "ünï\u{1F600}", "a/b+c=="] {
            users.spend(name, tenant: "acme", cost: 5, milliseconds: 60_000)
            #expect(users.save())
        }
        users.spend("ann", tenant: "acme", cost: -2, milliseconds: 1)
        #expect(users.save())
        let handle = try #require(FileHandle(forWritingAtPath: file))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("99999999999999999999 acme x 1 1\n\u{0}\n".utf8))
        let again = EndUsers(file: file)
        again.restore(from: nil)
        #expect(
            again.use(of: "ann", tenant: "acme") == EndUsers.Use(cost: 3, milliseconds: 60_001))
        for name in ["two words", "ünï\u{1F600}", "a/b+c=="] {
            #expect(
                again.use(of: name, tenant: "acme") == EndUsers.Use(cost: 5, milliseconds: 60_000))
        }
    }

    @Test("with other nodes: its own is told, others' is asked for, and an outage's is not lost")
    func shared() throws {
        let file = file()
        defer { try? FileManager.default.removeItem(atPath: file) }
        let users = EndUsers(file: file, process: "p1")
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
        #expect(users.save())
        let next = EndUsers(file: file, process: "p2")
        next.adopt(quotas: ["acme"])
        next.restore(from: nil)
        #expect(
            next.use(of: "ann", tenant: "acme") == EndUsers.Use(cost: 6, milliseconds: 60_000))
        next.spend("ann", tenant: "acme", cost: 2)
        #expect(next.save())
        let rows = next.unwritten(10)
        #expect(rows.map(\.process).sorted() == ["p1", "p1", "p2"])
        #expect(rows.last?.process == "p2" && rows.last?.cost == 2)
        next.wrote(rows)
        #expect(next.unwritten(10).isEmpty)
        // Without the others again: all of it was here.
        let alone = EndUsers(file: file)
        alone.restore(from: nil)
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
