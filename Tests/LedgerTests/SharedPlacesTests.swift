import Basics
import Foundation
import Synchronization
import Testing

@testable import Ledger
@testable import Sharing

@Suite("Sessions of several nodes", .enabled(if: TestPostgres.programs != nil))
struct SharedPlacesTests {
    private final class Flag: Sendable {
        let isUp = Atomic(false)
    }

    /// A process that has nothing but places for one tenant's sessions.
    private final class Node: Sendable {
        let state: SharedState
        let shared: SharedPlaces
        let places: Places
        let limit: Atomic<Int>
        let hasWaitedInVain: Bool
        let leaving = Flag()

        /// - Parameters:
        ///   - role: A user of its own, that can be locked out.
        ///   - dead: An earlier process in its place.
        init(
            _ shelf: Shelf, _ process: String, limit: Int, role: String? = nil, dead: String? = nil
        ) throws {
            var address = try #require(shelf.address)
            if let role {
                let text = address.text.replacing("//postgres@", with: "//\(role)@")
                address = try PostgresAddress(text)
            }
            state = SharedState(address, node: "of \(process)", process: process)
            state.present { [leaving] in
                NodeState(
                    version: "", policies: "", admin: "", sessions: 0,
                    isDraining: leaving.isUp.load(ordering: .relaxed))
            }
            shared = SharedPlaces(state)
            places = shared.places(of: "acme")
            self.limit = Atomic(limit)
            shared.adopt(["acme": limit])
            if let dead { shared.bury([dead]) }
            try state.start(patience: .seconds(20))
            // In vain would be far longer than a share takes, also on a busy machine.
            let began = ContinuousClock.now
            shared.awaitShare(within: .seconds(60))
            hasWaitedInVain = ContinuousClock.now - began >= .seconds(60)
        }

        var used: Int { places.count }
        var holding: Int { places.holding }

        func adopt(_ limit: Int) {
            self.limit.store(limit, ordering: .relaxed)
            shared.adopt(["acme": limit])
        }

        /// As many of these as it may begin.
        @discardableResult
        func begin(_ count: Int) -> Int {
            let limit = limit.load(ordering: .relaxed)
            return (0..<count).reduce(0) { sum, _ in sum + (places.take(limit: limit) ? 1 : 0) }
        }

        func end() { for _ in 0..<used { places.leave() } }
        func close() { state.close(within: .seconds(60)) }
    }

    /// PostgreSQL, for this user alone.
    private struct Lock {
        let shelf: Shelf
        let role = "role_\(UUID().uuidString.prefix(8).lowercased())"

        init(_ shelf: Shelf) throws {
            self.shelf = shelf
            try shelf.postgres().run("CREATE ROLE \(role) LOGIN SUPERUSER")
        }

        func close() throws {
            try shelf.postgres().run("ALTER ROLE \(role) NOLOGIN")
            try shelf.postgres().run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '\(role)'")
        }

        func open() throws { try shelf.postgres().run("ALTER ROLE \(role) LOGIN") }
    }

    private func sum(_ nodes: [Node]) -> Int { nodes.reduce(0) { $0 + $1.used } }

    /// As fast as they can, until all that there are have begun.
    private func fill(_ nodes: [Node], of all: [Node], to limit: Int) {
        until {
            for node in nodes { node.begin(limit) }
            #expect(sum(all) <= limit)
            return sum(all) == limit
        }
    }

    @Test(
        "three nodes never have more, and can have all: together, at one, at one that comes last",
        arguments: [2, 3, 100])
    func exact(limit: Int) throws {
        let shelf = try Shelf(.postgres)
        var nodes = try (0..<3).map { try Node(shelf, "p\($0)", limit: limit) }
        fill(nodes, of: nodes, to: limit)
        nodes.append(try Node(shelf, "p3", limit: limit))
        for node in nodes {
            #expect(node.begin(10) == 0)
        }
        for alone in [0, 2, 3] {
            for node in nodes { node.end() }
            fill([nodes[alone]], of: nodes, to: limit)
        }
        for node in nodes { node.close() }
    }

