import Basics
import CLinux
import Foundation
import Testing
import WebSocket

@testable import Transport

@Suite("A host that acknowledges nothing")
struct VigilTests {
    /// The kernel drops, from here on, whatever arrives at this socket, acknowledgements of ours
    /// included: to its peer the host has vanished.
    private func deafen(_ connection: Connection) {
        // `ret #0` of classic BPF (linux/filter.h), and the program of this one instruction.
        struct Program {
            var length: UInt16 = 1
            var instructions: UnsafePointer<UInt64>
        }
        let dropEverything: UInt64 = 0x06
        let attach: Int32 = 26
        withUnsafePointer(to: dropEverything) { instruction in
            var program = Program(instructions: instruction)
            let size = socklen_t(MemoryLayout<Program>.size)
            let failure = setsockopt(
                connection.registration.fd, SOL_SOCKET, attach, &program, size)
            #expect(failure == 0)
        }
    }

    private func pair(
        _ rig: Rig, _ client: Probe, mustAcknowledge: Bool = true
    ) -> (client: Connection, server: Connection) {
        rig.loop.patience.acknowledgement = .milliseconds(600)
        return rig.pair(client, rig.echo(), mustAcknowledge: mustAcknowledge)
    }

    private func speak(_ connection: Connection, bytes: Int = 100) {
        connection.send([UInt8](repeating: 0x61, count: bytes).span, as: .text)
    }

    @Test("is gone, and the close says so")
    func gone() throws {
        let rig = try Rig()
        let client = Probe()
        let both = pair(rig, client)
        speak(both.client)
        rig.run("echoed") { client.messageCount == 1 }
        // The echo is acknowledged a little later; the server would send it again, and be heard.
        rig.run(for: .milliseconds(300))
        deafen(both.server)
        rig.run(for: .milliseconds(800))
        #expect(both.client.isOpen)
        speak(both.client)
        rig.run(for: .milliseconds(300))
        #expect(both.client.isOpen)
        rig.run("gone", within: .seconds(10)) { client.isOver }
        #expect(
            client.last == .closed(1006, "the peer's host has acknowledged nothing for 600 ms"))
    }

    @Test("is waited for where nothing can replace it")
    func kept() throws {
        let rig = try Rig()
        let client = Probe()
        let both = pair(rig, client, mustAcknowledge: false)
        deafen(both.server)
        speak(both.client)
        rig.run(for: .milliseconds(1500))
        #expect(both.client.isOpen)
    }

    @Test("is not one whose program reads nothing")
    func closedWindow() throws {
        let rig = try Rig()
        let client = Probe()
        let both = pair(rig, client)
        both.server.pause()
        for _ in 0..<64 {
            speak(both.client, bytes: 256 << 10)
            rig.run(for: .milliseconds(30))
        }
        #expect(both.client.isOpen)
        #expect(both.client.backlogCount > 0)
        both.server.resume()
        rig.run("echoed") { client.messageCount == 64 }
    }
}
