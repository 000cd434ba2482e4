/// What one gemini connection knows of the journal. A handle holds a copy as of the time it was
/// issued: that is what a connection resumed with it will know.
struct Knowledge: Equatable, Sendable {
    /// Certain knowledge: part of a turn that ended whole, or said by the model.
    var known = IDSet()
    /// It was sent, without evidence that it arrived.
    var unsure = IDSet()

    /// Bytes kept.
    var size: Int { known.size + unsure.size }

    /// It was sent, or told in other words, here or to an earlier connection of the same memory.
    func has(_ id: Journal.ID) -> Bool { known.contains(id) || unsure.contains(id) }

    mutating func sent(_ id: Journal.ID) { unsure.insert(id) }

    /// A turn ended whole: everything sent through `id` is known.
    mutating func confirm(through id: Journal.ID) {
        for range in unsure.ranges where range.lowerBound <= id {
            known.insert(range.clamped(to: range.lowerBound..<id + 1))
        }
        unsure.removeAll(below: id + 1)
    }
}

/// A set of journal positions. Conversations progress in order, so a few ranges suffice, and almost
/// always only the last one changes, without an allocation.
struct IDSet: Equatable, Sendable {
    /// Sorted, disjoint and not adjacent.
    private(set) var ranges: [Range<Journal.ID>] = []

    init() {}
    init(_ range: Range<Journal.ID>) { insert(range) }

    var isEmpty: Bool { ranges.isEmpty }
    /// Bytes kept.
    var size: Int { Footprint.of(ranges.count, Range<Journal.ID>.self) }

    func contains(_ id: Journal.ID) -> Bool {
        let index = index(of: id)
        return index < ranges.count && ranges[index].contains(id)
    }

    /// The first range that ends after `id`.
    private func index(of id: Journal.ID) -> Int {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The greatest.
    var last: Journal.ID? { ranges.last.map { $0.upperBound - 1 } }

    mutating func insert(_ id: Journal.ID) {
        guard let last = ranges.last, last.upperBound == id else { return insert(id..<id + 1) }
        ranges[ranges.count - 1] = last.lowerBound..<id + 1
    }

    mutating func insert(_ range: Range<Journal.ID>) {
        guard !range.isEmpty else { return }
        guard let last = ranges.last else { return ranges.append(range) }
        if last.lowerBound <= range.lowerBound {
            if range.lowerBound > last.upperBound { return ranges.append(range) }
            let end = max(last.upperBound, range.upperBound)
            return ranges[ranges.count - 1] = last.lowerBound..<end
        }
        // The ranges it touches are merged with it.
        let first = index(of: range.lowerBound - 1)
        var (start, end, next) = (range.lowerBound, range.upperBound, first)
        while next < ranges.count, ranges[next].lowerBound <= range.upperBound {
            start = min(start, ranges[next].lowerBound)
            end = max(end, ranges[next].upperBound)
            next += 1
        }
        ranges.replaceSubrange(first..<next, with: CollectionOfOne(start..<end))
    }

    mutating func removeAll(below id: Journal.ID) {
        let first = index(of: id)
        if first < ranges.count, ranges[first].lowerBound < id {
            ranges[first] = id..<ranges[first].upperBound
        }
        if first < ranges.count { return ranges.removeSubrange(..<first) }
        // Everything, as at the end of most turns: the array's own method takes longer.
        while !ranges.isEmpty { ranges.removeLast() }
    }
}
