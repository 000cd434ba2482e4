import Basics
import CLinux
import Foundation
import Synchronization
import Testing
import Transport

@testable import Ledger

@Suite("Client tokens of several nodes", .enabled(if: TestPostgres.programs != nil))
struct SharedTokensTests {
    /// A process, and its tokens.
    private struct Node {
        let state: SharedState
        let tokens: SharedTokens

        init(
            _ shelf: Shelf, _ process: String, key: String = "k", patience: Interval = .seconds(10)
        ) throws {
            let address = try #require(shelf.address)
            state = SharedState(
                Ledger.Remote(address, node: process), process: process, patience: patience)
            tokens = SharedTokens(state, key: Array(key.utf8))
            try state.start(patience: .seconds(20))
            try #require(state.outage == nil)
        }

        func mint(_ digest: String, uses: Int, lasting seconds: Int64 = 600) throws -> Bool {
            let answer = Answer<Result<SharedTokens.Minted, SharedState.Failure>>()
            tokens.mint(most: (3, 100)) { now in
                .success(
                    SharedTokens.Token(
                        digest: digest, tenant: "acme", expires: now + .seconds(seconds),
                        newSessionsUntil: now + .seconds(seconds), uses: uses,
                        setup: "{\"a\":1}", mask: "model", endUser: "someone"))
            } then: {
                answer.give($0)
            }
            return try answer.wait().get() == .made
        }

        func visit(
            _ digest: String, _ session: String
        ) -> Answer<Result<SharedTokens.Visit?, SharedState.Failure>> {
            let answer = Answer<Result<SharedTokens.Visit?, SharedState.Failure>>()
            tokens.visit(digest, session: session) { answer.give($0) }
            return answer
        }
    }

    @Test("as many uses as there are, whoever asks; all find what the token stands for")
    func uses() throws {
        let shelf = try Shelf(.postgres)
        let nodes = try (0..<3).map { try Node(shelf, "p\($0)") }
        #expect(try nodes[0].mint("aa", uses: 3))
        let answers = (0..<30).map { nodes[$0 % 3].visit("aa", "s\($0)") }
        let visits = try answers.map { try $0.wait().get() }
        #expect(visits.filter { $0?.isUse == true }.count == 3)
        #expect(visits.allSatisfy { $0?.token.setup == "{\"a\":1}" && $0?.token.uses == 3 })
        #expect(try nodes[1].visit("bb", "s").wait().get() == nil)
        for node in nodes { node.state.close(within: .seconds(60)) }
    }

    @Test("a use is given back once, also one that nobody ever heard of, or that comes later")
    func returns() throws {
        let shelf = try Shelf(.postgres)
        let node = try Node(shelf, "p1")
        let postgres = try shelf.postgres()
        func used() -> Int64? { try? postgres.integer("SELECT used FROM client_tokens") }
        #expect(try node.mint("aa", uses: 2))
        for session in ["s1", "s2"] { _ = try node.visit("aa", session).wait() }
        #expect(used() == 2)
        node.tokens.giveBack("aa", session: "s1")
        until { used() == 1 }
        node.tokens.giveBack("aa", session: "s1")
        node.tokens.giveBack("aa", session: "never")
        until { (try? postgres.integer("SELECT count(*) FROM token_uses")) == 3 }
        #expect(used() == 1)
        // As a statement that was waiting meanwhile.
        #expect(try node.visit("aa", "never").wait().get() == nil)
        #expect(used() == 1)
        // At once, so that another session may have it.
        node.tokens.giveBack("aa", session: "s2")
        #expect(try node.visit("aa", "s2.anew").wait().get()?.isUse == true)
        #expect(try node.visit("aa", "s3").wait().get()?.isUse == true)
        #expect(try node.visit("aa", "s4").wait().get()?.isUse == false)
        node.tokens.giveBack("aa", session: "s3")
        node.tokens.resume("aa")
        // There was nothing to be resumed.
        node.tokens.resume("aa")
        node.tokens.resume("aa", -1)
        node.state.close(within: .seconds(60))
        #expect(used() == 1)
        #expect(try postgres.integer("SELECT resumed FROM client_tokens") == 1)
    }

