import Basics
import Policies
import Wire

/// The way to gemini: which connection is in use, which is being opened, and what it waits for.
struct Line {
    enum State: Equatable {
        /// No connection: the next one is being dialed, or will be.
        case down
        /// The new connection is open and the old one told to close; the service refuses to
        /// resume while it takes the old one for open (failure catalogue 5.3).
        case parting(until: Instant)
        /// Open, without a setup.
        case bare
        case settingUp(until: Instant)
        /// A family that answers its seed is heard out, and not shown to the client.
        case seeding(until: Instant)
        /// What the new connection must hear again goes out no faster than its family bears.
        case catchingUp
        case up
    }

    var state = State.down
    /// The connection in use, or the last that was.
    var current: Link = 0
    /// The one being opened.
    private(set) var next: Link?
    private(set) var isNextOpen = false
    private var last: Link = 0
    /// The next one is dialed then.
    var dialAt: Instant?
    /// The connection in use is left by then, as gemini asked.
    var leaveBy: Instant?

    var isUp: Bool { state == .up }
    /// Another connection is on its way, or will be.
    var isMoving: Bool { next != nil || dialAt != nil }

    mutating func dial(into out: inout Actions) {
        last += 1
        next = last
        isNextOpen = false
        dialAt = nil
        out.note(.dialing(last))
        out.append(.dial(last))
    }

    mutating func nextOpened() { isNextOpen = true }

    mutating func nextFailed() {
        next = nil
        isNextOpen = false
    }

    /// Puts the new connection in use.
    mutating func use(into out: inout Actions) {
        guard let next else { return }
        current = next
        nextFailed()
        out.append(.use(current))
        out.note(.connected(current))
    }

    mutating func dropNext(into out: inout Actions) {
        dialAt = nil
        guard let next else { return }
        out.append(.drop(next))
        nextFailed()
    }

    var deadline: Instant? {
        let due: Instant? =
            switch state {
            case .parting(let until), .settingUp(let until), .seeding(let until): until
            case .down, .bare, .catchingUp, .up: nil
            }
        guard let dialAt else { return due }
        return min(dialAt, due ?? .distantFuture)
    }
}

/// The climb up the ladder after one piece of trouble, within what the policy allows.
struct Recovery {
    private(set) var trouble: Trouble?
    /// What it was, where the user waits to hear that it is over.
    private(set) var unproven: Trouble?
    private(set) var since = Instant(nanoseconds: 0)
    /// Since when the model in use is tried: a sibling has the whole time to itself.
    private var began = Instant(nanoseconds: 0)
    /// What gemini closed with, last.
    var close: Close?
    private(set) var attempts = 0
    /// Handles from here on carry the trouble on.
    var suspectSince: Instant?
    /// The handle the connection in use, or in the making, was set up with.
    var handle: Handles.Kept?
    /// It was set up without one.
    var isFresh = false
    /// Handles are of no use this time.
    private(set) var mustBeFresh = false
    private var isSlow = false
    /// Set-ups that were not planned.
    private var reconnects: [Instant] = []
    private var restoredAt: Instant?
    private var random: SeededRandom

    private static let longMemory = Interval.seconds(600)
    /// A connection that held that long was a good one, even if nobody spoke.
    private static let probation = Interval.seconds(10)

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func opened(at now: Instant) {
        since = now
        began = now
    }

    /// The first connection could not be opened; the client's upgrade is not answered yet.
    mutating func couldNotOpen() { trouble = .closed(.unavailable) }

    /// Trouble was seen; nothing is done about it yet that costs a connection.
    mutating func noticed(_ trouble: Trouble, at now: Instant) {
        guard self.trouble == nil else { return }
        begin(trouble, close: nil, at: now)
    }

    /// Begins a climb, or goes on with the one that did not help.
    mutating func begin(_ trouble: Trouble, close: Close?, at now: Instant) {
        let isFlapping = restoredAt.map { now - $0 <= Self.probation } ?? false
        let isOld = restoredAt != nil && !isFlapping
        if self.trouble == nil || self.trouble == .goAway || isOld {
            self.trouble = trouble
            since = now
            began = now
            self.close = nil
            if !isFlapping {
                attempts = 0
                isSlow = false
                mustBeFresh = false
            }
        }
        restoredAt = nil
        unproven = nil
        if let close { self.close = close }
        isSlow = trouble == .closed(.quota)
    }

    /// The connection in use died. What it was set up with is remembered against it, unless it had
    /// answered already.
    mutating func failed(_ handles: inout Handles, _ trouble: Trouble, isRefused: Bool) {
        guard self.trouble != nil, self.trouble != .goAway else { return }
        if let handle {
            // But for the handle, this very setup was accepted before.
            let isInvalid =
                isRefused && (trouble == .closed(.invalid) || trouble == .closed(.policy))
            handles.failed(handle.text, isDead: isInvalid || trouble == .closed(.handle))
        } else if isFresh {
            handles.forgive()
        }
    }

    /// The user went on: a stall nothing was done about yet is forgotten.
    mutating func asked() {
        if case .stalled = trouble, attempts == 0 { trouble = nil }
    }

    mutating func startAfresh() { mustBeFresh = true }

    /// The climb begins anew, with another model.
    mutating func startOver(at now: Instant) {
        began = now
        attempts = 0
        isSlow = false
        restoredAt = nil
        suspectSince = nil
    }

    mutating func slowDown() { isSlow = true }

    /// The service can be talked to again; whether it answers remains to be seen.
    mutating func restored(at now: Instant) { restoredAt = now }

    /// No turn waits for an answer: the trouble is over, though the new connection has yet to prove
    /// itself. `isAwaited`: the user has spoken, and the service has not found the end of it yet.
    mutating func settled(isAwaited: Bool) {
        unproven = isAwaited ? trouble : nil
        trouble = nil
    }

    /// The model speaks on a connection that nobody complains of.
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

    /// When the next attempt is due, or why there is none.
    enum Next { case at(Instant), exhausted(String) }

    mutating func next(_ policy: Policy.Recovery, at now: Instant) -> Next {
        let isPlanned = trouble == .goAway
        guard attempts < policy.attempts else {
            return .exhausted("\(attempts) attempts to reconnect failed")
        }
        if !isPlanned {
            let recent = reconnects.count { now - $0 < Self.longMemory }
            guard reconnects.count < policy.perSession else {
                return .exhausted("\(reconnects.count) reconnects are spent for this session")
            }
            guard recent < policy.per10Minutes else {
                return .exhausted("\(recent) reconnects are spent for these ten minutes")
            }
        }
        var delay =
            policy.backoff.isEmpty
            ? Interval.zero : policy.backoff[min(attempts, policy.backoff.count - 1)]
        // A service that is out of quota has to be left alone (failure catalogue 10.3).
        if isSlow { delay = max(delay, .seconds(5) * Int64(min(attempts + 1, 12))) }
        if delay > .zero {
            let jitter = delay.nanoseconds / 5
            delay.nanoseconds += Int64.random(in: -jitter...jitter, using: &random)
        }
        guard now + delay <= began + policy.window || attempts == 0 else {
            return .exhausted("no success within \(policy.window)")
        }
        return .at(now + delay)
    }

    mutating func attempted() { attempts += 1 }

    mutating func setUp(at now: Instant) {
        guard trouble != .goAway else { return }
        if reconnects.count > 1000 { reconnects.removeFirst() }
        reconnects.append(now)
    }
}
