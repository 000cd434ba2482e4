/// What a tenant has spent on one day: here, and elsewhere as far as that is known. In millionths of
/// a dollar.
public struct DayBudget: Equatable, Sendable {
    /// Counted from 1970.
    public private(set) var day: Int64 = 0
    /// By this process.
    public private(set) var spent: Int64 = 0
    /// By other processes, as of when they were last heard of; and at least what was known at the
    /// start, of all before.
    private var others: Int64 = 0
    private var before: Int64 = 0
    /// What this one had spent when others were last heard of.
    private var heardAt: Int64 = 0
    /// The sum when it was last compared with a budget.
    private var noted: Int64 = 0
    /// Of `spent`, what others can know.
    private var written: Int64 = 0

    private var elsewhere: Int64 { max(others, before) }
    public var total: Int64 { spent.addingSaturated(elsewhere) }
    /// nil if others can know it.
    public var unwritten: Int64? { spent == written ? nil : spent }

    public mutating func turn(to day: Int64) {
        if self.day != day { self = DayBudget(day: day) }
    }

    public init(day: Int64 = 0) { self.day = day }

    /// - Returns: What was spent before, as far as this process has seen, and after.
    public mutating func spend(_ cost: Int64) -> (before: Int64, after: Int64) {
        defer { noted = total }
        let before = noted
        spent = max(0, spent.addingSaturated(cost))
        return (before, total)
    }

    /// At least so much was spent before the start: by this process if it shares with none.
    public mutating func restore(_ cost: Int64, isShared: Bool) {
        if isShared { before = max(before, cost) } else { spent = max(spent, cost) }
        noted = total
    }

    public mutating func hear(others cost: Int64) {
        others = cost
        // Whoever spent it has compared it. What both have spent at once, nobody has.
        if spent == heardAt { noted = total }
        heardAt = spent
    }

    public mutating func wrote(_ cost: Int64) { written = cost }

    /// Whether it is used up; on a process that is cut off, its share of what was left.
    /// - Parameter processes: Of the service, this one included; nil unless it is cut off from them.
    public func hasSpent(_ most: Int64, cutOffAmong processes: Int?) -> Bool {
        guard total < most else { return true }
        return processes.map { hasSpentShare(of: most, among: $0) } ?? false
    }

    /// Whether this process, cut off from so many others, has spent its share of what was left when
    /// it last heard of them.
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
