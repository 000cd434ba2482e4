public import Basics
import Policies

/// How long one model at one upstream takes to its first sound, over many sessions: buckets, each a
/// tenth wider than the one before, so that a percentile is right to a tenth.
public struct ResponseTimes: Equatable, Sendable {
    private var counts = [UInt32](repeating: 0, count: ResponseTimes.bounds.count + 1)
    private var total: UInt32 = 0

    /// Fewer samples say nothing of the slowest in a hundred.
    private static let enough: UInt32 = 20
    /// Then all counts are halved, so that what was long ago weighs less than what is now.
    private static let generation: UInt32 = 2000
    /// What the slowest in a hundred are given on top.
    private static let margin = Interval.seconds(2)
    /// A model that has become this much slower than its family is not slow, but sick.
    private static let most: Int64 = 3

    /// Upper ends of the buckets: 100 ms to a minute.
    private static let bounds: [Interval] = {
        var bounds = [Interval.milliseconds(100)]
        while let last = bounds.last, last < .seconds(60) {
            bounds.append(Interval(nanoseconds: last.nanoseconds / 10 * 11))
        }
        return bounds
    }()

    public init() {}

    public mutating func add(_ time: Interval) {
        let index = Self.bounds.firstIndex { time <= $0 } ?? Self.bounds.count
        counts[index] += 1
        total += 1
        guard total >= Self.generation else { return }
        for index in counts.indices { counts[index] /= 2 }
        total = counts.reduce(0, +)
    }

    /// How long to wait for a first sound before the model counts as mute; `nil` while too little
    /// is known.
    ///
    /// - Parameter family: the same from the model's profile.
    public func soft(family: Interval) -> Interval? {
        guard total >= Self.enough else { return nil }
        return min(max(family, slowest + Self.margin), family * Self.most)
    }

    /// 99 of a hundred are no slower.
    private var slowest: Interval {
        var below = total - total / 100
        for (index, bound) in Self.bounds.enumerated() {
            if counts[index] >= below { return bound }
            below -= counts[index]
        }
        return .seconds(60)
    }
}
