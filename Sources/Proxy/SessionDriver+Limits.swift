import Basics
import Policies
import Sessions
import Transport

// What a session holds in memory, and how long its end user may talk.
extension SessionDriver {
    /// One of its connections holds this many more bytes than before, or fewer.
    func holds(_ connection: Connection, more bytes: Int) {
        observer.countHeld(byConnections: bytes)
    }

    /// The memory that is used, as far as a peer can influence it.
    var heldBytes: Int {
        [client, gemini].reduce(session.heldBytes) { $0 + ($1?.heldBytes ?? 0) }
    }

    /// While memory is short, neither side of a session that holds more than its share is read.
    func starve(_ isStarved: Bool) {
        for connection in [client, gemini] { connection?.isStarved = isStarved }
    }

    /// Counts the end user's time, and ends the session when none is left.
    fileprivate func countTime() -> Interval {
        if let limit = observer.passTime(tenantPolicy, at: worker.loop.now) {
            handle(.limitReached(limit))
        }
        return observer.timeLeft(policy)
    }
}

/// Counts an end user's time during a session: minutes are used up between messages too.
final class QuotaClock: TimerOwner {
    /// The delay with which an end user's sessions learn of each other's minutes.
    private static let pause = Interval.seconds(10)
    /// The time after which the end user's use on other nodes is known.
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
        // The session may end now, and nothing else keeps the driver alive.
        let driver = self.driver
        let left = driver.countTime()
        let now = driver.worker.loop.now
        let pause = isFirst ? Self.first : Self.pause
        isFirst = false
        timer.arm(at: now + min(pause, left > .zero ? left : pause))
    }
}
