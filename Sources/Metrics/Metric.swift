/// A metric by its case, so that a misspelt name does not compile. What each one is called and
/// means stands in `Catalogue`.
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

    public var definition: Definition { Catalogue.all[rawValue] }

    /// What a metric is called and means.
    public struct Definition: Sendable {
        public let metric: Metric
        /// Without the prefix of its scope: `sessions_total`.
        public let name: String
        public let kind: Kind
        /// One sentence for people who read `/metrics`.
        public let help: String
        /// Label names in the order in which `Shard.series` takes their values.
        public let labels: [String]
        /// What each label may say; empty where only the caller bounds it. Any other value is
        /// counted under `Shard.rest`, so that no peer can make series without end.
        public let values: [[String]]
        /// Base unit, as the name's suffix says it.
        public let unit: Unit
        public let scope: Scope
        /// How one series in several shards becomes one.
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
        /// Upper bounds in ascending order, without `+Inf`; `reason` says why these.
        case histogram(bounds: [Double], reason: String)
    }

    public enum Unit: String, Sendable { case none, seconds, bytes, usd }

    public enum Scope: Sendable {
        /// Labels begin with `tenant` and `model`.
        case tenant
        /// Of this Turnkeeper as a whole.
        case service
        /// Of the operating system's process, under the names every Prometheus client uses.
        case process
    }

    public enum Merge: Sendable { case sum, maximum, minimum }
}
