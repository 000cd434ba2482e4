import Basics
import Testing

@testable import Sessions

/// Failure catalogue 3.1: a peer is dead only after `dead` without any frame, and with a ping
/// unanswered all that time. Late pongs of healthy services have been measured at 8 to 30 s.
@Suite struct KeepaliveTests {
    private static let ping = Interval.seconds(20)
    private static let dead = Interval.seconds(60)

    private func begun(_ ping: Interval = ping, _ dead: Interval = dead) -> Keepalive {
        var keepalive = Keepalive()
        keepalive.begin(ping: ping, dead: dead, at: .at(0))
        return keepalive
    }

    /// Wakes it whenever it asks to be, up to this moment.
    private func wake(_ keepalive: inout Keepalive, until end: Int64) -> (
        pings: [Int64], dead: Int64?
    ) {
        var pings: [Int64] = []
        for _ in 0..<1000 where keepalive.deadline <= .at(end) {
            let now = keepalive.deadline
            let moment = (now - .at(0)).milliseconds
            switch keepalive.wake(at: now) {
            case .alive: Issue.record("woken at \(moment) for nothing")
            case .ping: pings.append(moment)
            case .dead: return (pings, moment)
            }
        }
        return (pings, nil)
    }

    @Test(
        "a silent peer is pinged at every interval, and dead once a ping has been unanswered so long"
    )
    func silent() {
        var keepalive = begun()
        let (pings, dead) = wake(&keepalive, until: 600_000)
        #expect(pings == [20_000, 40_000, 60_000])
        #expect(dead == 80_000)
    }

    @Test("one that is heard from time to time is alive, however late its pongs")
    func late() {
        var keepalive = begun()
        for second in stride(from: Int64(49), through: 2000, by: 49) {
            #expect(wake(&keepalive, until: second * 1000).dead == nil)
            keepalive.heard()
        }
    }

    @Test(arguments: Array(1...100) as [UInt64])
    func `death means silence for as long as the policy says, and a ping in it`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let ping = Interval.seconds(Int64.random(in: 1...90, using: &random))
        let dead = Interval.seconds(Int64.random(in: 2...90, using: &random))
        var keepalive = begun(ping, dead)
        var (now, heard, pinged) = (Instant.at(0), Instant.at(0), Instant?.none)
        for _ in 0..<500 {
            let next = now + .milliseconds(Int64.random(in: 1...120_000, using: &random))
            if keepalive.deadline <= next {
                now = max(now, keepalive.deadline)
                switch keepalive.wake(at: now) {
                case .alive: Issue.record("woken for nothing")
                case .ping: if pinged.map({ $0 < heard }) ?? true { pinged = now }
                case .dead:
                    #expect(now - heard >= dead)
                    #expect(pinged.map { $0 >= heard && now - $0 >= dead } ?? false)
                    return
                }
                // Liveness: silence does not last longer than both together.
                #expect(now - heard <= ping + dead)
            } else {
                now = next
                keepalive.heard()
                heard = now
                pinged = nil
            }
        }
    }

    @Test("a short patience needs pings that are shorter still")
    func shortPatience() {
        var keepalive = begun(.seconds(20), .seconds(10))
        let (pings, dead) = wake(&keepalive, until: 60_000)
        #expect(pings.first == 5000 && dead == 15_000)
    }

    @Test("without pings nobody is dead, and after `stop` nobody is asked")
    func off() {
        var keepalive = begun(.zero)
        #expect(keepalive.deadline == .distantFuture)
        keepalive = begun()
        #expect(wake(&keepalive, until: 30_000).pings.count == 1)
        keepalive.stop()
        #expect(keepalive.deadline == .distantFuture)
    }

    @Test("a live session gets new clocks at once: pings that begin, come sooner, or end")
    func reload() {
        var keepalive = begun(.zero)
        keepalive.setClocks(ping: Self.ping, dead: Self.dead)
        #expect(keepalive.deadline <= .at(5000) && keepalive.wake(at: .at(5000)) == .ping)
        #expect(keepalive.deadline == .at(25_000))
        keepalive.setClocks(ping: .seconds(2), dead: Self.dead)
        #expect(keepalive.deadline == .at(7000))
        keepalive.setClocks(ping: Self.ping, dead: Self.dead)
        #expect(keepalive.deadline == .at(25_000))
        keepalive.setClocks(ping: .zero, dead: Self.dead)
        keepalive.heard()
        #expect(keepalive.deadline == .distantFuture)
        // One that is not on, as for a client that is away, stays off.
        keepalive.stop()
        keepalive.setClocks(ping: Self.ping, dead: Self.dead)
        #expect(keepalive.deadline == .distantFuture)
    }
}
