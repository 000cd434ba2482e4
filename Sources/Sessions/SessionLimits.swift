import Basics
import Policies
import Wire

/// The limits of one session that need a clock: its length and its client's message rate. Also the
/// external limit that has been reached, if any: cost is counted elsewhere.
struct SessionLimits {
    /// A client that is too fast waits until it has half a second's worth of messages as credit, so
    /// that it is not stopped for each of them.
    private static let burst = Interval.seconds(1)
    private static let creditToGoOn = Interval.milliseconds(500)
    /// How often a client that keeps exceeding the rate is reported.
    private static let noticeInterval = Interval.seconds(10)

    private var began: Instant?
    private var longest = Interval.zero
    /// One message's share of a second.
    private var price = Interval.zero
    /// The moment at which everything received so far would have arrived at the permitted rate (a
    /// token bucket).
    private var settled = Instant(nanoseconds: 0)
    /// The client is not read until then.
    private(set) var pausedUntil: Instant?
    private var nextNotice = Instant(nanoseconds: 0)
    /// The exhausted budget, and the turn that was in progress at that time.
    private(set) var exhausted: (limit: Limit, turn: Int)?

    mutating func begin(_ limits: Policy.Limits, at now: Instant) {
        update(limits)
        began = now
    }

    mutating func update(_ limits: Policy.Limits) {
        longest = limits.session
        price = Interval(nanoseconds: 1_000_000_000 / Int64(max(1, limits.messagesPerSecond)))
    }

    /// When the session has reached its maximum length, or its client is read again.
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
        // Data read by then still arrives, and moves that moment.
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

    /// The first budget reached is the one that is reported.
    mutating func exhaust(_ limit: Limit, turn: Int) {
        if exhausted == nil { exhausted = (limit, turn) }
    }
}
