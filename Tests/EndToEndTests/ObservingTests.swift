import Basics
import CLinux
import Fixtures
import SimulatedGemini
import SimulatorServer
import Testing
import Transport

/// `mode: observe`: the proxy is a plain relay.
@Suite("an observed session is relayed")
struct ObservingTests {
    /// A frame as clients send it, masked with zeros.
    private func frame(_ text: String) -> [UInt8] {
        precondition(text.utf8.count < 126)
        return [0x81, 0x80 | UInt8(text.utf8.count), 0, 0, 0, 0] + Array(text.utf8)
    }

    @Test("gemini gets what we cannot read, although it had to wait with the setup before it")
    func unreadable() throws {
        setenv("OBSERVING_KEY", "the-service-key", 1)
        let simulator = try SimulatorServer.start(
            service: SimulatedService(seed: 1, scenario: .brisk, voice: .tones))
        defer { simulator.stop() }
        let address = try #require(SocketAddress("127.0.0.1:\(simulator.port)"))
        let fixture = try ProxyFixture(
            upstream: address, "key: env:OBSERVING_KEY",
            policy: "mode: observe\nmatch: { anyone: true }")
        defer { fixture.stop() }
        // Without a credential: gemini is dialed once the setup is there.
        let peer = try RawPeer(to: fixture.server.listening)
        peer.send(
            "GET \(LiveClient.path) HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        let isOpen = Polling.wait(.seconds(60)) { () -> Bool? in
            _ = peer.receive()
            return peer.text.contains("\r\n\r\n") ? true : nil
        }
        #expect(isOpen == true && peer.text.hasPrefix("HTTP/1.1 101 "), "\(peer.text)")
        peer.send(
            frame(#"{"setup":{"model":"models/gemini-3.1-flash-live-preview"}}"#)
                + frame(#"{"realtimeInput":{},}"#))
        let isHeard = Polling.wait(.seconds(60)) { () -> Bool? in
            let isMalformed = simulator.record()?.violations.contains { $0.kind == .malformed }
            return isMalformed == true ? true : nil
        }
        #expect(isHeard == true)
    }
}
