import Basics
import Fixtures
import Testing
import Transport

/// Stalled REST requests: limited in number, and by a clock on either side.
@Suite("REST exchanges end")
struct ExchangeTests {
    /// A proxy of somebody who takes connections and says nothing.
    private func fixture(silence: String = "900ms") throws -> ProxyFixture {
        let any = try #require(SocketAddress("127.0.0.1:0"))
        let silent = try #require(try ListeningSocket.bind(any, count: 1).first)
        return try ProxyFixture(
            upstream: silent.address, "rest_silence: \(silence)", policy: "limits: { sessions: 2 }"
        ) { $0.patience.upload = .milliseconds(300) }
    }

    private func ask(_ fixture: ProxyFixture, _ body: String, length: Int) throws -> RawPeer {
        let peer = try RawPeer(to: fixture.server.listening)
        peer.send(
            "POST /v1beta/x HTTP/1.1\r\nHost: a\r\nx-goog-api-key: k\r\n"
                + "Content-Length: \(length)\r\n\r\n\(body)")
        return peer
    }

    private func end(of peer: RawPeer) throws -> String {
        let isOver = Polling.wait(.seconds(60)) { peer.receive() ? true : nil }
        #expect(isOver == true)
        return peer.text
    }

    @Test("a client that stops in the middle of its request gets an error, and releases its place")
    func upload() throws {
        let fixture = try fixture()
        for _ in 0..<3 {
            let both = [try ask(fixture, "abc", length: 10), try ask(fixture, "", length: 1)]
            for peer in both { #expect(try end(of: peer).hasPrefix("HTTP/1.1 408 ")) }
        }
    }

    @Test("a silent upstream is abandoned, and releases its place")
    func answer() throws {
        let fixture = try fixture()
        for _ in 0..<2 {
            let both = [try ask(fixture, "abc", length: 3), try ask(fixture, "", length: 0)]
            for peer in both { #expect(try end(of: peer).hasPrefix("HTTP/1.1 504 ")) }
        }
    }

    @Test("at most as many at a time as the tenant may have sessions")
    func bound() throws {
        // The two wait for longer than a busy machine lets the third wait for its turn.
        let fixture = try fixture(silence: "5s")
        let waiting = [try ask(fixture, "abc", length: 3), try ask(fixture, "", length: 0)]
        let refused = try end(of: try ask(fixture, "", length: 0))
        #expect(refused.hasPrefix("HTTP/1.1 429 ") && refused.contains("limits.sessions"))
        for peer in waiting { #expect(try end(of: peer).hasPrefix("HTTP/1.1 504 ")) }
        #expect(try end(of: try ask(fixture, "", length: 0)).hasPrefix("HTTP/1.1 504 "))
    }
}
