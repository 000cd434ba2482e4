import Basics

/// Reports a clock that is more than a minute off the database's, and again when the difference has
/// changed by another minute.
struct ClockWatch {
    /// The difference last reported, in seconds; 0 if none was.
    private var told: Int64 = 0
    private static let most: Int64 = 60

    mutating func notice(behind: Interval) -> String? {
        let apart = behind.nanoseconds / 1_000_000_000
        guard abs(apart) > Self.most else {
            told = 0
            return nil
        }
        guard abs(apart - told) > Self.most else { return nil }
        told = apart
        return "this machine's clock is \(abs(apart)) s \(apart > 0 ? "behind" : "ahead of") "
            + "the database's"
    }
}
