/// What other processes have spent for tenants on one day, as last read.
public struct OtherSpending: Equatable, Sendable {
    /// Counted from 1970.
    public let day: Int64
    /// Everything that transactions before this one have written has been read.
    public private(set) var horizon: Int64 = 0
    /// By tenant and process.
    private var rows: [String: [String: Int64]] = [:]

    public init(day: Int64) { self.day = day }

    /// - Parameters:
    ///   - changes: The rows that other processes' transactions have written since `horizon`.
    ///   - next: When they were read, all transactions before this one had ended.
    public mutating func hear(
        _ changes: [(tenant: String, process: String, cost: Int64)], upTo next: Int64
    ) {
        for change in changes {
            rows[change.tenant, default: [:]][change.process] = change.cost
        }
        horizon = next
    }

    /// By tenant, in millionths of a dollar.
    public var sums: [String: Int64] {
        rows.mapValues { $0.values.reduce(0) { $0.addingSaturated($1) } }
    }
}
