import Basics
import Policies
import Wire

/// One peer's keepalive: pings at an interval; the peer is dead only after a long time without any
/// sign of life and with a ping unanswered. A late pong alone proves nothing: gemini's were
/// measured 8 to 30 seconds late on healthy calls (failure catalogue 3.1).
struct Keepalive {
    private var interval = Interval.zero
    private var patience = Interval.zero
    private var nextPing = Instant.distantFuture
    /// There is a peer to ask.
    private var isOn = false
    /// When the oldest ping was sent after which nothing has been received.
    private var unansweredSince: Instant?

    mutating func begin(ping: Interval, dead: Interval, at now: Instant) {
        setClocks(ping: ping, dead: dead)
        isOn = true
        unansweredSince = nil
        nextPing = interval > .zero ? now + interval : .distantFuture
    }

    mutating func stop() { self = Keepalive() }

    /// A short `dead` needs more frequent pings, whatever the interval, because a ping must be
    /// unanswered. New clocks count from the last ping; if there were none, one is due at once.
    mutating func setClocks(ping: Interval, dead: Interval) {
        let last = interval > .zero ? nextPing - interval : nil
        interval = min(ping, dead / 2)
        patience = dead
        guard isOn, interval > .zero else { return nextPing = .distantFuture }
        nextPing = last.map { $0 + interval } ?? Instant(nanoseconds: 0)
    }

    /// Something was received from the peer.
    mutating func heard() { unansweredSince = nil }

    var deadline: Instant {
        guard let unansweredSince else { return nextPing }
        return min(nextPing, unansweredSince + patience)
    }

    enum Verdict { case alive, ping, dead }

    mutating func wake(at now: Instant) -> Verdict {
        if let since = unansweredSince, now >= since + patience { return .dead }
        guard now >= nextPing else { return .alive }
        nextPing = now + interval
        if unansweredSince == nil { unansweredSince = now }
        return .ping
    }
}

extension Session {
    /// How often a peer is pinged; never if the rule `keepalive` is off.
    func pingInterval(_ own: Interval) -> Interval {
        policy.turns.rules[.keepalive] == .off ? .zero : own
    }

    /// Whether a peer without a sign of life counts as dead; if the rule only observes, this is
    /// reported.
    mutating func takesForDead(_ peer: Peer, into out: inout Actions) -> Bool {
        let mode = policy.turns.rules[.keepalive]
        if mode == .enforce { return true }
        if mode == .observe { out.note(.ruleApplied(.keepalive, mode, detail: .none)) }
        if peer == .gemini { geminiKeepalive.heard() } else { clientKeepalive.heard() }
        return false
    }
}
