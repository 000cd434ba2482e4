import Basics
import Policies
import Sessions
import SimulatedGemini
import Wire

/// A client's connection, to one session or, when that has moved, to another of the same process.
final class FleetLine {
    let client: Int
    let delay: Interval
    var seat: Int
    /// Nothing gets through any more.
    var isCut = false
    /// The client has its 101, or was told to go.
    var isOpen = true

    init(client: Int, seat: Int, delay: Interval) {
        self.client = client
        self.seat = seat
        self.delay = delay
    }
}

/// A session's connection to gemini.
struct FleetLeg {
    var connection: SimulatedConnection?
    var isGone = false
    var delay: Interval
    /// The wake-up that was asked for last.
    var armed: Instant?
}

/// A session with its shell: what `SessionDriver` is in the proxy.
final class FleetSeat {
    let number: Int
    let id: String
    let process: FleetProcess
    let secret: String
    var session: Session
    var line: FleetLine?
    var legs: [FleetLeg] = []
    var used: ConnectionID = 0
    var place: SharedPlace?
    /// Another session of its process goes on with its conversation.
    var isSucceeded = false
    /// It has one of the places.
    var isSeated = false
    /// At its end its place is left to whoever goes on with its conversation.
    var handsOver: Bool { isSeated && place?.goesElsewhere ?? false }
    /// What its end has left, for a session of the same client.
    var left: Memory?
    /// What it would go on with, until its client can come back to it.
    var unoffered: Memory?
    var waiting: [Event] = []
    var isStepping = false
    /// Nothing is left of it since then.
    var gone: Instant?
    var isGone: Bool { gone != nil }
    var armed: Instant?
    /// Reports of gemini's.
    var reports = 0
    /// When its budget was looked at last: the next turn is paid later.
    var gate: Instant
    /// What of the day's budget was known to be left then: see `FleetBudget`.
    var gateWasOpen = true
    var gateDay: Int64 = 0
    /// Turns whose end the client was shown, as questions.
    var answered: Set<String> = []
    /// The question that waits.
    var asked = ""
    /// What the conversation had when it was claimed; the first answer must know it.
    var mustKnow: Set<String> = []
    let token: Bool
    /// A canary.
    var hasEchoed = false

    init(
        _ number: Int, _ process: FleetProcess, _ line: FleetLine, policy: Boxed<Policy>,
        token: Bool, at now: Instant
    ) {
        self.number = number
        self.process = process
        self.line = line
        self.token = token
        id = "s\(number)"
        secret = "secret\(number)"
        gate = now
        session = Session(
            id: id, policy: policy, profiles: .builtIn,
            handle: ClientHandle.make(session: id, secret: secret), isShared: true)
    }
}
