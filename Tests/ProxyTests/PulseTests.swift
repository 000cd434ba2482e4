import Synchronization
import Testing
import Transport

@testable import Proxy

@Suite struct PulseTests {
    @Test("a worker that does not process its mailbox stops the pulse")
    func hanging() throws {
        let beats = Beats()
        let pulse = Pulse(of: [try Mailbox()]) { beats.count.add(1, ordering: .relaxed) }
        for _ in 0..<5 { pulse.beat() }
        #expect(beats.count.load(ordering: .relaxed) == 1)
    }

    @Test("it continues if all do")
    func well() throws {
        let beats = Beats()
        let mailbox = try Mailbox()
        let ended = Latch()
        try startThread("pulsing") {
            if let loop = try? EventLoop(mailbox: mailbox) { loop.run() }
            ended.arrive()
        }
        let pulse = Pulse(of: [mailbox]) { beats.count.add(1, ordering: .relaxed) }
        for _ in 0..<2000 where beats.count.load(ordering: .relaxed) < 5 {
            pulse.beat()
            _ = ended.wait(within: .milliseconds(5))
        }
        #expect(beats.count.load(ordering: .relaxed) == 5)
        mailbox.post { $0.stop() }
        ended.wait()
    }

    private final class Beats: Sendable {
        let count = Atomic(0)
    }
}