    @Test("a newcomer has its share when it begins, however many there are")
    func newcomers() throws {
        let shelf = try Shelf(.postgres)
        var nodes: [Node] = []
        for count in 1...6 {
            let node = try Node(shelf, "p\(count)", limit: 100)
            #expect(!node.hasWaitedInVain)
            #expect(node.holding >= 100 / count / 2)
            nodes.append(node)
            #expect(nodes.reduce(0) { $0 + $1.holding } <= 100)
        }
        // What nobody wants is shared out in the end, but for what cannot be divided.
        until { nodes.allSatisfy { (12...21).contains($0.holding) } }
        for node in nodes { node.close() }
    }

    @Test("whoever says nothing for fifteen seconds holds nothing; an earlier process what it used")
    func dead() throws {
        let shelf = try Shelf(.postgres)
        let postgres = try shelf.postgres()
        let node = try Node(shelf, "p1", limit: 100)
        try postgres.run(
            "INSERT INTO processes SELECT 'p0', 'two', '', '', '', 0, 0, now(), now() + interval '1 h'"
        )
        until { node.holding == 50 }
        try postgres.run("INSERT INTO places VALUES ('acme', 'p0', 60, 60, 0)")
        until { node.holding == 20 }
        fill([node], of: [node], to: 40)
        try postgres.run("UPDATE processes SET seen = now() - interval '16 s' WHERE id = 'p0'")
        fill([node], of: [node], to: 100)
        node.close()
        // One that was killed, and begins again: what was used waits for its callers.
        try postgres.run("INSERT INTO processes SELECT 'p1', 'one', '', '', '', 0, 0")
        try postgres.run("INSERT INTO places VALUES ('acme', 'p1', 30, 100, 40)")
        let again = try Node(shelf, "p2", limit: 100, dead: "p1")
        #expect(again.begin(100) == 70)
        let (used, held) = (again.used, again.holding)
        #expect(used == 70 && held == 70)
        try postgres.run("UPDATE processes SET seen = now() - interval '16 s' WHERE id = 'p1'")
        fill([again], of: [again], to: 100)
        again.close()
    }

    @Test("a node that is cut off has what it held, and not more; back again it takes no other's")
    func cutOff() throws {
        let shelf = try Shelf(.postgres)
        let lock = try Lock(shelf)
        let lost = try Node(shelf, "p0", limit: 100, role: lock.role)
        let other = try Node(shelf, "p1", limit: 100)
        until { lost.holding == 50 && other.holding == 50 }
        lost.begin(10)
        try lock.close()
        until { lost.state.outage != nil }
        let held = lost.holding
        // Its fifteen seconds are over.
        try shelf.postgres().run(
            "UPDATE processes SET seen = now() - interval '16 s' WHERE id = 'p0'")
        fill([other], of: [other], to: 100)
        #expect(lost.begin(1000) == held - 10)
        #expect(sum([lost, other]) == 100 + held)
        try lock.open()
        until { lost.state.outage == nil }
        lost.end()
        #expect(lost.begin(10) <= held)
        lost.end()
        until { lost.holding == 0 }
        #expect(lost.begin(10) == 0)
        for node in [lost, other] { node.close() }
    }

    @Test("after PostgreSQL's own absence the first one back takes nothing from the others")
    func outage() throws {
        let shelf = try Shelf(.postgres)
        let locks = try (0..<2).map { _ in try Lock(shelf) }
        let nodes = try (0..<2).map {
            try Node(shelf, "p\($0)", limit: 100, role: locks[$0].role)
        }
        until { nodes.allSatisfy { $0.holding == 50 } }
        for lock in locks { try lock.close() }
        until { nodes.allSatisfy { $0.state.outage != nil } }
        usleep(5_500_000)
        try shelf.postgres().run("UPDATE processes SET seen = now() - interval '19 s'")
        try locks[0].open()
        until { nodes[0].state.outage == nil }
        for _ in 0..<60 {
            nodes[0].begin(100)
            usleep(20_000)
        }
        #expect(nodes[0].used == 50)
        try locks[1].open()
        fill(nodes, of: nodes, to: 100)
        for node in nodes { node.close() }
    }

