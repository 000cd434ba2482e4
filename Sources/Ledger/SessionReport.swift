public import Basics
public import Usage

/// A session in one line.
public struct SessionSummary: Equatable, Sendable {
    public var id = ""
    public var tenant = ""
    /// Empty before a setup.
    public var model = ""
    /// Empty if none was named.
    public var endUser = ""
    public var started = WallTime(nanoseconds: 0)
    /// nil while it is live.
    public var ended: WallTime?
    public var outcome: String?
    public var closeCode: Int?
    public var closeReason = ""
    public var turns = 0
    /// In millionths of a dollar.
    public var cost: Int64 = 0
    public var remedyCost: Int64 = 0
    /// The version of the program that served it.
    public var version = ""
    /// The node that serves or served it, if nodes share a ledger; otherwise empty.
    public var node = ""
    public var connections = 0
    /// The newest close by gemini.
    public var geminiCloseCode: Int?
    public var geminiCloseReason = ""
    /// Its current activity; nil once it has ended.
    public var state: SessionState?
    public var stateSince: WallTime?
    /// How often each remedy was needed, by the timeline's word, in the order of
    /// `RemedyCount.words`.
    public var troubles: [RemedyCount] = []
    /// Used by its rows in the file.
    var key: Int64 = 0

    public init() {}
}

/// Everything in the ledger about a session.
public struct SessionReport: Equatable, Sendable {
    public var summary = SessionSummary()
    /// The address of its node's page, while that answers: `http://HOST:PORT`.
    public var nodePage: String?
    public var connections: [Connection] = []
    public var turns: [Turn] = []
    public var toolCalls: [ToolCall] = []
    public var events: [TimelineEvent] = []

    public init() {}

    public struct Connection: Equatable, Sendable {
        public var number = 0
        public var opened = WallTime(nanoseconds: 0)
        public var closed: WallTime?
        public var code: Int?
        public var reason: String?
        /// `client`, `turnkeeper` or `gemini`; nil if there was no close.
        public var closedBy: String?
        public var resumed = false
        public var model = ""
    }

    public struct Turn: Equatable, Sendable {
        public var number = 0
        public var input = ""
        /// The one that answered it, as in `usage --by model`.
        public var model = ""
        public var started = WallTime(nanoseconds: 0)
        public var inputEnded: WallTime?
        public var firstAudio: WallTime?
        /// nil while it is in progress.
        public var ended: WallTime?
        public var outcome: String?
        public var userText: String?
        public var modelText: String?
        public var usage = TurnUsage(turn: 0)
        public var remedies: [String] = []
    }

    public struct ToolCall: Equatable, Sendable {
        public var id = ""
        public var name = ""
        public var called = WallTime(nanoseconds: 0)
        public var answered: WallTime?
        public var outcome = ""
        public var arguments: String?
        public var result: String?
    }
}

/// An entry of a session's timeline.
public struct TimelineEvent: Equatable, Sendable {
    /// Ascending in the order of writing.
    public var number: Int64 = 0
    public var session = ""
    /// Since the session began.
    public var at = Interval.zero
    public var what = ""
    /// `client`, `turnkeeper` or `gemini`.
    public var lane = ""
    public var text = ""

    public init() {}
}

/// The sum of a group of turns.
public struct UsageRow: Sendable {
    /// The group's common value; nil if it is not grouped by this.
    public var tenant: String?
    public var model: String?
    public var session: String?
    /// `2026-11-21`, UTC.
    public var day: String?
    /// `2026-11`, UTC.
    public var month: String?
    public var endUser: String?
    public var sessions = 0
    public var turns = 0
    public var reported = Tokens()
    public var estimated = Tokens()
    /// In millionths of a dollar.
    public var cost: Int64 = 0
    public var remedyCost: Int64 = 0
    /// The total duration of its sessions.
    public var lasted = Interval.zero
    /// For a row of a tenant, or of a part of one: the tenant's daily budget and today's spending,
    /// UTC; millionths of a dollar. nil without a budget.
    public var dayBudget: (most: Int64, used: Int64)?

    public init() {}
}

/// The dimensions by which usage is summed up: `tenant+model`, `month`, `day+end-user`, in order.
public struct UsageGrouping: Equatable, Sendable {
    public enum Dimension: String, CaseIterable, Sendable {
        case tenant, model, session, day, month
        case endUser = "end-user"
    }

    public let dimensions: [Dimension]

    public static let tenantAndModel = Self([.tenant, .model])
    public static let tenant = Self([.tenant])

    private init(_ dimensions: [Dimension]) { self.dimensions = dimensions }

    /// nil if a word is unknown or repeated.
    public init?(_ text: String) {
        let words = text.split(separator: "+", omittingEmptySubsequences: false)
        let found = words.compactMap { Dimension(rawValue: String($0)) }
        guard found.count == words.count, Set(found).count == found.count else { return nil }
        self.init(found)
    }
}
