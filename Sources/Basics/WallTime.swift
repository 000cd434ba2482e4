/// A moment as people and ledgers read it: nanoseconds since 1970, UTC. The caller reads the clock.
public struct WallTime: Hashable, Comparable, BitwiseCopyable, Sendable, CustomStringConvertible {
    public var nanoseconds: Int64

    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    @inlinable public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }
    @inlinable public static func + (a: Self, b: Interval) -> Self {
        Self(nanoseconds: a.nanoseconds &+ b.nanoseconds)
    }
    @inlinable public static func - (a: Self, b: Interval) -> Self {
        Self(nanoseconds: a.nanoseconds &- b.nanoseconds)
    }
    @inlinable public static func - (a: Self, b: Self) -> Interval {
        Interval(nanoseconds: a.nanoseconds &- b.nanoseconds)
    }

    /// RFC 3339 in UTC with milliseconds: `2026-11-21T04:05:06.789Z`.
    public var description: String {
        let seconds = nanoseconds.quotient(flooring: 1_000_000_000)
        let days = seconds.quotient(flooring: 86_400)
        let second = seconds - days * 86_400
        let millisecond = (nanoseconds - seconds * 1_000_000_000) / 1_000_000
        return "\(Self.day(days))T\(pad(second / 3600, 2)):\(pad(second / 60 % 60, 2)):"
            + "\(pad(second % 60, 2)).\(pad(millisecond, 3))Z"
    }

    /// `2026-11-21`.
    public var day: String { Self.day(dayNumber) }

    /// The number of its UTC day, counted from 1970.
    public var dayNumber: Int64 { nanoseconds.quotient(flooring: Interval.day.nanoseconds) }

    /// The moment at which a UTC day, counted from 1970, begins.
    public init(dayNumber: Int64) { self.init(nanoseconds: dayNumber * Interval.day.nanoseconds) }

    /// `2026-11-21`, `2026-11-21T04:05`, `2026-11-21T04:05:06` or `2026-11-21T04:05:06.789`, with
    /// or without a `Z`; nil for anything else.
    public init?(_ text: String) {
        var fields = Fields(text)
        guard let year = fields.number(4), fields.skip("-"), let month = fields.number(2),
            fields.skip("-"), let day = fields.number(2), (1...12).contains(month),
            (1...31).contains(day), (1970...2200).contains(year)
        else { return nil }
        let date = Self.days(year, month, day)
        let nextMonth = Self.days(year + month / 12, month % 12 + 1, 1)
        guard date < nextMonth else { return nil }
        var seconds = date * 86_400
        var milliseconds: Int64 = 0
        if fields.skip("T") {
            guard let hour = fields.number(2), fields.skip(":"), let minute = fields.number(2),
                hour < 24, minute < 60
            else { return nil }
            seconds += hour * 3600 + minute * 60
            if fields.skip(":") {
                guard let second = fields.number(2), second < 60 else { return nil }
                seconds += second
                if fields.skip(".") {
                    guard let fraction = fields.number(3) else { return nil }
                    milliseconds = fraction
                }
            }
            _ = fields.skip("Z")
        }
        guard fields.isEmpty else { return nil }
        nanoseconds = seconds * 1_000_000_000 + milliseconds * 1_000_000
    }

    private struct Fields {
        private var rest: Substring.UTF8View

        init(_ text: String) { rest = text[...].utf8 }

        var isEmpty: Bool { rest.isEmpty }

        mutating func number(_ digits: Int) -> Int64? {
            var value: Int64 = 0
            for _ in 0..<digits {
                guard let byte = rest.first, case let digit = byte &- 0x30, digit < 10 else {
                    return nil
                }
                value = value * 10 + Int64(digit)
                rest.removeFirst()
            }
            return value
        }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }
    }

    private static func day(_ day: Int64) -> String {
        let (year, month, day) = civil(day)
        return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))"
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

    /// The inverse (`days_from_civil`).
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = year.quotient(flooring: 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

private func pad(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

extension Int64 {
    fileprivate func quotient(flooring divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
    }
}
