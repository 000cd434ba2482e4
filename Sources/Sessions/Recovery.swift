import Basics
import Policies
import Wire

/// Recovery from one piece of trouble, within the policy's limits.
///
/// Three limits for three reasons. `attempts` and `window` are the patience for one turn. They are
/// reset when it has *ended* answered, so that a service that speaks, fails and continues is not
/// free, and when another turn is asked. `per_10_minutes` and `per_session` limit the cost of
/// connections that led to no answered turn. When a limit is exhausted the turn ends, and this is
/// reported; the next question starts recovery again, and only a second exhaustion in a row ends
/// the session.
struct Recovery {
    private(set) var trouble: Trouble?
    /// The trouble, while the user waits for proof that it is over.
    private(set) var unproven: Trouble?
    private(set) var since = Instant(nanoseconds: 0)
    /// Since when the current model has been tried: a sibling has the whole time to itself.
    private var began = Instant(nanoseconds: 0)
    /// Gemini's last close.
    var close: Close?
    private(set) var attempts = 0
    private var lastAttempt = Instant(nanoseconds: 0)
    /// Handles issued from this time on bring the trouble back.
    var suspectSince: Instant?
    /// The handle with which the current or next connection was set up.
    var handle: Handles.Kept?
    /// It was set up without a handle.
    var isFresh = false
    /// Handles are not to be used this time.
    private(set) var mustBeFresh = false
    private var isSlow = false
    /// Unplanned set-ups since a turn was answered or recovery was exhausted.
    private var reconnects: [Instant] = []
    /// The same since a turn was answered: limited by `per_session`.
    private var unrewarded = 0
    private var restoredAt: Instant?
    /// How often in a row recovery was exhausted.
    private(set) var exhaustions = 0
    /// Nothing is tried until the user asks for something.
    private(set) var isResting = false
    /// The user has asked for something since the connection was lost.
    private(set) var isCalled = false
    private var random: SeededRandom

    private static let longMemory = Interval.seconds(600)
    /// A connection that lasted this long was good, even if there was no speech.
    private static let probation = Interval.seconds(10)

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func opened(at now: Instant) {
        since = now
        began = now
        lastAttempt = now
    }

    /// The first connection could not be opened; the client's upgrade has not been answered.
    mutating func couldNotOpen() { trouble = .closed(.unavailable) }

    /// Trouble was noticed, but no remedy that costs a connection has begun.
    mutating func noticed(_ trouble: Trouble, at now: Instant) {
        guard self.trouble == nil else { return }
        begin(trouble, close: nil, isAwaited: true, at: now)
    }

    /// Begins recovery, or continues one that has not helped.
    ///
    /// - Parameter isAwaited: A turn waits for its answer, or for the rest of it.
    mutating func begin(_ trouble: Trouble, close: Close?, isAwaited: Bool, at now: Instant) {
        let isFlapping = restoredAt.map { now - $0 <= Self.probation } ?? false
        let isOld = restoredAt != nil && !isFlapping
        let begins = self.trouble == nil || self.trouble == .goAway || isOld
        // From here on remedies concern the newest trouble.
        if begins || trouble != .goAway { self.trouble = trouble }
        if begins {
            since = now
            began = now
            self.close = nil
            if !isFlapping {
                if !isAwaited { attempts = 0 }
                mustBeFresh = false
            }
        }
        restoredAt = nil
        unproven = nil
        isResting = false
        if let close { self.close = close }
        isSlow = trouble == .closed(.quota)
    }

    /// The current connection failed. That counts against its handle, unless it had already
    /// answered.
    mutating func failed(_ handles: inout Handles, _ trouble: Trouble, isRefused: Bool) {
        assert(handle == nil || !isFresh, "a fresh session was begun with a handle")
        guard self.trouble != nil, self.trouble != .goAway else { return }
        if let handle {
            // Apart from the handle, this setup was accepted before.
            let isInvalid =
                isRefused && (trouble == .closed(.invalid) || trouble == .closed(.policy))
            handles.failed(handle.text, isDead: isInvalid || trouble == .closed(.handle))
        } else if isFresh {
            handles.forgive()
        }
    }

    /// The user asks again. A stall without a remedy so far is forgotten; any other trouble now
    /// belongs to this turn, with its own patience.
    mutating func asked(at now: Instant) {
        if case .stalled = trouble, attempts == 0 { trouble = nil }
        attempts = 0
        began = now
    }

    mutating func startAfresh() { mustBeFresh = true }

