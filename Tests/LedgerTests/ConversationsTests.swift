import Basics
import CLinux
import Foundation
import Sharing
import Synchronization
import Testing

@testable import Ledger

@Suite("Conversations kept for other nodes", .enabled(if: TestPostgres.programs != nil))
struct ConversationsTests {
    /// A node: its connection, and what it was told others have taken.
    private final class Node: Sendable {
        let state: SharedState
        let conversations: Conversations
        let superseded = Mutex<[String: Int64]>([:])

        /// - Parameters:
        ///   - key: A number that is added to each byte, which seals well enough here; none for 0.
        ///   - opensPlain: What was kept without a key is opened, too.
        init(
            _ address: PostgresAddress, _ process: String, key: UInt8 = 1, opensPlain: Bool = false
        ) throws {
            let name = key == 0 ? "" : "\(key)"
            state = SharedState(address, node: "of \(process)", process: process)
            conversations = Conversations(
                state,
                Conversations.Sealing(
                    keys: [name] + (opensPlain ? [""] : []),
                    seal: { bytes, row in
                        (name, row + " " + bytes.map { "\($0 &+ key)" }.joined(separator: " "))
                    },
                    open: { found, text, row in
                        guard found == name || found.isEmpty && opensPlain,
                            text.hasPrefix(row + " ")
                        else { return nil }
                        return text.dropFirst(row.count + 1).split(separator: " ").compactMap {
                            UInt8($0).map { $0 &- (found.isEmpty ? 0 : key) }
                        }
                    }))
            conversations.onSuperseded { [self] digest, generation in
                superseded.withLock { $0[digest] = generation }
            }
            try state.start(patience: .seconds(20))
        }

        func keep(_ digest: String, _ generation: Int64, _ bytes: [UInt8], isOver: Bool = false) {
            conversations.keep(
                Draft(
                    digest: digest, generation: generation, session: "s \"1\"", tenant: "acme",
                    isOver: isOver, leavesPlace: false, bytes: bytes,
                    since: Instant(nanoseconds: tk_now())))
        }

        func claim(_ digest: String, tenant: String = "acme") throws -> Conversations.Answer {
            let answer = Answer<Conversations.Answer>()
            conversations.claim(
                digest, tenant: tenant, session: "s 2", asked: Instant(nanoseconds: tk_now())
            ) { answer.give($0) }
            return try answer.wait()
        }

        func take(_ digest: String, _ generation: Int64) throws -> Conversations.Answer {
            let answer = Answer<Conversations.Answer>()
            conversations.take(digest, generation, session: "s 2") { answer.give($0) }
            return try answer.wait()
        }

        /// All that waits is written.
        func settle(_ digest: String) throws {
            let answer = Answer<Bool>()
            conversations.settle(digest) { answer.give(true) }
            _ = try answer.wait()
        }
    }

    private func isTaken(
        _ answer: Conversations.Answer, _ bytes: [UInt8], _ generation: Int64
    ) -> Bool {
        guard case .taken(bytes, generation, let age, _, _) = answer else { return false }
        return age >= .zero && age < .seconds(60)
    }

    @Test("another node takes it with what was written last, and the first one hears of it")
    func taken() throws {
        let shelf = try Shelf(.postgres)
        let address = try #require(shelf.address)
        let (one, two) = (try Node(address, "p1"), try Node(address, "p2"))
        one.keep("d1", 1, [1])
        one.keep("d1", 1, [2, 3])
        one.keep("d2", 1, [4], isOver: true)
        // In a round of its own.
        let count = "SELECT count(*) FROM conversations"
        try until { try shelf.postgres().integer(count) == 2 }
        #expect(try two.claim("d1") == .driven(generation: 2))
        let taken = try two.take("d1", 2)
        #expect(isTaken(taken, [2, 3], 2))
        // It has not let go.
        guard case .taken(_, _, _, "of p1", _) = taken else { Issue.record("\(taken)"); return }
        let free = try two.claim("d2")
        #expect(isTaken(free, [4], 2))
        guard case .taken(_, _, _, nil, _) = free else { Issue.record("\(free)"); return }
        #expect(try two.claim("d3") == .unknown)
        #expect(try two.claim("d1", tenant: "other") == .foreign)
        until { one.superseded.withLock { $0 } == ["d1": 2, "d2": 2] }
        for node in [one, two] { node.state.close(within: .seconds(60)) }
        #expect(two.superseded.withLock { $0 }.isEmpty)
    }

