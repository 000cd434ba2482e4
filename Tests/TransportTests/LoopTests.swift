import Basics
import CLinux
import Foundation
import Testing

@testable import Transport

@Suite("The loop")
struct LoopTests {
    private final class Owner: TimerOwner {
        var fired: [ObjectIdentifier] = []
        func timerFired(_ timer: Transport.Timer) { fired.append(ObjectIdentifier(timer)) }
    }

    @Test("timers fire once, however often they are moved")
    func timers() throws {
        let rig = try Rig()
        let owner = Owner()
        let timers = (0..<50).map { _ in Transport.Timer(rig.loop, owner: owner) }
        var random = SeededRandom(seed: 7)
        for timer in timers {
            for _ in 0..<5 {
                timer.arm(at: rig.loop.now + .milliseconds(Int64(random.next() % 60)))
            }
        }
        timers[3].disarm()
        let armed = Set(timers.filter(\.isArmed).map(ObjectIdentifier.init))
        rig.run("fired") { timers.allSatisfy { !$0.isArmed } }
        rig.run(for: .milliseconds(100))
        #expect(owner.fired.count == 49)
        #expect(Set(owner.fired) == armed)
    }

    @Test("a deallocated timer removes its entry")
    func timerGone() throws {
        let rig = try Rig()
        let owner = Owner()
        do {
            let timers = (0..<100).map { _ in Transport.Timer(rig.loop, owner: owner) }
            for (index, timer) in timers.enumerated() {
                timer.arm(at: rig.loop.now + .milliseconds(Int64(index * 37 % 100)))
            }
            #expect(rig.loop.timers.entries.count == 100)
        }
        #expect(rig.loop.timers.entries.isEmpty)
    }

    @Test("an armed timer may be the last that refers to its loop")
    func timerLast() throws {
        let owner = Owner()
        var timer: Transport.Timer?
        weak var loop: EventLoop?
        do {
            let made = try EventLoop(mailbox: Mailbox())
            loop = made
            timer = Transport.Timer(made, owner: owner)
            timer?.arm(at: made.now + .seconds(1))
        }
        #expect(timer?.isArmed == true)
        timer = nil
        #expect(loop == nil)
    }

    @Test("mail from other threads arrives in order, and stops the loop")
    func mail() throws {
        let mailbox = try Mailbox()
        let loop = try EventLoop(mailbox: mailbox)
        final class Seen { var values: [Int] = [] }
        let seen = Seen()
        loop.owner = seen
        Foundation.Thread.detachNewThread {
            for value in 0..<1000 { mailbox.post { ($0.owner as? Seen)?.values.append(value) } }
            mailbox.post { $0.stop() }
        }
        loop.run()
        #expect(seen.values == Array(0..<1000))
    }

    @Test("after a standstill, what it posts is done before a socket is read")
    func standstill() throws {
        let rig = try Rig()
        let (client, server) = (Probe(), Probe())
        let (from, to) = rig.pair(client, server)
        var order: [String] = []
        server.onMessage = { _, _ in order.append("read") }
        let mailbox = rig.loop.mailbox
        final class Order { var note: (() -> Void)? }
        let noting = Order()
        noting.note = { order.append("mail") }
        rig.loop.owner = noting
        rig.loop.standstill = Standstill(every: .milliseconds(100)) { _ in
            order.append("standstill")
            mailbox.post { ($0.owner as? Order)?.note?() }
        }
        from.send(Array("words".utf8).span, as: .text)
        rig.loop.runOnce()
        order = []
        Foundation.Thread.sleep(forTimeInterval: 0.3)
        rig.run("read") { order.contains("read") }
        #expect(order.prefix(2) == ["standstill", "mail"] && order.last == "read")
        _ = to
    }

    @Test("after a standstill, every socket is read before a clock fires, however many there are")
    func readBeforeClocks() throws {
        let rig = try Rig()
        final class Owner: TimerOwner {
            var isHeard = false
            var firedUnheard = 0
            func timerFired(_ timer: Transport.Timer) { if !isHeard { firedUnheard += 1 } }
        }
        // Three wake-ups report them.
        let servers = (0..<600).map { _ in (probe: Probe(), owner: Owner()) }
        var timers: [Transport.Timer] = []
        var clients: [Connection] = []
        for server in servers {
            clients.append(rig.pair(Probe(), server.probe).client)
            server.probe.onMessage = { _, _ in
                server.owner.isHeard = true
                Foundation.Thread.sleep(forTimeInterval: 0.002)
            }
        }
        for client in clients { client.send(Array("words".utf8).span, as: .text) }
        for server in servers {
            let timer = Transport.Timer(rig.loop, owner: server.owner)
            timer.arm(at: rig.loop.now + .milliseconds(50))
            timers.append(timer)
        }
        rig.loop.flushStaged()
        Foundation.Thread.sleep(forTimeInterval: 1)
        rig.run("read") { servers.allSatisfy { $0.owner.isHeard } }
        #expect(servers.count { $0.owner.firedUnheard > 0 } == 0)
        rig.run("fired") { timers.allSatisfy { !$0.isArmed } }
    }

    @Test("two workers' listeners share one port, on IPv4 and IPv6")
    func sharedPort() throws {
        for host in ["127.0.0.1", "::1"] {
            let sockets = try ListeningSocket.bind(SocketAddress(host: host, port: 0)!, count: 2)
            #expect(sockets[0].address == sockets[1].address)
            #expect(sockets[0].address.port != 0)
            for socket in sockets { tk_close(socket.fd, 0) }
        }
    }

