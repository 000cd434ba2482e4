public import Basics
public import Policies

/// How long one model at one upstream takes to its first sound, over many sessions, and how long it
/// is therefore waited for.
///
/// Two kinds of answers teach it. Those no remedy preceded show the model's own pace: buckets, each a
/// tenth wider than the one before, of which the slowest in twenty counts. One that came long after a
/// remedy shows that the remedy did not help, or harmed: it raises a doubt, which slows the clocks down
/// until answers have shown the model's pace again. Nothing is believed beyond three times the
/// profile's clock: a model that is mute for longer is not slow, but sick.
public struct ResponseTimes: Equatable, Sendable {
    private var counts = [UInt32](repeating: 0, count: ResponseTimes.bounds.count + 1)
    private var total: UInt32 = 0
    /// The longest wait that a remedy did not shorten, fading with every answer since.
    private var doubt = Interval.zero

    /// Then all counts are halved, so that what was long ago weighs less than what is now.
    private static let generation: UInt32 = 400
    /// What the slowest are given on top.
    private static let margin = Interval.seconds(2)
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

    /// A first sound that no remedy preceded.
    public mutating func add(_ time: Interval) {
        let index = Self.bounds.firstIndex { time <= $0 } ?? Self.bounds.count
        counts[index] += 1
        total += 1
        doubt = max(min(time, doubt), Interval(nanoseconds: doubt.nanoseconds / 4 * 3))
        guard total >= Self.generation else { return }
        for index in counts.indices { counts[index] /= 2 }
        total = counts.reduce(0, +)
    }

    /// A first sound after a remedy: `time` from the question, `late` from the remedy. As fast as the
    /// model always is, and it was for the remedy; slower, and nobody can say.
    public mutating func add(_ time: Interval, late: Interval) {
        if total > 0, late <= slowest + Self.margin { return }
        doubt = max(doubt, time)
    }

    /// How long to wait for a first sound of a model with this profile.
    public func patience(_ profile: Profile) -> LearnedClocks {
        let most = profile.soft * Self.most
        let pace = max(slowest, doubt)
        let soft = pace == .zero ? profile.soft : max(profile.soft, min(pace, most) + Self.margin)
        // A nudge may have made it begin again; a model nobody has heard yet may be as slow as any.
        let again = total == 0 ? most : min(pace, most)
        let hard = max(profile.hard, soft + again + Self.margin)
        return LearnedClocks(soft: soft, hard: min(hard, profile.hard * Self.most))
    }

    /// 95 of a hundred are no slower; zero where nothing is known.
    private var slowest: Interval {
        guard total > 0 else { return .zero }
        var below = max(total - total / 20, 1)
        for (index, bound) in Self.bounds.enumerated() {
            if counts[index] >= below { return bound }
            below -= counts[index]
        }
        return .seconds(60)
    }
}

/// How long a model's first sound is waited for, as far as policy and profile leave it to what was
/// learned: to a nudge, and to another connection. The ladder has one nudge between them.
public struct LearnedClocks: Equatable, Sendable {
    public var soft: Interval
    public var hard: Interval

    public init(soft: Interval, hard: Interval) {
        self.soft = soft
        self.hard = hard
    }
}
