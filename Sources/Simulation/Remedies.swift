public import Basics
import Policies
public import Sessions
import Wire

/// Counts what a session did about a faulty service: with a healthy one it must not interfere.
public struct Remedies: Sendable {
    public internal(set) var troubles = 0
    /// Messages made for the client, or hidden from it.
    public internal(set) var made = 0
    public internal(set) var kept = 0
    public internal(set) var stalls = 0
    public internal(set) var kinds: Set<Stall> = []
    public internal(set) var nudges = 0
    public internal(set) var reconnects = 0
    public internal(set) var replays = 0
    public internal(set) var rebuilds = 0
    /// Audio that was too old to be replayed.
    public internal(set) var missing = Interval.zero
    public internal(set) var givenUp = 0
    public internal(set) var turns: [TurnOutcome: Int] = [:]
    /// From trouble to the model's next output.
    public internal(set) var recoveries: [Interval] = []
    /// The client's content reached gemini while it worked, which interrupts that work: nothing
    /// answers what it was for, so a remedy is right, until something is answered again.
    private var isCrossed = false
    private var isTurnOpen = false
    /// The first one, in words.
    public internal(set) var first: String?
    /// The first one that no content called for.
    private(set) var needless: String?

    public var summary: String {
        let times = recoveries.map { "\($0.milliseconds) ms" }.joined(separator: ", ")
        return
            "\(stalls) stalls, \(nudges) nudges, \(reconnects) reconnects (\(rebuilds) rebuilt), "
            + "\(givenUp) given up; recovered after \(times.isEmpty ? "-" : times)"
    }

    mutating func forwarded(_ message: ClientMessage) {
        if message.members.contains(.clientContent), isTurnOpen { isCrossed = true }
    }

    mutating func count(_ fact: Fact, at now: Instant) {
        switch fact {
        case .turnStarted:
            isTurnOpen = true
            return
        // Nothing is done about it.
        case .stalled(.silentRun, _): return
        case .stalled(let kind, _):
            stalls += 1
            kinds.insert(kind)
        case .nudged: nudges += 1
        case .troubled:
            troubles += 1
            return
        case .reconnected(_, let trouble, let means, _):
            if trouble == .goAway { return }
            reconnects += 1
            if means == .rebuilt { rebuilds += 1 }
        case .replayed(_, _, let missing):
            replays += 1
            self.missing = self.missing + missing
        case .gaveUp: givenUp += 1
        case .madeUp:
            made += 1
            return
        case .byproductKept:
            kept += 1
            return
        case .ruleApplied(.phantomInterrupted, _, _): break
        case .turnEnded(_, let outcome):
            turns[outcome, default: 0] += 1
            isTurnOpen = false
            if outcome == .answered { isCrossed = false }
            return
        case .recovered(_, let time):
            recoveries.append(time)
            return
        default: return
        }
        guard first == nil || needless == nil && !isCrossed else { return }
        let words = "\(fact) at \(now.nanoseconds / 1_000_000) ms"
        first = first ?? words
        if !isCrossed { needless = needless ?? words }
    }
}
