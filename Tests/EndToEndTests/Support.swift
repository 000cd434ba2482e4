import Basics
import CLinux
import Fixtures
import Proxy
import SimulatedGemini
import SimulatorServer
import Testing
import Transport
import Wire

extension Scenario {
    /// Strict, without waiting for playback.
    static var brisk: Scenario {
        var scenario = Scenario(name: "brisk")
        scenario.playback = 0
        scenario.latency = 0.02
        return scenario
    }
}

/// PCM that says which turn it belongs to by its samples: 1000 + `turn`.
func tone(_ turn: Int, milliseconds: Int = 100) -> [UInt8] {
    let sample = UInt16(1000 + turn)
    let pair = [UInt8(truncatingIfNeeded: sample), UInt8(truncatingIfNeeded: sample >> 8)]
    return [[UInt8]](repeating: pair, count: 16 * milliseconds).flatMap { $0 }
}

/// What the service makes of PCM when nothing is lost, added or moved.
func hash(_ frames: [[UInt8]]) -> UInt64 {
    var sound = Sound()
    for frame in frames { sound.append(frame) }
    return sound.hash
}

extension LiveClient {
    /// One turn in manual detection, waited for to its end.
    func turn(_ number: Int, frames: Int = 5) -> Bool {
        let start = messageCount
        startActivity()
        for _ in 0..<frames { send(audio: tone(number)) }
        endActivity()
        return wait(.seconds(30), from: start) { $0.content.contains(.turnComplete) }
    }
}

extension ProxyFixture {
    /// Asks until the record says so: the service hears a little later than the client speaks.
    func waitForRecord(
        _ limit: Interval = .seconds(30), until isSo: (SimulatorRecord) -> Bool
    ) throws -> SimulatorRecord {
        let found = Polling.wait(limit) { () -> SimulatorRecord? in
            guard let record = simulator?.record(), isSo(record) else { return nil }
            return record
        }
        return try found ?? record()
    }

    /// The text of an admin page and its status; libwebsockets answers on a separate thread.
    func admin(_ path: String, bearer: String? = nil) throws -> String {
        let address = try #require(server.administering)
        let peer = try RawPeer(to: address)
        let credential = bearer.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        peer.send("GET \(path) HTTP/1.0\r\nHost: localhost\r\n\(credential)\r\n")
        _ = Polling.wait(.seconds(60)) { peer.receive() ? true : nil }
        return peer.text
    }
}

/// A peer of raw bytes, for what no client library would send.
final class RawPeer {
    private let fd: Int32
    private(set) var received: [UInt8] = []

    init(to address: SocketAddress) throws {
        // Closed in programs that other tests start, which would keep the connection open.
        fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = address.port.bigEndian
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0)
    }

    deinit { close(fd) }

    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        _ = tk_send(fd, bytes, bytes.count)
    }

    /// Reads what is there. True at the end.
    func receive() -> Bool {
        var room = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            // MSG_DONTWAIT, which is imported under two types.
            let count = tk_receive(fd, &room, room.count, 0x40)
            if count == 0 { return true }
            if count < 0 { return count != -Int(EAGAIN) }
            received += room.prefix(count)
        }
    }

    var text: String { String(decoding: received, as: UTF8.self) }
}