    @Test("who was superseded writes nothing more, and learns it by that, too")
    func fenced() throws {
        let shelf = try Shelf(.postgres)
        let address = try #require(shelf.address)
        let (one, two) = (try Node(address, "p1"), try Node(address, "p2"))
        one.keep("d1", 1, [1])
        try one.settle("d1")
        #expect(try two.claim("d1") == .driven(generation: 2))
        #expect(isTaken(try two.take("d1", 2), [1], 2))
        two.keep("d1", 2, [2])
        try two.settle("d1")
        try shelf.postgres().run("DELETE FROM superseded")
        one.superseded.withLock { $0 = [:] }
        one.keep("d1", 1, [9])
        try one.settle("d1")
        #expect(one.superseded.withLock { $0["d1"] } == 2)
        // And back: the first may go on in a third generation, the second not.
        #expect(try one.claim("d1") == .driven(generation: 3))
        #expect(isTaken(try one.take("d1", 3), [2], 3))
        two.keep("d1", 2, [8])
        try two.settle("d1")
        one.keep("d1", 3, [3])
        #expect(isTaken(try one.claim("d1"), [3], 4))
        #expect(try shelf.postgres().integer("SELECT count(*) FROM conversations") == 1)
        for node in [one, two] { node.state.close(within: .seconds(60)) }
    }

    @Test("what a node writes between claim and taking is taken along, and nothing later")
    func lastWords() throws {
        let shelf = try Shelf(.postgres)
        let address = try #require(shelf.address)
        let (one, two, three) = (
            try Node(address, "p1"), try Node(address, "p2"), try Node(address, "p3")
        )
        one.keep("d1", 1, [1])
        try one.settle("d1")
        #expect(try two.claim("d1") == .driven(generation: 2))
        one.keep("d1", 1, [2])
        try one.settle("d1")
        #expect(one.superseded.withLock { $0["d1"] } == 2)
        // The client has left again, and asks a third node: only the newest claim counts.
        #expect(try three.claim("d1") == .driven(generation: 3))
        #expect(try two.take("d1", 2) == .superseded)
        // Who has only claimed it has nothing to write.
        two.keep("d1", 2, [9])
        try two.settle("d1")
        one.keep("d1", 1, [3], isOver: true)
        try one.settle("d1")
        #expect(isTaken(try three.take("d1", 3), [3], 3))
        one.keep("d1", 1, [4])
        try one.settle("d1")
        #expect(isTaken(try three.claim("d1"), [3], 4))
        for node in [one, two, three] { node.state.close(within: .seconds(60)) }
    }

    @Test("who is over needs not be waited for, nor a node's own")
    func overMeanwhile() throws {
        let shelf = try Shelf(.postgres)
        let address = try #require(shelf.address)
        let (one, two) = (try Node(address, "p1"), try Node(address, "p2"))
        one.keep("d1", 1, [1])
        try one.settle("d1")
        #expect(try two.claim("d1") == .driven(generation: 2))
        // The client goes back before the other node has it.
        one.keep("d1", 1, [2])
        #expect(isTaken(try one.claim("d1"), [2], 3))
        #expect(try two.take("d1", 2) == .superseded)
        #expect(try two.claim("d1") == .driven(generation: 4))
        one.keep("d1", 3, [3], isOver: true)
        try one.settle("d1")
        #expect(isTaken(try two.claim("d1"), [3], 5))
        for node in [one, two] { node.state.close(within: .seconds(60)) }
    }

    @Test("of nodes that claim at once each has a generation of its own, or hears of a newer claim")
    func atOnce() throws {
        let shelf = try Shelf(.postgres)
        let address = try #require(shelf.address)
        let nodes = try (1...4).map { try Node(address, "p\($0)") }
        nodes[0].keep("d1", 1, [1])
        try nodes[0].settle("d1")
        let answers = nodes.flatMap { node in
            (0..<10).map { _ in
                let answer = Answer<Conversations.Answer>()
                node.conversations.claim(
                    "d1", tenant: "acme", session: "s 2", asked: Instant(nanoseconds: tk_now())
                ) {
                    answer.give($0)
                }
                return answer
            }
        }
        let generations = try answers.compactMap { answer -> Int64? in
            switch try answer.wait() {
            case .taken(_, let generation, _, _, _), .driven(let generation): return generation
            case .superseded: return nil
            default: return 0
            }
        }
        #expect(Set(generations).sorted() == Array(2..<(2 + Int64(generations.count))))
        #expect(!generations.isEmpty)
        for node in nodes { node.state.close(within: .seconds(60)) }
    }

