import Basics
import CLinux
import Foundation
import Synchronization
import Testing
import Usage

@testable import Ledger

@Suite("Dollars and minutes of several nodes", .enabled(if: TestPostgres.programs != nil))
struct SharedSpendingTests {
    /// What a process has spent, as rows.
    private final class Purse: Spender {
        struct State {
            var rows: [Spending] = []
            var questions: [(tenant: String, endUser: String)] = []
            var others: [String: Int64] = [:]
            var endUsers: [String: Spending] = [:]
        }
        let state = Mutex(State())

        func unwritten(_ most: Int) -> [Spending] { state.withLock { Array($0.rows.prefix(most)) } }

        func wrote(_ rows: [Spending]) {
            state.withLock { state in state.rows.removeAll { rows.contains($0) } }
        }

        func takeQuestions(_ most: Int) -> [(tenant: String, endUser: String)] {
            state.withLock { state in
                defer { state.questions = [] }
                return state.questions
            }
        }

        func hear(_ tenants: [String: Int64], on day: Int64) {
            state.withLock { $0.others = tenants }
        }

        func hear(_ endUsers: [Spending]) {
            state.withLock { state in
                for row in endUsers { state.endUsers["\(row.tenant)/\(row.endUser)"] = row }
            }
        }
    }

    private struct Node {
        let name: String
        let state: SharedState
        let purse = Purse()
        let today: Int64

        /// - Parameter ahead: By how much its clock is wrong.
        init(_ shelf: Shelf, _ process: String, ahead: Interval = .zero) throws {
            name = process
            let address = try #require(shelf.address)
            state = SharedState(address, node: "of \(process)", process: process)
            today = (tk_wall() + ahead.nanoseconds) / 86_400_000_000_000
            SharedSpending.begin(state, of: purse) {
                WallTime(nanoseconds: tk_wall()) + ahead
            }
            try state.start(patience: .seconds(20))
            try #require(state.outage == nil)
        }

        func spend(
            _ cost: Int64, _ tenant: String = "acme", endUser: String = "",
            of process: String? = nil,
            milliseconds: Int64 = 0
        ) {
            let row = Spending(
                day: today, tenant: tenant, endUser: endUser, process: process ?? name, cost: cost,
                milliseconds: milliseconds)
            purse.state.withLock { $0.rows.append(row) }
        }

        func ask(_ tenant: String, _ endUser: String) {
            purse.state.withLock { $0.questions.append((tenant, endUser)) }
        }

        var others: [String: Int64] { purse.state.withLock { $0.others } }
        func endUser(_ name: String) -> Spending? { purse.state.withLock { $0.endUsers[name] } }
        func close() { state.close(within: .seconds(60)) }
    }

    @Test("each hears what all others have spent, once, also of those that are over")
    func tenants() throws {
        let shelf = try Shelf(.postgres)
        let nodes = try (0..<3).map { try Node(shelf, "p\($0)") }
        for (index, node) in nodes.enumerated() { node.spend(Int64(10 * (index + 1))) }
        nodes[2].spend(7, "other")
        until { nodes[0].others == ["acme": 50, "other": 7] && nodes[2].others == ["acme": 30] }
        nodes[1].spend(21)
        nodes[1].close()
        // A late report corrects an earlier one.
        nodes[0].spend(5)
        until { nodes[2].others == ["acme": 26] }
        for node in nodes { node.close() }
    }

    @Test("of an earlier process whatever file or database knows most counts")
    func earlier() throws {
        let shelf = try Shelf(.postgres)
        let first = try Node(shelf, "p0")
        first.spend(100)
        first.close()
        let (next, other) = (try Node(shelf, "p1"), try Node(shelf, "p2"))
        next.spend(90, of: "p0")
        until { next.purse.unwritten(1).isEmpty }
        until { other.others == ["acme": 100] }
        // What it could not write.
        next.spend(130, of: "p0")
        next.spend(3)
        until { other.others == ["acme": 133] && next.others == ["acme": 130] }
        for node in [next, other] { node.close() }
    }

    @Test("end users are asked for, and are not their tenant; names may be anything")
    func endUsers() throws {
        let shelf = try Shelf(.postgres)
        let nodes = try (0..<3).map { try Node(shelf, "p\($0)") }
        for (name, cost) in [("ann", Int64(4)), ("ü \" \\ 日本", 5)] {
            nodes[0].spend(cost, endUser: name, milliseconds: 1000)
            nodes[1].spend(cost, endUser: name, milliseconds: 500)
            nodes[1].spend(1, "other", endUser: name)
        }
        for node in nodes { until { node.purse.unwritten(1).isEmpty } }
        for name in ["ann", "ü \" \\ 日本", "nobody"] { nodes[2].ask("acme", name) }
        nodes[0].ask("acme", "ann")
        until { nodes[2].endUser("acme/nobody") != nil && nodes[0].endUser("acme/ann") != nil }
        #expect(nodes[2].endUser("acme/ann")?.cost == 8)
        #expect(nodes[2].endUser("acme/ann")?.milliseconds == 1500)
        #expect(nodes[2].endUser("acme/ü \" \\ 日本")?.cost == 10)
        #expect(nodes[2].endUser("acme/nobody")?.cost == 0)
        #expect(nodes[0].endUser("acme/ann")?.cost == 4)
        #expect(nodes[2].others.isEmpty)
        for node in nodes { node.close() }
    }