    /// Recovery starts over, with another model.
    mutating func startOver(at now: Instant) {
        began = now
        attempts = 0
        reconnects = []
        unrewarded = 0
        isSlow = false
        restoredAt = nil
        suspectSince = nil
    }

    mutating func slowDown() { isSlow = true }

    /// The service can be reached again; whether it answers remains to be seen.
    mutating func restored(at now: Instant) {
        restoredAt = now
        isCalled = false
    }

    /// No turn waits for an answer: the trouble is over, although the new connection is not proven
    /// yet.
    ///
    /// - Parameter isAwaited: The user has spoken, and the service has not yet found the end of it.
    mutating func settled(isAwaited: Bool) {
        unproven = isAwaited ? trouble : nil
        trouble = nil
    }

    /// The model speaks on a connection without trouble.
    mutating func proved() { restoredAt = nil }

    /// The model speaks again.
    mutating func ended() {
        trouble = nil
        unproven = nil
        restoredAt = nil
        close = nil
        mustBeFresh = false
        suspectSince = nil
        handle = nil
        isFresh = false
    }

    /// A turn has ended answered: its cost was justified.
    mutating func answered() {
        attempts = 0
        reconnects = []
        unrewarded = 0
        exhaustions = 0
    }

    // MARK: No remedy left

    /// Nothing is left to try for this turn, which is reported as lost. This settles its cost,
    /// except for the session's limit.
    mutating func exhausted() {
        exhaustions += 1
        attempts = 0
        reconnects = []
        trouble = nil
        unproven = nil
        restoredAt = nil
    }

    /// There is no connection, and none is opened before it is needed.
    mutating func rest() { isResting = true }

    /// The user asks for something while there is no connection.
    mutating func called() { isCalled = true }

    /// Recovers again, for a question after recovery was exhausted.
    mutating func resume(_ trouble: Trouble, at now: Instant) {
        begin(trouble, close: nil, isAwaited: true, at: now)
        isCalled = false
    }

    // MARK: The next step

    /// When the next attempt is due, or why there is none: in words, with the policy's key.
    enum Next { case at(Instant), exhausted(String) }

    mutating func next(_ policy: Policy.Recovery, at now: Instant) -> Next {
        if let why = exhaustion(policy, at: now) { return .exhausted(why) }
        let due = max(now, lastAttempt + delay(policy))
        guard due <= began + policy.window || attempts == 0 else {
            return .exhausted(
                "no success within \(Self.text(policy.window)) (recovery.window)")
        }
        return .at(due)
    }

    private func exhaustion(_ policy: Policy.Recovery, at now: Instant) -> String? {
        guard attempts < policy.attempts else {
            return "\(attempts) attempts to reconnect failed (recovery.attempts)"
        }
        if trouble == .goAway { return nil }
        guard unrewarded < policy.perSession else {
            return "reconnect limit reached: \(policy.perSession) in this session "
                + "(recovery.per_session)"
        }
        guard reconnects.count(where: { now - $0 < Self.longMemory }) < policy.per10Minutes else {
            return "reconnect limit reached: \(policy.per10Minutes) in 10 minutes "
                + "(recovery.per_10_minutes)"
        }
        return nil
    }

    /// From one dial to the next: an attempt that took its time has waited already.
    private mutating func delay(_ policy: Policy.Recovery) -> Interval {
        var delay =
            policy.backoff.isEmpty
            ? Interval.zero : policy.backoff[min(attempts, policy.backoff.count - 1)]
        // A service that is out of quota must be left alone (failure catalogue 10.3).
        if isSlow { delay = max(delay, .seconds(5) * Int64(min(attempts + 1, 12))) }
        guard delay > .zero else { return .zero }
        let jitter = delay.nanoseconds / 5
        return Interval(
            nanoseconds: delay.nanoseconds + Int64.random(in: -jitter...jitter, using: &random))
    }

    private static func text(_ interval: Interval) -> String {
        interval.nanoseconds % 1_000_000_000 == 0
            ? "\(interval.nanoseconds / 1_000_000_000) s" : "\(interval.nanoseconds / 1_000_000) ms"
    }

    mutating func attempted(at now: Instant) {
        attempts += 1
        lastAttempt = now
    }

    mutating func setUp(at now: Instant) {
        guard trouble != .goAway else { return }
        unrewarded += 1
        if reconnects.count > 1000 { reconnects.removeFirst() }
        reconnects.append(now)
        assert(reconnects.count <= unrewarded, "more set-ups are remembered than were counted")
    }
}
