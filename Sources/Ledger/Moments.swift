public import Basics

extension WallTime {
    /// A day, a moment in UTC, or how long before `now`: `2026-11-21`, `2026-11-21T08:30`, `30m`,
    /// `24h`, `7d`; nil for anything else.
    public init?(_ text: String, before now: WallTime) {
        if let moment = WallTime(text) {
            self = moment
            return
        }
        for (unit, length) in [("m", Int64(60)), ("h", 3600), ("d", 86_400)] {
            guard text.hasSuffix(unit), let count = Int64(text.dropLast()),
                (0...100_000).contains(count)
            else { continue }
            self = now - .seconds(count * length)
            return
        }
        return nil
    }
}
