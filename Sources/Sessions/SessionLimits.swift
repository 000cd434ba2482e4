import Basics
import Policies
import Wire

/// The bounds of one session that need a clock: how long it lasts and how fast its client may
/// send. And the bound outside of it that has been reached, if one has: money is counted elsewhere.
struct SessionLimits {
    /// A client that is faster waits until it has half a second's worth of messages to its credit
    /// again, so that it is not stopped for each of them.
    private static let burst = Interval.seconds(1)
    private static let creditToGoOn = Interval.milliseconds(500)
    /// A client that always sends too fast is told of so often.
    private static let noticeInterval = Interval.seconds(10)

    private var began: Instant?
    private var longest = Interval.zero
    /// What one message uses of a second.
    private var price = Interval.zero
    /// When everything taken so far would have come at the rate allowed: the bucket, as a moment.
    private var settled = Instant(nanoseconds: 0)
    /// Until then the client is not read.
    private(set) var pausedUntil: Instant?
    private var nextNotice = Instant(nanoseconds: 0)
    /// The budget that is used up, and the turn that was under way when it was.
    private(set) var exhausted: (limit: Limit, turn: Int)?

    mutating func begin(_ limits: Policy.Limits, at now: Instant) {
        adopt(limits)
        began = now
    }

    mutating func adopt(_ limits: Policy.Limits) {
        longest = limits.session
        price = Interval(nanoseconds: 1_000_000_000 / Int64(max(1, limits.messagesPerSecond)))
    }

    /// When the session has lasted as long as it may, or its client is read again.
    var deadline: Instant { min(end, pausedUntil ?? .distantFuture) }

    var isOver: Bool { exhausted != nil }

    private var end: Instant { began.map { $0 + longest } ?? .distantFuture }

    func hasEnded(at now: Instant) -> Bool { now >= end }

    /// The client sent a message.
    @inline(__always)
    mutating func took(at now: Instant, into out: inout Actions) {
        settled = max(settled, now) + price
        if settled - now > Self.burst { pause(at: now, into: &out) }
    }

    private mutating func pause(at now: Instant, into out: inout Actions) {
        // What had been read by then still comes, and moves the moment.
        let wasPaused = pausedUntil != nil
        pausedUntil = settled - Self.creditToGoOn
        guard !wasPaused else { return }
        out.append(.pause(.client))
        if now >= nextNotice {
            nextNotice = now + Self.noticeInterval
            out.note(.limitReached(.messagesPerSecond))
        }
    }

    mutating func resume(at now: Instant, into out: inout Actions) {
        guard let pausedUntil, now >= pausedUntil else { return }
        self.pausedUntil = nil
        out.append(.resume(.client))
    }

    /// The first budget that is reached is the one that is told.
    mutating func exhaust(_ limit: Limit, turn: Int) {
        if exhausted == nil { exhausted = (limit, turn) }
    }
}
