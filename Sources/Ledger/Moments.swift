public import Basics

extension WallTime {
    /// A day, a time in UTC, or an age relative to `now`: `2026-11-21`, `2026-11-21T08:30`,
    /// `today`, `yesterday` (their beginning, UTC), `30m`, `24h`, `7d`; nil for anything else.
    public init?(_ text: String, before now: WallTime) {
        if let moment = WallTime(text) {
            self = moment
            return
        }
        for (word, days) in [("today", Int64(0)), ("yesterday", 1)] where text == word {
            self.init(dayNumber: now.dayNumber - days)
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