    @Test("an address in use is an error with a description")
    func inUse() throws {
        #expect(throws: SystemError.self) {
            _ = try ListeningSocket.bind(SocketAddress(host: "192.0.2.1", port: 1)!, count: 1)
        }
    }

    @Test("addresses are read and written as people do")
    func addresses() {
        #expect(SocketAddress("127.0.0.1:8080")?.description == "127.0.0.1:8080")
        #expect(SocketAddress("[::1]:80")?.description == "[::1]:80")
        #expect(SocketAddress("localhost:1")?.isLoopback == true)
        #expect(SocketAddress("[::1]:1")?.isLoopback == true)
        #expect(SocketAddress("0.0.0.0:1")?.isLoopback == false)
        for text in ["", "1", "::1:80", "127.0.0.1", "127.0.0.1:65536", "name:1", "127.0.0.1:-1"] {
            #expect(SocketAddress(text) == nil)
        }
    }

    @Test("a listener without descriptors pauses, and continues when there are some")
    func pausedListener() throws {
        // The pause itself: what leads to it cannot be made without starving the other tests.
        let rig = try Rig()
        rig.listener.pauseAccepting()
        let peer = try RawPeer(port: rig.port)
        peer.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        rig.run("answered") {
            peer.receive()
            return peer.isEnded
        }
        #expect(peer.text.hasPrefix("HTTP/1.1 426"))
    }

    @Test("short of memory, silent connections are closed, except the newest")
    func abandoned() throws {
        let rig = try Rig()
        let silent = try (0..<300).map { _ in try RawPeer(port: rig.port) }
        let asking = try RawPeer(port: rig.port)
        rig.run("accepted") { rig.loop.connectionCount == 301 }
        rig.loop.abandonDispensable()
        asking.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        rig.run("answered, and the others ended") {
            for peer in silent + [asking] { peer.receive() }
            return asking.isEnded && silent.count(where: \.isEnded) >= 45
        }
        #expect(asking.text.hasPrefix("HTTP/1.1 426"))
        #expect(silent.map(\.isEnded) == (0..<300).map { $0 < 45 })
    }

    @Test("a byte queue returns what was appended")
    func byteQueue() {
        var queue = ByteQueue()
        var random = SeededRandom(seed: 3)
        var (next, expected) = (UInt8(0), UInt8(0))
        var count = 0
        for _ in 0..<2000 {
            if random.chance(0.55) {
                let bytes = (0..<Int(random.next() % 500)).map { _ in
                    next &+= 1
                    return next
                }
                bytes.withUnsafeBytes { queue.append($0) }
                count += bytes.count
            } else {
                let taken = min(count, Int(random.next() % 700))
                for index in 0..<taken {
                    expected &+= 1
                    if queue.bytes[index] != expected {
                        Issue.record("lost")
                        return
                    }
                }
                queue.consume(taken)
                count -= taken
            }
            #expect(queue.count == count)
        }
    }
}

@Suite("The development CA")
struct DevelopmentCATests {
    private func directory() -> String {
        NSTemporaryDirectory() + "turnkeeper-ca-\(UUID().uuidString)"
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? Int) ?? 0
    }

    @Test("is made once, with keys only their owner can read")
    func made() throws {
        let path = directory()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let first = try DevelopmentCA.prepare(in: path)
        #expect(first.authorityFile == "\(path)/ca.pem")
        #expect(try mode("\(path)/server-key.pem") == 0o600)
        #expect(try mode("\(path)/ca-key.pem") == 0o600)
        #expect(try mode("\(path)/ca.pem") == 0o600)
        let contents = ["ca.pem", "ca-key.pem", "server.pem", "server-key.pem"].map {
            FileManager.default.contents(atPath: "\(path)/\($0)")
        }
        #expect(contents.allSatisfy { $0?.isEmpty == false })
        _ = try DevelopmentCA.prepare(in: path)
        let again = ["ca.pem", "ca-key.pem", "server.pem", "server-key.pem"].map {
            FileManager.default.contents(atPath: "\(path)/\($0)")
        }
        #expect(contents == again)
        // Nothing half-written stays behind.
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: path).sorted()
                == ["ca-key.pem", "ca.pem", "server-key.pem", "server.pem", "tls.lock"])
    }

    @Test("remakes a server certificate that cannot be read, and keeps the authority")
    func remade() throws {
        let path = directory()
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try DevelopmentCA.prepare(in: path)
        let authority = FileManager.default.contents(atPath: "\(path)/ca.pem")
        try Data("nonsense".utf8).write(to: URL(fileURLWithPath: "\(path)/server.pem"))
        _ = try DevelopmentCA.prepare(in: path)
        #expect(FileManager.default.contents(atPath: "\(path)/ca.pem") == authority)
        #expect(FileManager.default.contents(atPath: "\(path)/server.pem")?.count ?? 0 > 100)
        try FileManager.default.removeItem(atPath: "\(path)/ca.pem")
        _ = try DevelopmentCA.prepare(in: path)
        #expect(FileManager.default.contents(atPath: "\(path)/ca.pem") != authority)
    }

    @Test("several simultaneous starts agree")
    func race() async throws {
        let path = directory()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try DevelopmentCA.prepare(in: path) } }
            try await group.waitForAll()
        }
        _ = try ClientTLS(authorities: "\(path)/ca.pem")
    }

    @Test("a missing certificate file is an error that names it")
    func missing() throws {
        do {
            _ = try ServerTLS(certificate: "/nonexistent/a.pem", key: "/nonexistent/b.pem")
            Issue.record("no error")
        } catch {
            #expect(error.description.hasPrefix("reading /nonexistent/a.pem"))
            #expect(error.description.contains("No such file"))
        }
    }
}
