public import Basics
public import Usage

/// One entry for the ledger. Plain values, given away by their creator. The rare and large ones are
/// boxed, so that the many waiting timeline entries take little memory.
public enum Record: Equatable, Sendable {
    /// The policy of a tenant's sessions from now on, as `explain` prints it.
    indirect case policyLoaded(tenant: String, at: WallTime, text: String)
    case sessionOpened(
        id: String, tenant: String, at: WallTime, endUser: String = "",
        /// A report of its end is required, even if this process dies first.
        isReported: Bool = false)
    /// The setup named the model.
    case modelNamed(session: String, model: String)
    indirect case connectionOpened(Connection)
    /// It continued the conversation of an earlier connection.
    case connectionResumed(session: String, number: Int)
    case connectionClosed(
        session: String, number: Int, at: WallTime, code: Int, reason: String,
        /// `client`, `turnkeeper` or `gemini`: who ended it first.
        by: String = "gemini")
    case turnStarted(session: String, number: Int, input: String, at: WallTime)
    indirect case turnEnded(Turn)
    /// A report arrived after its turn had ended; replaces the usage known so far.
    indirect case turnUsed(session: String, TurnUsage)
    /// An unchanged `usageMetadata`.
    case receipt(session: String, turn: Int, at: WallTime, json: String)
    case event(Event)
    indirect case toolCall(ToolCall)
    indirect case sessionEnded(Ending)
    /// The data for a returning client.
    indirect case returnKept(KeptReturn)
    /// A note for a tenant's receiver.
    indirect case noted(Note)
    /// The note was delivered, or never will be.
    case noteSettled(number: Int64, tenant: String)
    /// Its receiver does not accept it now.
    case notePostponed(number: Int64, attempts: Int, until: WallTime)
    /// The tenant no longer has a receiver.
    case notesDropped(tenant: String)

    public struct Connection: Equatable, Sendable {
        public var session: String
        /// 1 is the session's first.
        public var number: Int
        public var opened: WallTime
        public var resumed: Bool
        public var model: String

        public init(
            session: String, number: Int, opened: WallTime, resumed: Bool, model: String
        ) {
            self.session = session
            self.number = number
            self.opened = opened
            self.resumed = resumed
            self.model = model
        }
    }

    public struct Turn: Equatable, Sendable {
        public var session: String
        public var input: String
        public var started: WallTime
        public var inputEnded: WallTime?
        public var firstAudio: WallTime?
        public var ended: WallTime
        public var outcome: String
        /// The transcript, nil if the policy keeps none.
        public var userText: String?
        public var modelText: String?
        /// Includes the turn's number.
        public var usage: TurnUsage
        public var remedies: [String] = []

        public init(
            session: String, input: String, started: WallTime, ended: WallTime, outcome: String,
            usage: TurnUsage
        ) {
            self.session = session
            self.input = input
            self.started = started
            self.ended = ended
            self.outcome = outcome
            self.usage = usage
        }
    }

    public struct Event: Equatable, Sendable {
        public var session: String
        /// Since the session began.
        public var at: Interval
        /// One of a fixed set of words.
        public var what: String
        /// `client`, `turnkeeper` or `gemini`.
        public var lane: String
        public var text: String

        public init(session: String, at: Interval, what: String, lane: String, text: String) {
            self.session = session
            self.at = at
            self.what = what
            self.lane = lane
            self.text = text
        }
    }

    public struct ToolCall: Equatable, Sendable {
        public enum Outcome: String, Sendable { case open, answered, failed, cancelled, lost }

        public var session: String
        public var id: String
        public var name: String
        public var called: WallTime
        public var answered: WallTime?
        public var outcome: Outcome
        /// JSON, nil if the policy keeps none.
        public var arguments: String?
        /// The same.
        public var result: String?

        public init(
            session: String, id: String, name: String, called: WallTime,
            answered: WallTime? = nil, outcome: Outcome, arguments: String? = nil
        ) {
            self.session = session
            self.id = id
            self.name = name
            self.called = called
            self.answered = answered
            self.outcome = outcome
            self.arguments = arguments
        }
    }

    /// Everything that a session's row needs, so that the row is complete even if other records
    /// were lost.
    public struct Ending: Equatable, Sendable {
        public var session: String
        public var tenant: String
        public var model: String
        public var started: WallTime
        public var ended: WallTime
        public var outcome: String
        /// The close of the client's socket, nil if it never opened.
        public var closeCode: Int?
        public var closeReason: String
        public var endUser = ""
        /// Notes about the end, written in the same transaction.
        public var notes: [Note] = []

        public init(
            session: String, tenant: String, model: String, started: WallTime, ended: WallTime,
            outcome: String, closeCode: Int? = nil, closeReason: String = ""
        ) {
            self.session = session
            self.tenant = tenant
            self.model = model
            self.started = started
            self.ended = ended
            self.outcome = outcome
            self.closeCode = closeCode
            self.closeReason = closeReason
        }
    }

    /// Timeline entries, which are dropped before turns and cost.
    var isDetail: Bool {
        switch self {
        case .event, .receipt: true
        case .policyLoaded, .sessionOpened, .modelNamed, .connectionOpened, .connectionResumed,
            .connectionClosed, .turnStarted, .turnEnded, .turnUsed, .toolCall, .sessionEnded,
            .returnKept, .noted, .noteSettled, .notePostponed, .notesDropped:
            false
        }
    }

    /// Its approximate size in bytes, for the queue's limit.
    var weight: Int {
        switch self {
        case .policyLoaded(_, _, let text): 200 + text.utf8.count
        case .turnUsed: 600
        case .turnEnded(let turn):
            900 + (turn.userText?.utf8.count ?? 0) + (turn.modelText?.utf8.count ?? 0)
        case .receipt(_, _, _, let json): 200 + json.utf8.count
        case .event(let event): 120 + event.text.utf8.count
        case .toolCall(let call):
            300 + (call.arguments?.utf8.count ?? 0) + (call.result?.utf8.count ?? 0)
        case .noted(let note): 400 + note.body.utf8.count
        case .returnKept(let kept): 500 + kept.transcript.utf8.count
        case .connectionClosed, .connectionResumed, .sessionEnded, .connectionOpened,
            .sessionOpened, .modelNamed, .noteSettled, .notePostponed, .notesDropped,
            .turnStarted:
            300
        }
    }
}
