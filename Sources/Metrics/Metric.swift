/// Metrics as cases, so that a misspelt name does not compile. `Catalogue` has their names and
/// meanings.
public enum Metric: Int, CaseIterable, Hashable, Sendable {
    case sessionsActive
    case sessions
    case turns
    case firstAudio
    case recovery
    case stalls
    case nudges
    case reconnects
    case geminiCloses
    case clientCloses
    case rules
    case limits
    case refusals
    case restRequests
    case warm
    case tokens
    case cost
    case audio
    case bytes
    case messages
    case forward
    case geminiRoundTrip
    case toolCalls
    case breakerOpen
    case budget
    case budgetUsed
    case policyReload
    case buffered
    case memoryUsed
    case memoryBound
    case unopened
    case ledgerQueue
    case ledgerLost
    case ledgerWell
    case conversationsWaiting
    case conversationsOldest
    case conversationsDelay
    case conversationsLost
    case notifyQueue
    case notifyAttempts
    case notifyLost
    case logLost
    case workerSessions
    case workerCPU
    case build
    case eventReaders
    case eventReadersDropped
    case processStart
    case processCPU
    case processResident
    case processOpenFiles
    case processMaximumFiles

    /// Whether it is of a tenant as a whole: then its label `model` is empty.
    var isOfAllModels: Bool {
        switch self {
        case .restRequests, .warm, .budget, .budgetUsed, .notifyQueue, .notifyAttempts,
            .notifyLost:
            true
        default: false
        }
    }

    public var definition: Definition { Catalogue.all[rawValue] }

    /// A metric's name and meaning.
    public struct Definition: Sendable {
        public let metric: Metric
        /// Without the prefix of its scope: `sessions_total`.
        public let name: String
        public let kind: Kind
        /// One sentence for readers of `/metrics`.
        public let help: String
        /// Label names, in the order in which `Shard.series` takes their values.
        public let labels: [String]
        /// The permitted values of each label; empty if only the caller limits them. Any other
        /// value is counted as `Shard.rest`, so that no peer can create unlimited series.
        public let values: [[String]]
        /// Base unit, as in the name's suffix.
        public let unit: Unit
        public let scope: Scope
        /// How the series of several shards are merged.
        public let merge: Merge

        /// As Prometheus sees it: `turnkeeper_sessions_total`.
        public var fullName: String {
            switch scope {
            case .tenant, .service: "turnkeeper_" + name
            case .process: "process_" + name
            }
        }
    }

    public enum Kind: Equatable, Sendable {
        case counter
        case gauge
        /// Upper bounds in ascending order, without `+Inf`; `reason` explains them.
        case histogram(bounds: [Double], reason: String)
    }

    public enum Unit: String, Sendable { case none, seconds, bytes, usd }

    public enum Scope: Sendable {
        /// Labels begin with `tenant` and `model`.
        case tenant
        /// About this Turnkeeper as a whole.
        case service
        /// About the operating system process, under the names that every Prometheus client uses.
        case process
    }

    public enum Merge: Sendable { case sum, maximum, minimum }
}