    /// Hundreds come at once when a node has died, and others wait for the same connection.
    @Test("visits that wait are few statements, of which no other question awaits more than one")
    func gathered() throws {
        let shelf = try Shelf(.postgres)
        let node = try Node(shelf, "p1")
        #expect(try node.mint("aa", uses: 3))
        #expect(try node.mint("bb", uses: 0))
        let (hold, held) = (Latch(), Answer<Bool>())
        node.state.ask { (_) throws(LedgerError) in
            held.give(true)
            hold.wait()
        } then: { _ in
        }
        _ = try held.wait()
        let visits = (0..<200).map { node.visit($0 % 2 == 0 ? "aa" : "bb", "s\($0)") }
        let answered = Answer<Int>()
        node.state.ask { (_) throws(LedgerError) in
            visits.count { $0.now != nil }
        } then: {
            answered.give((try? $0.get()) ?? -1)
        }
        hold.arrive()
        #expect((0...50).contains(try answered.wait()))
        let found = try visits.map { try $0.wait().get() }
        #expect(found.allSatisfy { $0?.token.setup == "{\"a\":1}" })
        #expect(found.filter { $0?.token.digest == "aa" && $0?.isUse == true }.count == 3)
        #expect(found.filter { $0?.token.digest == "bb" && $0?.isUse == true }.count == 100)
        let used = "SELECT used FROM client_tokens WHERE digest = 'bb'"
        #expect(try shelf.postgres().integer(used) == 100)
        node.state.close(within: .seconds(60))
    }

    /// After an hour in which the database was away, say.
    @Test("any number of resumptions is counted, once, and cuts the node off from nothing")
    func resumptions() throws {
        let shelf = try Shelf(.postgres)
        let postgres = try shelf.postgres()
        try PostgresSchema.migrate(postgres)
        let count = 20_000
        try postgres.run(
            """
            INSERT INTO client_tokens SELECT 't' || n, 'acme', 9e15, 9e15, 0, 1, 0, '', '', '', 0
                FROM generate_series(1, \(count)) AS n
            """)
        let node = try Node(shelf, "p1", patience: .milliseconds(500))
        for number in 1...count { node.tokens.resume("t\(number)") }
        until { (try? postgres.integer("SELECT sum(resumed) FROM client_tokens")) == Int64(count) }
        #expect(node.state.outage == nil)
        let rounds = Mutex(0)
        node.state.everyRound { _ in rounds.withLock { $0 += 1 } }
        until { rounds.withLock { $0 } >= 3 }
        #expect(try postgres.integer("SELECT max(resumed) FROM client_tokens") == 1)
        #expect(node.state.outage == nil)
        node.state.close(within: .seconds(60))
    }

    @Test("a token with any number of uses expires, and cuts the nodes off from nothing")
    func expired() throws {
        let shelf = try Shelf(.postgres)
        let postgres = try shelf.postgres()
        try PostgresSchema.migrate(postgres)
        // Deleted with their token, these would take two minutes.
        try postgres.run(
            """
            INSERT INTO client_tokens VALUES ('aa', 'acme', 0, 0, 0, 0, 0, '', '', '', 0),
                ('bb', 'acme', 9e15, 0, 0, 0, 0, '', '', '', 0);
            INSERT INTO token_uses SELECT 'aa', 's' || n FROM generate_series(1, 12000) AS n;
            INSERT INTO token_uses VALUES ('bb', 's');
            CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN IF pg_trigger_depth() > 1 THEN PERFORM pg_sleep(0.01); END IF;
                    RETURN OLD; END';
            CREATE TRIGGER lingers BEFORE DELETE ON token_uses FOR EACH ROW
                EXECUTE FUNCTION linger();
            """)
        let node = try Node(shelf, "p1")
        until {
            #expect(node.state.outage == nil)
            return (try? postgres.integer("SELECT count(*) FROM token_uses")) == 1
        }
        node.state.close(within: .seconds(60))
        // Another begins after the last use.
        let next = try Node(shelf, "p2")
        #expect(try postgres.integer("SELECT count(*) FROM client_tokens") == 1)
        #expect(next.state.outage == nil && next.state.fault == nil)
        next.state.close(within: .seconds(60))
    }

    @Test("a tenant has so many live tokens on all nodes; one that has expired is none")
    func bounds() throws {
        let shelf = try Shelf(.postgres)
        let nodes = try (0..<2).map { try Node(shelf, "p\($0)") }
        #expect(try nodes[0].mint("aa", uses: 0))
        #expect(try nodes[1].mint("bb", uses: 0, lasting: 600))
        #expect(try nodes[0].mint("cc", uses: 0))
        #expect(try !nodes[1].mint("dd", uses: 0))
        try shelf.postgres().run("UPDATE client_tokens SET expires_us = 0 WHERE digest = 'bb'")
        #expect(try nodes[1].visit("bb", "s").wait().get() == nil)
        #expect(try nodes[1].mint("dd", uses: 0))
        for node in nodes { node.state.close(within: .seconds(60)) }
    }

    @Test("the first node's key becomes that of all")
    func keys() throws {
        let shelf = try Shelf(.postgres)
        let first = try Node(shelf, "p1", key: "first")
        let address = try #require(shelf.address)
        let state = SharedState(address, node: "two", process: "p2")
        let tokens = SharedTokens(state, key: Array("second".utf8))
        let found = Answer<[UInt8]>()
        tokens.adopts { found.give($0) }
        try state.start(patience: .seconds(20))
        #expect(try found.wait() == Array("first".utf8))
        state.close(within: .seconds(60))
        first.state.close(within: .seconds(60))
    }
}
