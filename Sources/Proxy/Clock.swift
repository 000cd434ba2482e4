import CLinux

/// Wall-clock time as people and ledgers read it.
public enum Clock {
    /// RFC 3339 in UTC with milliseconds: `2026-11-21T04:05:06.789Z`.
    public static func timestamp(_ nanoseconds: Int64) -> String {
        let seconds = nanoseconds.quotient(flooring: 1_000_000_000)
        let days = seconds.quotient(flooring: 86_400)
        let (year, month, day) = civil(days)
        let second = seconds - days * 86_400
        let millisecond = (nanoseconds - seconds * 1_000_000_000) / 1_000_000
        return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T\(pad(second / 3600, 2)):"
            + "\(pad(second / 60 % 60, 2)):\(pad(second % 60, 2)).\(pad(millisecond, 3))Z"
    }

    /// The Gregorian date of a day counted from 1970 (Howard Hinnant's `civil_from_days`).
    private static func civil(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let z = day + 719_468
        let era = z.quotient(flooring: 146_097)
        let dayOfEra = z - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func pad(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Int64 {
    fileprivate func quotient(flooring divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
    }
}
