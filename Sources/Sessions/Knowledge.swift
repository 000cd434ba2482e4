/// What one gemini connection knows of the journal. A handle holds a copy of it as it was when the
/// handle came: that is what a connection resumed with it will know.
struct Knowledge: Equatable, Sendable {
    /// Surely: it was part of a turn that ended whole, or the model said it.
    var known = IDSet()
    /// It was sent, and nothing shows that it arrived.
    var unsure = IDSet()

    mutating func sent(_ id: Journal.ID) { unsure.insert(id) }

    /// A turn ended whole: what was sent before `id`, and the reply itself, is known.
    mutating func confirm(through id: Journal.ID) {
        known.formUnion(unsure.below(id + 1))
        known.insert(id)
        unsure.removeAll(below: id + 1)
    }
}

/// A set of journal positions. Conversations are told in order, so that a few ranges say it all.
struct IDSet: Equatable, Sendable {
    /// Sorted, disjoint and not adjacent.
    private(set) var ranges: [Range<Journal.ID>] = []

    init() {}
    init(_ range: Range<Journal.ID>) { if !range.isEmpty { ranges = [range] } }

    var isEmpty: Bool { ranges.isEmpty }

    func contains(_ id: Journal.ID) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= id { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(id)
    }

    mutating func insert(_ id: Journal.ID) {
        // Nearly always the next one.
        if let last = ranges.last, last.upperBound == id {
            ranges[ranges.count - 1] = last.lowerBound..<id + 1
            return
        }
        guard !contains(id) else { return }
        formUnion(IDSet(id..<id + 1))
    }

    mutating func formUnion(_ other: IDSet) {
        guard !other.isEmpty else { return }
        var merged: [Range<Journal.ID>] = []
        for range in (ranges + other.ranges).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] =
                    last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        ranges = merged
    }

    func below(_ id: Journal.ID) -> IDSet {
        var set = IDSet()
        for range in ranges where range.lowerBound < id {
            set.ranges.append(range.lowerBound..<min(range.upperBound, id))
        }
        return set
    }

    mutating func removeAll(below id: Journal.ID) {
        ranges = ranges.compactMap { range in
            range.upperBound <= id ? nil : max(range.lowerBound, id)..<range.upperBound
        }
    }
}
