/// One worker's numbers. Counting is an addition at an index: callers request a `SeriesID` once
/// (when a session opens, not for every message) and keep it.
public struct Shard: ~Copyable {
    /// At most this many label sets per metric; further ones are counted with tenant and model
    /// `other`. 200 tenants with three models each and 14 kinds of message fit in; a label set
    /// costs the scraper about 3 KB of memory for as long as it remembers it.
    public static let defaultLabelSets = 10_000

    /// Replaces label values that the catalogue does not permit or that exceed the limit.
    public static let rest = "other"

    /// All series, one after another. `Double` for counts, too: exact up to 2^53, which the bytes
    /// of one worker reach after 28 years at 10 MB/s.
    @usableFromInline var cells: [Double] = []
    private var series: [Snapshot.Entry] = []
    private var index: [[[String]: SeriesID]]
    /// The bounds of all histograms, each followed by infinity, and where those of each metric
    /// begin.
    private let bounds: [Double]
    private let firstBound: [Int]
    private let labelSets: Int

    public init(labelSets: Int = Shard.defaultLabelSets) {
        self.labelSets = max(1, labelSets)
        index = Array(repeating: [:], count: Metric.allCases.count)
        var (bounds, first): ([Double], [Int]) = ([], [])
        for definition in Catalogue.all {
            first.append(bounds.count)
            if case .histogram(let own, _) = definition.kind { bounds += own + [.infinity] }
        }
        (self.bounds, firstBound) = (bounds, first)
        cells.reserveCapacity(4096)
    }

    /// The position of a metric's numbers under these label values, in the order of
    /// `Metric.Definition.labels`. Allocates if the label set is new: not for the message path.
    public mutating func series(_ metric: Metric, _ labels: [String] = []) -> SeriesID {
        let definition = metric.definition
        precondition(
            labels.count == definition.labels.count,
            "\(definition.fullName) takes labels \(definition.labels), not \(labels.count) values")
        if let known = index[metric.rawValue][labels] { return known }
        let bounded = zip(labels, definition.values).map { label, values in
            values.isEmpty || values.contains(label) ? label : Self.rest
        }
        if bounded != labels, let known = index[metric.rawValue][bounded] { return known }
        guard index[metric.rawValue].count >= labelSets else { return create(metric, bounded) }
        // Labels that the catalogue limits stay distinct, so a few more than the limit are
        // possible.
        let crowd = zip(bounded, definition.values).map { $1.isEmpty ? Self.rest : $0 }
        return index[metric.rawValue][crowd] ?? create(metric, crowd)
    }

    /// Creates series with zeros where facts about a tenant's model will be counted: a counter that
    /// appears with its first event has no rate, and an alert would miss that event. Metrics with
    /// many label sets appear as they are used, unless alerts use them.
    public mutating func prepare(tenant: String, model: String) {
        for definition in Catalogue.all
        where definition.scope == .tenant && !definition.metric.isOfAllModels {
            let sets = definition.prepared
            // Zeros leave room for what is counted.
            guard index[definition.metric.rawValue].count + sets.count <= labelSets / 2 else {
                continue
            }
            for set in sets { _ = series(definition.metric, [tenant, model] + set) }
        }
    }

    private mutating func create(_ metric: Metric, _ labels: [String]) -> SeriesID {
        let width: Int
        switch metric.definition.kind {
        case .counter, .gauge: width = 1
        // A count per bound, one for values above the last, and the sum.
        case .histogram(let bounds, _): width = bounds.count + 2
        }
        let id = SeriesID(
            cell: Int32(cells.count), width: Int32(width),
            bounds: Int32(firstBound[metric.rawValue]))
        cells.append(contentsOf: repeatElement(0, count: width))
        series.append(Snapshot.Entry(metric: metric, labels: labels, start: Int(id.cell), width))
        index[metric.rawValue][labels] = id
        return id
    }

    /// Increments a counter, or moves a gauge by a positive or negative amount.
    @inlinable @inline(__always)
    public mutating func add(_ amount: Double, to id: SeriesID) {
        cells[Int(id.cell)] += amount
    }

    @inlinable @inline(__always)
    public mutating func increment(_ id: SeriesID) {
        cells[Int(id.cell)] += 1
    }

    /// Replaces the value of a gauge, or of a counter that is kept elsewhere (CPU time).
    public mutating func set(_ value: Double, at id: SeriesID) {
        cells[Int(id.cell)] = value
    }

    /// Adds one value to a histogram.
    public mutating func observe(_ value: Double, in id: SeriesID) {
        // The first bound that is not below the value; the last one is infinite. From below: what
        // is observed with every message is in one of the first few.
        let first = Int(id.bounds)
        var bound = first
        while value > bounds[bound] { bound &+= 1 }
        var all = cells.mutableSpan
        all[Int(id.cell) + bound - first] += 1
        all[Int(id.cell + id.width) - 1] += value
    }

    /// A copy that may leave the worker's thread. Costs one allocation, of 8 bytes per number.
    public func snapshot() -> Snapshot {
        // `map`, because plain assignment would share the storage and make the next increment copy
        // it.
        Snapshot(entries: series, cells: cells.map { $0 })
    }
}

/// The position of a series' numbers in the `Shard` that issued it; meaningless in another one.
public struct SeriesID: Hashable, BitwiseCopyable, Sendable {
    @usableFromInline let cell: Int32
    /// The number of cells of the series.
    fileprivate let width: Int32
    /// Where a histogram's bounds begin.
    fileprivate let bounds: Int32
}
