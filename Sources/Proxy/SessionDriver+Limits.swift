import Basics
import Policies
import Sessions
import Transport

// What a session holds, and how long its end user may talk.
extension SessionDriver {
    /// Bytes not yet accepted by a peer.
    func holds(_ connection: Connection, more bytes: Int) {
        observer.countHeld(byConnections: bytes)
    }

    /// Memory used for what is held, as far as a peer can influence it.
    var heldBytes: Int {
        [client, gemini].reduce(session.heldBytes) { $0 + ($1?.heldBytes ?? 0) }
    }

    /// While memory is short, neither side is read if the session holds more than its share.
    func starve(_ isStarved: Bool) {
        for connection in [client, gemini] { connection?.isStarved = isStarved }
    }

    /// Counts the end user's time, and ends the session when there is no more.
    fileprivate func countTime() -> Interval {
        if let limit = observer.passTime(tenantPolicy, at: worker.loop.now) {
            handle(.limitReached(limit))
        }
        return observer.timeLeft(policy)
    }
}

/// Counts an end user's time while a session lasts: minutes are used up between messages, too.
final class QuotaClock: TimerOwner {
    /// Sessions of one end user learn this late of each other's minutes.
    private static let pause = Interval.seconds(10)
    /// By then it is known what the end user has used at other nodes.
    private static let first = Interval.seconds(1)
    private unowned let driver: SessionDriver
    private var timer: Timer?
    private var isFirst: Bool

    /// The driver keeps the clock.
    init(_ driver: SessionDriver) {
        self.driver = driver
        isFirst = driver.worker.shared.node != nil
        timer = Timer(driver.worker.loop, owner: self)
        timer?.arm(at: driver.worker.loop.now)
    }

    func timerFired(_ timer: Timer) {
        // It may end now, and nothing else keeps it then.
        let driver = self.driver
        let left = driver.countTime()
        let now = driver.worker.loop.now
        let pause = isFirst ? Self.first : Self.pause
        isFirst = false
        timer.arm(at: now + min(pause, left > .zero ? left : pause))
    }
}