    @Test(
        "a node whose clock is wrong by days counts with the others, and forgets nothing of theirs",
        arguments: [Int64(-400), -3, 3, 400])
    func askew(days: Int64) throws {
        let shelf = try Shelf(.postgres)
        let right = try Node(shelf, "p0")
        right.spend(10)
        right.spend(2, endUser: "ann")
        until { right.purse.unwritten(1).isEmpty }
        let wrong = try Node(shelf, "p1", ahead: .seconds(days * 86_400))
        wrong.spend(20)
        wrong.spend(3, endUser: "ann")
        until { right.others == ["acme": 20] && wrong.others == ["acme": 10] }
        until { wrong.purse.unwritten(1).isEmpty }
        wrong.ask("acme", "ann")
        right.ask("acme", "ann")
        until { wrong.endUser("acme/ann")?.cost == 2 && right.endUser("acme/ann")?.cost == 3 }
        #expect(wrong.endUser("acme/ann")?.day == wrong.today)
        // Days that are over are forgotten by the database's clock.
        let postgres = try shelf.postgres()
        #expect(try postgres.integer("SELECT count(*) FROM spending") == 4)
        #expect(try postgres.integer("SELECT count(DISTINCT day) FROM spending") == 1)
        for node in [right, wrong] { node.close() }
    }

    @Test("what a copied ledger says of today counts for all nodes, once")
    func copied() throws {
        let shelf = try Shelf(.postgres)
        let address = try #require(shelf.address)
        // A session that a node has in the same database, and whose spending it writes itself.
        let ledger = try shelf.open()
        for record in spent("own", 1000) { ledger.append(record) }
        ledger.close()
        let node = try Node(shelf, "p0")
        node.spend(1000)
        let files = try [Shelf(), Shelf()]
        for (file, sessions) in zip(files, [["a", "b"], ["c"]]) {
            let ledger = try file.open()
            for id in sessions {
                for record in spent(id, 100) { ledger.append(record) }
            }
            for record in spent("other \(id(sessions))", 7, "other", endUser: "") {
                ledger.append(record)
            }
            for record in conversation("old \(id(sessions))") { ledger.append(record) }
            ledger.close()
        }
        // Again, in whichever order: nothing counts twice.
        for (file, sum) in [(0, 200), (1, 300), (0, 300), (1, 300)] as [(Int, Int64)] {
            _ = try LedgerCopy.run(from: files[file].path, to: address)
            until { node.others["acme"] == sum }
        }
        until { node.others == ["acme": 300, "other": 14] }
        node.ask("acme", "ann")
        until { node.endUser("acme/ann") != nil }
        #expect(node.endUser("acme/ann")?.cost == 300)
        #expect(node.endUser("acme/ann")?.milliseconds == 6000)
        let late = try Node(shelf, "p1")
        until { late.others == ["acme": 1300, "other": 14] }
        for node in [node, late] { node.close() }
    }

    private func id(_ sessions: [String]) -> String { sessions.joined() }

    /// A session of today with one turn.
    private func spent(
        _ id: String, _ cost: Int64, _ tenant: String = "acme", endUser: String = "ann"
    ) -> [Record] {
        let now = WallTime(nanoseconds: tk_wall())
        var usage = TurnUsage(turn: 1)
        (usage.cost, usage.reports) = (cost, 1)
        var ending = Record.Ending(
            session: id, tenant: tenant, model: "m", started: now, ended: now + .seconds(2),
            outcome: "completed")
        ending.endUser = endUser
        return [
            .sessionOpened(id: id, tenant: tenant, at: now),
            .turnEnded(
                Record.Turn(
                    session: id, input: "text", started: now, ended: now + .seconds(1),
                    outcome: "answered", usage: usage)),
            .sessionEnded(ending),
        ]
    }

    @Test("days that are over are forgotten")
    func forgotten() throws {
        let shelf = try Shelf(.postgres)
        let first = try Node(shelf, "p0")
        let today = first.today
        try shelf.postgres().run(
            "INSERT INTO spending SELECT \(today) - n, '', 'acme', 'old', 1, 0 "
                + "FROM generate_series(0, 5) AS n")
        first.close()
        let second = try Node(shelf, "p1")
        let postgres = try shelf.postgres()
        until { (try? postgres.integer("SELECT count(*) FROM spending")) == 3 }
        second.close()
    }
}
