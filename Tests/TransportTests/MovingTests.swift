import Basics
import CLinux
import Testing
import WebSocket

@testable import Transport

@Suite("Moving to another loop")
struct MovingTests {
    @Test("an open connection continues on its new loop; data that came meanwhile is not lost")
    func moves() throws {
        let old = try Rig()
        let new = try Rig()
        let server = Probe()
        let probe = Probe()
        let (client, served) = old.pair(probe, server)
        client.send([1].span, as: .binary)
        old.run("heard") { server.messageCount == 1 }
        served.send([2].span, as: .binary)

        let departed = try #require(served.leave())
        #expect(old.loop.connectionCount == 1, "only the client's own end is left")
        client.send([3].span, as: .binary)
        old.run("sent, as it was before the departure") { probe.messageCount == 1 }
        old.run(for: .milliseconds(50))
        #expect(server.messageCount == 1, "nobody reads it now")
        #expect(probe.messageCount == 1)

        let arrived = try #require(departed.arrive(on: new.loop))
        #expect(arrived === served)
        #expect(departed.arrive(on: old.loop) == nil, "once only")
        arrived.delegate = new.echo()
        old.run("echoed") {
            new.loop.runOnce(longest: .milliseconds(1))
            return probe.messageCount == 2
        }
        #expect(probe.last == .message(.binary, [3], framed: true))
        client.close(1000)
        old.run("closed") {
            new.loop.runOnce(longest: .milliseconds(1))
            return probe.isOver && old.loop.connectionCount == 0
        }
        #expect(probe.last == .closed(1000, ""))
        new.run("gone") { new.loop.connectionCount == 0 }
        #expect(old.loop.connectionCount == 0)
    }

    @Test("a connection that no loop takes is closed")
    func lost() throws {
        let rig = try Rig()
        let probe = Probe()
        let (_, served) = rig.pair(probe, Probe())
        var departed = served.leave()
        #expect(departed != nil)
        departed = nil
        rig.run("told") { probe.isOver }
        #expect(probe.last == .closed(1006, ""))
    }

    @Test("only a connection that is simply open can leave")
    func refused() throws {
        let rig = try Rig()
        let probe = Probe()
        let (client, served) = rig.pair(probe, Probe())
        #expect(client.leave() == nil)
        served.close(1000)
        #expect(served.leave() == nil)
        rig.run("closed") { probe.isOver }
    }
}