    @Test("a reload of the limit reaches all; who takes no more keeps what it uses")
    func changes() throws {
        let shelf = try Shelf(.postgres)
        let nodes = try (0..<2).map { try Node(shelf, "p\($0)", limit: 10) }
        for node in nodes { node.begin(3) }
        for node in nodes { node.adopt(200) }
        until { nodes.allSatisfy { $0.holding >= 95 } }
        for node in nodes { node.adopt(8) }
        until { nodes.reduce(0) { $0 + $1.holding } <= 8 }
        fill(nodes, of: nodes, to: 8)
        // As with `--take-over`.
        nodes[0].leaving.isUp.store(true, ordering: .relaxed)
        for node in nodes { node.adopt(20) }
        until { nodes[0].holding == nodes[0].used }
        until { nodes[1].holding == 20 - nodes[0].used }
        // The one that took over has died.
        nodes[0].leaving.isUp.store(false, ordering: .relaxed)
        nodes[1].end()
        nodes[1].close()
        until { nodes[0].holding == 20 }
        nodes[0].close()
        // Nothing of a tenant that is gone.
        let node = try Node(shelf, "p2", limit: 5)
        #expect(node.holding == 5)
        node.shared.adopt([:])
        until { node.holding == 0 }
        node.close()
    }

    @Test("without PostgreSQL's word a node has a tenth, and refuses nobody who could be elsewhere")
    func unheard() {
        let places = Places(isShared: true)
        for _ in 0..<10 { #expect(places.take(limit: 100)) }
        #expect(!places.take(limit: 100) && places.count == 10)
        #expect(places.isFreeElsewhere(limit: 100, isCutOff: true))
        #expect(places.isFreeElsewhere(limit: 100, isCutOff: false))
        #expect(Places(isShared: true).take(limit: 3))
        let alone = Places()
        for _ in 0..<100 { #expect(alone.take(limit: 100)) }
        #expect(!alone.take(limit: 100) && !alone.isFree(limit: 100))
        #expect(!alone.isFreeElsewhere(limit: 100, isCutOff: false))
    }

    @Test("a node that is cut off does not know that no other has a place, unless it has them all")
    func unknown() {
        var places = HeldPlaces(isShared: true)
        places.raise(to: 3)
        places.hear(others: 6)
        let taken = (0..<3).map { _ in places.take(limit: 9) }
        #expect(taken == [true, true, true])
        #expect(!places.isFreeElsewhere(limit: 9, isCutOff: false))
        #expect(places.isFreeElsewhere(limit: 9, isCutOff: true))
        places.raise(to: 9)
        #expect(!places.isFreeElsewhere(limit: 9, isCutOff: true))
    }

    @Test("what is free is shared out: the same to each, more to whoever asked in vain")
    func shares() {
        typealias Claim = PlaceClaim
        #expect(Claim().share(of: 100, others: Claim(), processes: 1) == 100)
        #expect(Claim().share(of: 100, others: Claim(used: 40), processes: 3) == 20)
        #expect(Claim(used: 60).share(of: 100, others: Claim(used: 50), processes: 3) == 0)
        #expect(Claim(wanted: 9).share(of: 100, others: Claim(), processes: 3) == 84)
        #expect(Claim().share(of: 100, others: Claim(wanted: 9), processes: 3) == 8)
        // Fewer than nodes.
        #expect(Claim().share(of: 2, others: Claim(), processes: 3) == 1)
        #expect(Claim().share(of: 2, others: Claim(wanted: 1), processes: 3) == 0)
        #expect(Claim(wanted: 1).share(of: 2, others: Claim(), processes: 3) == 1)
    }
}
