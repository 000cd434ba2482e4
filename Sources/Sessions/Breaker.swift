public import Basics
public import Policies

/// Whether new sessions should avoid one model at one upstream: too many failed first turns open
/// it, one session that tries the model closes it. It has no clock and knows no other model; the
/// owner, which shares it between sessions, reports their results, with times.
public struct Breaker: Equatable, Sendable {
    public enum Change: String, Sendable { case opened, healed }

    /// An attempt to answer the first turn of a session, or several that failed.
    private struct Attempt: Equatable {
        var session: String
        /// 0 if it was answered.
        var failures: Int
    }

    private struct Skipping: Equatable {
        var nextProbe: Instant
        /// The session that tries the model, until its result is known.
        var probe: String?
    }

    private var attempts: [Attempt] = []
    private var skipping: Skipping?

    /// The largest `models.breaker.window`; tenants of one upstream may have different ones.
    private static let memory = 1000

    public init() {}

    /// New sessions avoid the model.
    public var isOpen: Bool { skipping != nil }

    /// The number of the latest first turns that are remembered, and of those that failed.
    public func recent(_ window: Int) -> (tries: Int, failures: Int) {
        let latest = attempts.suffix(window)
        return latest.reduce((0, 0)) { ($0.0 + max(1, $1.failures), $0.1 + $1.failures) }
    }

    /// Whether a new session may use the model. While it is avoided, one per interval may: the
    /// probe, and only the latest probe can close the breaker.
    public mutating func admits(
        _ session: String, _ terms: Policy.Breaker, at now: Instant
    ) -> Bool {
        guard let skipping else { return true }
        guard now >= skipping.nextProbe else { return false }
        self.skipping = Skipping(nextProbe: now + terms.probe, probe: session)
        return true
    }

    /// A first turn ended without output. A probe that needs a second attempt proves nothing.
    public mutating func failed(
        _ session: String, _ terms: Policy.Breaker, at now: Instant
    ) -> Change? {
        recordFailure(session, terms)
        guard skipping == nil else {
            if skipping?.probe == session { skipping?.probe = nil }
            return nil
        }
        let failed = attempts.suffix(terms.window).filter { $0.failures > 0 }
        // One broken client cannot open the breaker by itself.
        guard recent(terms.window).failures >= terms.failures,
            Set(failed.map(\.session)).count >= terms.sessions
        else { return nil }
        return open(terms, at: now)
    }

    /// The model no longer exists: one session suffices.
    public mutating func retired(
        _ session: String, _ terms: Policy.Breaker, at now: Instant
    ) -> Change? {
        let change = failed(session, terms, at: now)
        return skipping == nil ? open(terms, at: now) : change
    }

    /// A first turn was answered.
    public mutating func answered(_ session: String) -> Change? {
        record(Attempt(session: session, failures: 0))
        guard let skipping, skipping.probe == session else { return nil }
        self = Breaker()
        return .healed
    }

    /// Another process has learned that the model fails, or that it answers again.
    public mutating func heard(isFailing: Bool, _ terms: Policy.Breaker, at now: Instant) {
        if !isFailing {
            self = Breaker()
        } else if !isOpen {
            _ = open(terms, at: now)
        }
    }

    private mutating func open(_ terms: Policy.Breaker, at now: Instant) -> Change {
        skipping = Skipping(nextProbe: now + terms.probe)
        return .opened
    }

    /// A session that tries again and again does not push others out of the window: it has a share
    /// of the failures that open the breaker, and further failures are counted with its last one.
    private mutating func recordFailure(_ session: String, _ terms: Policy.Breaker) {
        let share = (terms.failures + terms.sessions - 1) / terms.sessions
        let own = attempts.indices.filter {
            attempts[$0].session == session && attempts[$0].failures > 0
        }
        guard own.count >= share, let last = own.last else {
            return record(Attempt(session: session, failures: 1))
        }
        attempts[last].failures += 1
    }

    private mutating func record(_ attempt: Attempt) {
        if attempts.count >= Self.memory { attempts.removeFirst() }
        attempts.append(attempt)
    }
}
