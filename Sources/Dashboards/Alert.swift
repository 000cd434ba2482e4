public import Basics
import Metrics

/// A condition that an operator must know about, and what to do about it.
public struct Alert: Sendable {
    public let name: String
    public let severity: Severity
    /// One sentence; Prometheus fills in `{{ $labels.tenant }}` and the like.
    public let summary: String
    public let query: Query
    /// How far back the query looks.
    public let window: Interval
    /// How long it must hold.
    public let lasting: Interval
    public let runbook: Runbook
    public let proof: Proof

    public enum Severity: String, Sendable {
        /// Users are affected now, or money is being lost: act at once.
        case page
        /// Look at it during working hours.
        case ticket
    }

    /// Its section of the runbook.
    public struct Runbook: Sendable {
        public let means: String
        public let look: [String]
        public let act: [String]

        init(_ means: String, look: [String], act: [String]) {
            self.means = means
            self.look = look
            self.act = act
        }
    }

    /// Series for which it fires, and series for which it must not; one value per minute, in
    /// promtool's notation (`0+3x60`: sixty steps of three).
    public struct Proof: Sendable {
        public let fires: [Sample]
        public let isQuiet: [Sample]
        /// The labels of the fired alert, besides the severity.
        public let labels: [(name: String, value: String)]
        /// Evaluated after this many minutes.
        public let minutes: Int

        init(
            fires: [Sample], isQuiet: [Sample], labels: [(name: String, value: String)] = [],
            minutes: Int = 45
        ) {
            self.fires = fires
            self.isQuiet = isQuiet
            self.labels = labels
            self.minutes = minutes
        }
    }

    public struct Sample: Sendable {
        public let series: Query
        public let values: String

        init(_ metric: Metric, _ labels: String, _ values: String) {
            series = "\(metric, labels)"
            self.values = values
        }

        /// One bucket of a histogram, or its count.
        init(_ metric: Metric, _ part: Query.Part, _ labels: String, _ values: String) {
            series = "\(metric, part, labels)"
            self.values = values
        }
    }

    init(
        _ name: String, _ severity: Severity, _ summary: String, window: Interval = .seconds(300),
        lasting: Interval, _ query: Query, _ runbook: Runbook, _ proof: Proof
    ) {
        self.name = name
        self.severity = severity
        self.summary = summary
        self.window = window
        self.lasting = lasting
        self.query = query
        self.runbook = runbook
        self.proof = proof
    }

    /// As GitHub derives it from the heading.
    public var anchor: String { name.lowercased() }

    public static let all = talking + upstream + remedies + spending + notify + process
}

/// Used by most proofs.
let acme = #"tenant="acme",model="gemini-live""#
let acmeLabels = [(name: "tenant", value: "acme"), (name: "model", value: "gemini-live")]
