public import Basics
public import Policies

/// Whether new sessions should be spared one model at one upstream: open after too many first
/// turns that died, and closed again by one session that tried. It knows of no clock and no other
/// model; whoever shares it between sessions tells it what became of them, and when.
public struct Breaker: Equatable, Sendable {
    public enum Change: String, Sendable { case opened, healed }

    /// One attempt to answer the first turn of a session; a session may need several.
    private struct Attempt: Equatable {
        var session: String
        var hasFailed: Bool
    }

    private struct Skipping: Equatable {
        var nextProbe: Instant
        /// The session that tries the model, until it is known what became of it.
        var probe: String?
    }

    private var attempts: [Attempt] = []
    private var skipping: Skipping?

    /// The largest `models.breaker.window`; tenants of one upstream may have different ones.
    private static let memory = 1000

    public init() {}

    /// New sessions avoid the model.
    public var isOpen: Bool { skipping != nil }

    /// Whether a new session may have the model. While it is skipped one may per interval: the
    /// probe, which is from then on the only one that can close the breaker.
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
        guard skipping == nil else {
            if skipping?.probe == session { skipping?.probe = nil }
            return nil
        }
        record(Attempt(session: session, hasFailed: true))
        let failures = attempts.suffix(terms.window).filter(\.hasFailed)
        // One broken client may fail as often as it likes.
        guard failures.count >= terms.failures,
            Set(failures.map(\.session)).count >= terms.sessions
        else { return nil }
        return open(terms, at: now)
    }

    /// The service has no such model any more: one session's word is enough.
    public mutating func retired(
        _ session: String, _ terms: Policy.Breaker, at now: Instant
    ) -> Change? {
        skipping == nil ? open(terms, at: now) : failed(session, terms, at: now)
    }

    /// A first turn was answered.
    public mutating func answered(_ session: String) -> Change? {
        guard let skipping else {
            record(Attempt(session: session, hasFailed: false))
            return nil
        }
        guard skipping.probe == session else { return nil }
        self = Breaker()
        return .healed
    }

    private mutating func open(_ terms: Policy.Breaker, at now: Instant) -> Change {
        attempts = []
        skipping = Skipping(nextProbe: now + terms.probe)
        return .opened
    }

    private mutating func record(_ attempt: Attempt) {
        if attempts.count >= Self.memory { attempts.removeFirst() }
        attempts.append(attempt)
    }
}