    @Test("what waits is written at the end")
    func ends() throws {
        let shelf = try Shelf(.postgres)
        let one = try Node(try #require(shelf.address), "p1")
        for number in 0..<500 { one.keep("d\(number)", 1, [UInt8](repeating: 7, count: 900)) }
        one.state.close(within: .seconds(60))
        #expect(try shelf.postgres().integer("SELECT count(*) FROM conversations") == 500)
        #expect(one.conversations.condition.lost == 0)
    }

    @Test("a node whose key others do not have keeps and claims nothing, and says whose it lacks")
    func keys() throws {
        let shelf = try Shelf(.postgres)
        let address = try #require(shelf.address)
        let one = try Node(address, "p1", key: 1)
        #expect(one.conversations.missing == [])
        one.keep("d1", 1, [1])
        try one.settle("d1")
        let two = try Node(address, "p2", key: 2)
        #expect(two.conversations.missing == ["1"])
        #expect(try two.claim("d1") == .sealed(key: "1"))
        two.keep("d2", 1, [2])
        two.state.close(within: .seconds(60))
        let postgres = try shelf.postgres()
        #expect(try postgres.integer("SELECT count(*) FROM conversations") == 1)
        #expect(try postgres.integer("SELECT max(generation) FROM conversations") == 1)
        // Two hours later nobody misses it.
        for (table, column) in [
            ("conversations", "written"), ("state_keys", "used"), ("superseded", "at"),
        ] {
            try postgres.run("UPDATE \(table) SET \(column) = now() - interval '121 minutes'")
        }
        let three = try Node(address, "p3", key: 2)
        #expect(three.conversations.missing == [])
        #expect(try three.claim("d1") == .unknown)
        #expect(try postgres.integer("SELECT count(*) FROM conversations") == 0)
        for node in [one, three] { node.state.close(within: .seconds(60)) }
    }

    @Test("what was kept without a key is taken where it may be, and then has one")
    func keyAddedLater() throws {
        let shelf = try Shelf(.postgres)
        let address = try #require(shelf.address)
        let one = try Node(address, "p1", key: 0)
        one.keep("d1", 1, [1], isOver: true)
        try one.settle("d1")
        one.state.close(within: .seconds(60))
        let strict = try Node(address, "p2", key: 2)
        #expect(try strict.claim("d1") == .sealed(key: ""))
        let two = try Node(address, "p3", key: 2, opensPlain: true)
        #expect(isTaken(try two.claim("d1"), [1], 2))
        two.keep("d1", 2, [2], isOver: true)
        try two.settle("d1")
        let keys = "SELECT count(*) FROM conversations WHERE key = '2'"
        #expect(try shelf.postgres().integer(keys) == 1)
        // Now the others can read it, and one without the key neither this nor anything else.
        #expect(isTaken(try strict.claim("d1"), [2], 3))
        let last = try Node(address, "p4", key: 0)
        #expect(last.conversations.missing == ["2"])
        for node in [strict, two, last] { node.state.close(within: .seconds(60)) }
    }

    @Test("what was changed in the database is not believed, nor is another row's")
    func changed() throws {
        let shelf = try Shelf(.postgres)
        let one = try Node(try #require(shelf.address), "p1")
        for digest in ["d1", "d2", "d3"] {
            one.keep(digest, 1, [1])
            try one.settle(digest)
        }
        let postgres = try shelf.postgres()
        try postgres.run("UPDATE conversations SET value = 'd1' WHERE digest = 'd1'")
        try postgres.run(
            """
            UPDATE conversations SET value = (SELECT value FROM conversations WHERE digest = 'd3')
                WHERE digest = 'd2'
            """)
        #expect(try one.claim("d1") == .broken)
        #expect(try one.claim("d2") == .broken)
        // With a key that may be found again it stays where it is.
        try postgres.run("UPDATE conversations SET key = 'other' WHERE digest = 'd3'")
        #expect(try one.claim("d3") == .sealed(key: "other"))
        #expect(try one.claim("d3", tenant: "other") == .foreign)
        try postgres.run("UPDATE conversations SET key = '1' WHERE digest = 'd3'")
        #expect(isTaken(try one.claim("d3"), [1], 2))
        one.state.close(within: .seconds(60))
    }

    @Test("without a database a claim fails, and what is kept is written when it is back")
    func cut() throws {
        let shelf = try Shelf(.postgres)
        let address = try #require(shelf.address)
        let one = try Node(address, "p1")
        let name = address.text.split(separator: "/").last ?? ""
        let other = try Shelf(.postgres).postgres()
        try other.run("ALTER DATABASE \(name) ALLOW_CONNECTIONS false")
        try other.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'")
        until { one.state.outage != nil }
        one.keep("d1", 1, [1])
        guard case .failed = try one.claim("d1") else { Issue.record("answered"); return }
        try other.run("ALTER DATABASE \(name) ALLOW_CONNECTIONS true")
        until { (try? shelf.postgres().integer("SELECT count(*) FROM conversations")) == 1 }
        one.state.close(within: .seconds(60))
    }
}
