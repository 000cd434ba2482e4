import Basics

/// Tells of a clock that is a minute off the database's, and again when it has moved by another.
struct ClockWatch {
    /// As told, in seconds; 0: nothing is to be told.
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
