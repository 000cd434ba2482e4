public import Basics

/// One tenant's policy, complete and immutable: defaults, then the files it inherits from, then its
/// own. `Policies/README.md` has keys, units and defaults.
public struct Policy: Equatable, Sendable {
    public var tenant = "default"
    /// The tenant whose values this one starts from; `nil` for the built-in defaults.
    public var inherits: String?
    public var match = Match()
    public var mode = Supervision.enforce
    public var upstream = Upstream()
    public var client = Client()
    public var turns = Turns()
    public var stalls = Stalls()
    public var recovery = Recovery()
    public var models = Models()
    public var limits = Limits()
    public var budget = Budget()
    public var endUsers = EndUsers()
    public var notify = Notify()
    public var log = Log()

    public init() {}

    /// Whether to act on what is seen, or only to report it.
    public enum Supervision: String, CaseIterable, Sendable { case enforce, observe }

    public struct Match: Equatable, Sendable {
        public var keys: [Secret] = []
        public var origins: [String] = []
        /// A `default.yaml` that holds a credential serves unknown clients only if this is true.
        public var anyone = false
    }

    public struct Upstream: Equatable, Sendable {
        public var url = "wss://generativelanguage.googleapis.com"
        /// What gemini sees instead of the client's own credential; `nil` passes the client's on.
        public var key: Secret?
        /// The source of the access token that gemini sees instead, on Vertex.
        public var credentials: Credentials?
        /// Gemini sees the client's own credential.
        public var passesOwnCredentials: Bool { key == nil && credentials == nil }
        public var caFile: String?
        /// Prefix for the client's path: `/prefix`, without a trailing slash.
        public var path: String?
        /// Vertex: the project of the models and resources that the credential is for.
        public var project: String?
        public var rest = REST.auto
        public var connect = Interval.seconds(5)
        /// How many connections each worker opens in advance.
        public var warm = 0
        public var setup = Interval.seconds(5)
        public var ping = Interval.seconds(20)
        public var dead = Interval.seconds(60)
        /// Models think for minutes before the first byte of an answer, and SDKs set no limit.
        public var restSilence = Interval.seconds(600)

        /// Gemini sees a credential other than the client's own.
        public var hasOwnCredential: Bool { key != nil || credentials != nil }

        /// Whether Google's REST paths are passed on.
        public var passesREST: Bool {
            switch rest {
            case .auto: !hasOwnCredential
            case .pass: true
            case .refuse: false
            }
        }
    }

    /// The source of OAuth access tokens.
    public enum Credentials: Hashable, Sendable {
        /// A service account's key file.
        case file(String)
        case metadata
    }

    public enum REST: String, CaseIterable, Sendable { case auto, pass, refuse }

    public struct Client: Equatable, Sendable {
        public var setup = Interval.seconds(10)
        public var ping = Interval.seconds(20)
        public var dead = Interval.seconds(60)
        public var park = Interval.seconds(15)
    }

    public struct Turns: Equatable, Sendable {
        public var rules = Rules()
        public var deadAir = Interval.milliseconds(1200)
        public var minActivity = Interval.milliseconds(600)
        public var leadIn = Interval.zero
        public var pause = Interval.seconds(1)
        public var noiseHold = Interval.zero
        public var flush = Choice<Interval>.profile
    }

    public struct Stalls: Equatable, Sendable {
        public var soft = Choice<Interval>.profile
        public var hard = Choice<Interval>.profile
        public var nudges = 2
        public var nudgeText = " "
        public var emptyTurnHold = Interval.seconds(2)
    }

    public struct Recovery: Equatable, Sendable {
        public var attempts = 30
        public var backoff: [Interval] = [
            .zero, .milliseconds(200), .milliseconds(500), .seconds(1),
        ]
        public var window = Interval.seconds(60)
        public var perSession = 60
        public var per10Minutes = 30
        public var replay = true
        public var rebuild = true
        public var cutReply = CutReply.auto
        /// The request to continue a cut reply; `nil`: as in the profile.
        public var continueText: String?
        public var goAway = GoAwayHandling.hide
        public var holdAudio = Interval.seconds(120)
    }

    public enum CutReply: String, CaseIterable, Sendable {
        case auto, `continue`, restart, interrupt, close
    }
    public enum GoAwayHandling: String, CaseIterable, Sendable { case hide, forward }

    public struct Models: Equatable, Sendable {
        public var allow = ["gemini-*"]
        public var pin: [String: String] = [:]
        /// Model -> its siblings, in the order they are tried; `nil`: as in the profile.
        public var fallback: [String: [String]]?
        public var breaker: Breaker? = Breaker()
    }

    public struct Breaker: Equatable, Sendable {
        public var window = 10
        public var failures = 5
        public var sessions = 3
        public var probe = Interval.seconds(60)

        public init() {}
    }

    public struct Limits: Equatable, Sendable {
        public var sessions = 1000
        public var message = 16 << 20
        public var messagesPerSecond = 500
        public var session = Interval.seconds(7200)
        public var buffer = 4 << 20

        /// The longest setups have instructions of some hundred kilobytes; a client that has not
        /// sent one yet gets no more memory than that.
        public static let beforeSetup = 1 << 20
    }

    /// Amounts are in millionths of a dollar.
    public struct Budget: Equatable, Sendable {
        public var sessionMicroUSD: Int64?
        public var dayMicroUSD: Int64?
        public var sessionTokens: Int64?
    }

    public struct Log: Equatable, Sendable {
        public var transcripts = true
        public var toolArguments = false
        public var record = Trace.off
    }

    /// What is recorded for `turnkeeper replay`; `audio` includes the sound.
    public enum Trace: String, CaseIterable, Sendable { case off, on, audio }
}

/// A value of the policy, `profile`, or `off`.
public enum Choice<Value: Equatable & Sendable>: Equatable, Sendable {
    case profile
    case off
    case value(Value)
}

/// A reference to a secret; the policy never holds the secret itself.
public enum Secret: Hashable, Sendable {
    case environment(String)
    case file(String)
    /// Lower-case hex SHA-256 of what a client must present; only for matching.
    case sha256(String)
}
