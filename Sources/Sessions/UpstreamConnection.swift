import Basics
import Policies
import Wire

/// The connection to gemini: which one is in use, which is being opened, and what it waits for.
struct UpstreamConnection {
    enum State: Equatable {
        /// No connection: the next one is being dialed, or will be.
        case down
        /// The new connection is open and the old one has been told to close; the service refuses
        /// to resume while it considers the old one open (failure catalogue 5.3).
        case parting(until: Instant)
        /// Open, without a setup.
        case bare
        case settingUp(until: Instant)
        /// Waits for a family's answer to its seed, which is hidden from the client.
        case restoringContext(until: Instant, latest: Instant)
        /// The replay is sent no faster than the family accepts.
        case catchingUp
        case up
    }

    var state = State.down
    /// The connection in use, or the last one.
    var current: ConnectionID = 0
    /// The one being opened.
    private(set) var next: ConnectionID?
    private(set) var isNextOpen = false
    private var last: ConnectionID = 0
    /// When the next one is dialed.
    var dialAt: Instant?
    private var dialedAt = Instant(nanoseconds: 0)
    /// How long the next setup may take. A service that is slow today gets as long as it needs.
    private var setupPatience = Interval.zero
    /// As the wire reference advises (8): by then a service that is merely slow has answered.
    private static let longestSetup = Interval.seconds(20)
    private var setUpAt = Instant(nanoseconds: 0)
    /// The shortest time in which gemini has answered anything that it answers at once: more than
    /// the round trip.
    private(set) var roundTrip = Interval.seconds(1)
    /// The connection in use must be replaced by then, because gemini asked.
    var leaveBy: Instant?

    enum Warmth {
        case none
        /// Opened before the session wanted it: gemini may have had enough of waiting.
        case warm
        /// Gemini had, and the next connection stands in for that one.
        case stale
    }
    var warmth = Warmth.none

    var isUp: Bool { state == .up }
    /// Whether gemini has ended the connection for what it was before the session had it. What it
    /// says of the setup itself it would say again.
    func isStale(_ cause: CloseCause) -> Bool {
        guard warmth == .warm else { return false }
        return switch (state, cause) {
        case (.bare, _): true
        case (.settingUp, .invalid), (.settingUp, .credential), (.settingUp, .quota),
            (.settingUp, .handle), (.settingUp, .model), (.settingUp, .region),
            (.settingUp, .application):
            false
        case (.settingUp, _): true
        case (.down, _), (.parting, _), (.restoringContext, _), (.catchingUp, _), (.up, _): false
        }
    }
    /// Another connection is being opened, or will be.
    var isMoving: Bool { next != nil || dialAt != nil }

    mutating func dial(at now: Instant, into out: inout Actions) {
        dialedAt = now
        last += 1
        next = last
        isNextOpen = false
        dialAt = nil
        warmth = .none
        out.note(.dialing(last))
        out.append(.dial(last))
    }

    /// The setup was sent.
    mutating func setUp(at now: Instant, within patience: Interval) {
        setUpAt = now
        setupPatience = max(setupPatience, patience)
        state = .settingUp(until: now + setupPatience)
    }

    /// It was not answered in time.
    mutating func setupFailed() {
        setupPatience = max(setupPatience, min(setupPatience * 2, Self.longestSetup))
    }

    mutating func nextOpened(isWarm: Bool = false, at now: Instant) {
        assert(next != nil, "a connection opened that nobody dialed")
        isNextOpen = true
        // That it was there at once tells nothing about the way to gemini.
        if isWarm { warmth = .warm } else { answered(after: now - dialedAt) }
    }

    mutating func setupAnswered(at now: Instant) {
        state = .up
        answered(after: now - setUpAt)
    }

    /// The context's answer has begun: its end is awaited, or it would be taken for the user's
    /// answer.
    mutating func contextIsAnswered(at now: Instant) {
        guard case .restoringContext(let until, let latest) = state else { return }
        let next = min(latest, max(until, now + .seconds(2)))
        state = .restoringContext(until: next, latest: latest)
    }

    mutating func answered(after time: Interval) { roundTrip = min(roundTrip, time) }

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
        out.note(.connected(current, isWarm: warmth == .warm))
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
            case .parting(let until), .settingUp(let until), .restoringContext(let until, _): until
            case .down, .bare, .catchingUp, .up: nil
            }
        guard let dialAt else { return due }
        return min(dialAt, due ?? .distantFuture)
    }
}
