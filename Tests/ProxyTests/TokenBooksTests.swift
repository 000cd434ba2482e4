import Basics
import Foundation
import Policies
import Synchronization
import Testing
import Transport
import Wire

@testable import Ledger
@testable import Proxy

@Suite("Uses of client tokens that are in PostgreSQL")
struct TokenBooksTests {
    /// PostgreSQL cannot be used.
    private func tokens() throws -> ClientTokens {
        let directory = NSTemporaryDirectory() + "tokens-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        let listen = try #require(SocketAddress(host: "127.0.0.1", port: 1))
        var options = ServerOptions(listen: listen, admin: nil)
        options.data = directory
        let address = try PostgresAddress("postgres://nobody@%2Fnowhere/books")
        let shared = SharedState(Ledger.Remote(address, node: "one"), process: "p1")
        return ClientTokens(
            options, StateFile(directory + "/state.db"), StateFile.Contents(), shared, Log())
    }

    private func grant(uses: Int, used: Int, resumed: Int) throws -> Grant {
        let later = WallTime(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e9)) + .seconds(600)
        let digest = try #require(Digest.sha256([1]))
        var token = SharedTokens.Token(
            digest: digest.hex, tenant: "acme", expires: later, newSessionsUntil: later,
            uses: uses, setup: "", mask: "", endUser: "")
        (token.used, token.resumed) = (used, resumed)
        return try #require(Grant(token, session: "s1"))
    }

    private func beginAnew(
        _ grant: Grant, _ pass: Grant.Pass, of tokens: ClientTokens
    ) throws -> UseOutcome? {
        let outcome = Mutex<UseOutcome?>(nil)
        #expect(tokens.settle(grant, pass, resuming: true) == nil)
        let limit = tokens.beginAnew(grant, pass) { found in outcome.withLock { $0 = found } }
        #expect(limit == nil)
        return outcome.withLock { $0 }
    }

    @Test("a use that cannot be written down is not one too many")
    func notKept() throws {
        let tokens = try tokens()
        for pass in [Grant.Pass.use, .resumption] {
            let grant = try grant(uses: 2, used: 1, resumed: 0)
            #expect(try beginAnew(grant, pass, of: tokens) == .notKept)
        }
    }

    @Test("a session that was a use already, for want of resumptions, does not become another")
    func usedAlready() throws {
        let tokens = try tokens()
        #expect(try beginAnew(grant(uses: 2, used: 1, resumed: 120), .use, of: tokens) == .kept)
        #expect(try beginAnew(grant(uses: 2, used: 1, resumed: 119), .use, of: tokens) == .notKept)
    }
}
