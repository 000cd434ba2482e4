/// What a tenant has spent on one day, in millionths of a dollar: in this process and, as far as it
/// is known here, in others.
public struct DayBudget: Equatable, Sendable {
    /// Counted from 1970.
    public private(set) var day: Int64 = 0
    /// By this process.
    public private(set) var spent: Int64 = 0
    /// `others` is what other processes had spent when they were last heard from. `before` is a
    /// lower bound for it: what all earlier processes had spent, as far as was known at the start.
    private var others: Int64 = 0
    private var before: Int64 = 0
    /// What this process had spent when it last heard from the others.
    private var heardAt: Int64 = 0
    /// The sum when it was last compared with a budget.
    private var noted: Int64 = 0
    /// The part of `spent` that others can read.
    private var written: Int64 = 0

    private var elsewhere: Int64 { max(others, before) }
    public var total: Int64 { spent.addingSaturated(elsewhere) }
    /// The sum to write; nil if others can read all of it.
    public var unwritten: Int64? { spent == written ? nil : spent }

    public mutating func turn(to day: Int64) {
        if self.day != day { self = DayBudget(day: day) }
    }

    public init(day: Int64 = 0) { self.day = day }

    /// - Returns: The sum when it was last compared with a budget, and the sum now.
    public mutating func spend(_ cost: Int64) -> (before: Int64, after: Int64) {
        defer { noted = total }
        let before = noted
        spent = max(0, spent.addingSaturated(cost))
        return (before, total)
    }

    /// At least this much was spent before the start: by this process, if it shares with no other.
    public mutating func restore(_ cost: Int64, isShared: Bool) {
        if isShared { before = max(before, cost) } else { spent = max(spent, cost) }
        noted = total
    }

    public mutating func hear(others cost: Int64) {
        others = cost
        // The process that spent it has compared the sum with the budget. If both have spent at the
        // same time, neither has seen the whole sum.
        if spent == heardAt { noted = total }
        heardAt = spent
    }

    public mutating func wrote(_ cost: Int64) { written = cost }

    /// Whether the budget is used up; if this process is cut off, whether it has used its share of
    /// the rest.
    /// - Parameter processes: The number in the service, including this one; nil unless this one is
    ///   cut off from them.
    public func hasSpent(_ most: Int64, cutOffAmong processes: Int?) -> Bool {
        guard total < most else { return true }
        return processes.map { hasSpentShare(of: most, among: $0) } ?? false
    }

    /// Whether this process, now cut off, has spent its share of what was left when it last heard
    /// from the others.
    public func hasSpentShare(of most: Int64, among processes: Int) -> Bool {
        spent - heardAt >= (most - heardAt - elsewhere) / Int64(processes)
    }
}

extension Int64 {
    public func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, hasOverflowed) = addingReportingOverflow(other)
        return hasOverflowed ? (other > 0 ? .max : .min) : sum
    }
}
