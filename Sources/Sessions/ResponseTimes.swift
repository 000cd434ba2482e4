public import Basics

/// How long one model at one upstream takes to its first sound, over many sessions, and how long to
/// wait for it.
///
/// It learns from two kinds of answers. Those without a remedy show the model's own pace: buckets,
/// each a tenth wider than the previous one; the slowest answer in twenty counts. An answer long
/// after a remedy shows that the remedy did not help, or set the work back: it raises a doubt,
/// which slows the clocks down and fades with every answer of the first kind. Nothing beyond three
/// times the profile's clock is learned: a model that is silent for longer is not slow, but stuck.
/// The pauses of a model in mid-answer, for a search or a calculation, are rare and certain: the
/// longest counts.
public struct ResponseTimes: Equatable, Sendable {
    private var counts = [UInt32](repeating: 0, count: ResponseTimes.bounds.count + 1)
    private var total: UInt32 = 0
    /// The longest wait that a remedy did not shorten, fading with every answer since.
    private var doubt = Interval.zero
    /// The longest pause of this generation of answers, and of the one before.
    private var pause = Interval.zero
    private var oldPause = Interval.zero

    /// Then all counts are halved, so that old values weigh less than new ones.
    private static let generation: UInt32 = 400
    /// Added to the time of the slowest.
    private static let margin = Interval.seconds(2)
    /// A multiple of the profile's clock.
    static let most: Int64 = 3

    /// Upper ends of the buckets: 100 ms to a minute.
    private static let bounds: [Interval] = {
        var bounds = [Interval.milliseconds(100)]
        while let last = bounds.last, last < .seconds(60) {
            bounds.append(Interval(nanoseconds: last.nanoseconds / 10 * 11))
        }
        return bounds
    }()

    public init() {}

    public mutating func hear(_ finding: ModelHealth.Finding) {
        switch finding {
        case .sounded(let time): add(time)
        case .soundedLate(let wait, let sinceRemedy, _):
            add(doubtful: wait, sinceRemedy: sinceRemedy)
        case .soundedAgain(let time):
            // Certain, and too rare to count among many fast answers.
            add(time)
            doubt = max(doubt, time)
        case .paused(let time): pause = max(pause, time)
        case .failed, .retired, .answered, .tried: break
        }
    }

    /// A first sound without a remedy, `time` after the question.
    public mutating func add(_ time: Interval) {
        let index = Self.bounds.firstIndex { time <= $0 } ?? Self.bounds.count
        counts[index] += 1
        total += 1
        doubt = max(min(time, doubt), Interval(nanoseconds: doubt.nanoseconds / 4 * 3))
        guard total >= Self.generation else { return }
        (oldPause, pause) = (pause, .zero)
        for index in counts.indices { counts[index] /= 2 }
        total = counts.reduce(0, +)
    }

    /// A first sound after a remedy. If it came as soon after as the model usually answers, it may
    /// be due to the remedy; if later, that is unclear.
    ///
    /// - Parameters:
    ///   - wait: The time the model may have taken for it.
    ///   - sinceRemedy: Time since the last remedy.
    public mutating func add(doubtful wait: Interval, sinceRemedy: Interval) {
        if total > 0, sinceRemedy <= slowest + Self.margin { return }
        doubt = max(doubt, wait)
    }

    /// Another process has learned that the model takes this long: believed until answers here show
    /// otherwise.
    public mutating func heard(_ pace: Interval) { doubt = max(doubt, pace) }

    /// The pace that other nodes may assume; zero without data.
    public var pace: Interval { max(slowest, doubt) }

    /// How long to wait for the first audio.
    ///
    /// - Parameter family: The values of the model's profile.
    public func clocks(family: LearnedClocks) -> LearnedClocks {
        let most = family.soft * Self.most
        let pace = min(self.pace, most)
        // Any model may be as slow as the slowest once, whatever is known about it: it is nudged in
        // time, and then given the time of the slowest, because the nudge may have made it begin
        // again.
        let soft = pace > .zero ? max(family.soft, pace + Self.margin) : family.soft
        let again = most + Self.margin
        let pause = max(pause, oldPause)
        return LearnedClocks(
            soft: soft, hard: min(max(family.hard, soft + again), family.hard * Self.most),
            frozen: pause > .zero ? min(pause + Self.margin, family.hard * Self.most) : .zero)
    }

    /// No answer has been observed yet.
    public var isUnheard: Bool { pace == .zero }

    /// For sessions that wait while another tries a remedy on a model without history.
    public static func patient(_ family: LearnedClocks) -> LearnedClocks {
        let soft = family.soft * most + margin
        return LearnedClocks(soft: soft, hard: max(family.hard, min(soft * 2, family.hard * most)))
    }

    /// The 95th percentile; zero without data.
    public var slowest: Interval {
        guard total > 0 else { return .zero }
        var below = max(total - total / 20, 1)
        for (index, bound) in Self.bounds.enumerated() {
            if counts[index] >= below { return bound }
            below -= counts[index]
        }
        return .seconds(60)
    }
}

/// How long to wait for a model's first sound, if the policy says `profile`: until a nudge, and
/// until the turn is moved to another connection.
public struct LearnedClocks: Equatable, Sendable {
    public var soft: Interval
    public var hard: Interval
    /// How long a pause within an answer may be, if longer than the profile's clock.
    public var frozen: Interval

    public init(soft: Interval, hard: Interval, frozen: Interval = .zero) {
        self.soft = soft
        self.hard = hard
        self.frozen = frozen
    }
}
