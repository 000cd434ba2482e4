/// The numbers of one or several shards at one moment.
public struct Snapshot: Sendable {
    struct Entry: Sendable {
        var metric: Metric
        var labels: [String]
        /// Its cells: one number; for a histogram a count per bound, the count above, and the sum.
        var cells: Range<Int>

        init(metric: Metric, labels: [String], start: Int, _ width: Int) {
            self.metric = metric
            self.labels = labels
            cells = start..<start + width
        }
    }

    var entries: [Entry] = []
    var cells: [Double] = []

    init(entries: [Entry], cells: [Double]) {
        self.entries = entries
        self.cells = cells
    }

    /// Merges the numbers of several workers, each metric by its own rule.
    public init(merging snapshots: [Snapshot]) {
        var places: [Key: Int] = [:]
        for snapshot in snapshots {
            for entry in snapshot.entries {
                let key = Key(metric: entry.metric, labels: entry.labels)
                if let place = places[key] {
                    combine(snapshot.cells[entry.cells], into: entries[place])
                } else {
                    places[key] = entries.count
                    entries.append(
                        Entry(
                            metric: entry.metric, labels: entry.labels, start: cells.count,
                            entry.cells.count))
                    cells.append(contentsOf: snapshot.cells[entry.cells])
                }
            }
        }
    }

    private struct Key: Hashable {
        var metric: Metric
        var labels: [String]
    }

    private mutating func combine(_ values: ArraySlice<Double>, into entry: Entry) {
        for (cell, value) in zip(entry.cells, values) {
            switch entry.metric.definition.merge {
            case .sum: cells[cell] += value
            case .maximum: cells[cell] = max(cells[cell], value)
            case .minimum: cells[cell] = min(cells[cell], value)
            }
        }
    }

    /// The value of a counter or gauge, or the number of values in a histogram; nil if the series
    /// does not exist. For tests and status pages; walks all series.
    public func value(_ metric: Metric, _ labels: [String] = []) -> Double? {
        guard let entry = entries.first(where: { $0.metric == metric && $0.labels == labels })
        else { return nil }
        if case .histogram = metric.definition.kind {
            return cells[entry.cells.dropLast()].reduce(0, +)
        }
        return cells[entry.cells.lowerBound]
    }

    /// The sum of a counter or gauge over all label sets whose labels have the given values.
    public func total(_ metric: Metric, where wanted: [String: String] = [:]) -> Double {
        let names = metric.definition.labels
        return entries.reduce(0) { sum, entry in
            guard entry.metric == metric else { return sum }
            let matches = zip(names, entry.labels).allSatisfy { name, value in
                wanted[name].map { $0 == value } ?? true
            }
            guard matches else { return sum }
            if case .histogram = metric.definition.kind {
                return sum + cells[entry.cells.dropLast()].reduce(0, +)
            }
            return sum + cells[entry.cells.lowerBound]
        }
    }
}
