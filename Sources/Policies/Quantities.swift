import Basics

extension Format<Interval> {
    /// `300ms`, `1.2s`, `10m`, `2h`.
    static func duration(_ range: ClosedRange<Interval>) -> Format {
        scalar(
            "duration, \(show(range.lowerBound)) to \(show(range.upperBound))",
            expecting: "a duration such as 300ms, 1.2s, 10m or 2h", isText: true, show: show
        ) { text throws(Wrong) in
            let number = try Number(text, of: "duration")
            try number.refuseBare(["s", "ms", "m", "h"], units, range.nanoseconds)
            guard let unit = units[number.unit] else {
                let meant = synonyms[number.unit.lowercased()]
                throw .because(
                    "unknown unit \(excerpt(number.unit)); a duration ends in ms, s, m or h"
                        + (meant.map { "; did you mean \(number.digits)\($0)?" } ?? ""))
            }
            guard let nanoseconds = number.scaled(by: unit),
                range.contains(Interval(nanoseconds: nanoseconds))
            else { throw outOfRange(text, show(range.lowerBound), show(range.upperBound)) }
            return Interval(nanoseconds: nanoseconds)
        }
    }

    private static let units: [String: Int64] = [
        "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000, "h": 3_600_000_000_000,
    ]
    private static let synonyms = [
        "msec": "ms", "millis": "ms", "sec": "s", "secs": "s", "second": "s", "seconds": "s",
        "min": "m", "mins": "m", "minute": "m", "minutes": "m", "hr": "h", "hrs": "h",
        "hour": "h", "hours": "h",
    ]

    /// In the largest unit that people would choose: 60s, but 10m and 2h.
    static func show(_ interval: Interval) -> String {
        let nanoseconds = interval.nanoseconds
        if nanoseconds > 0, nanoseconds % 3_600_000_000_000 == 0 {
            return "\(nanoseconds / 3_600_000_000_000)h"
        }
        if nanoseconds > 60_000_000_000, nanoseconds % 60_000_000_000 == 0 {
            return "\(nanoseconds / 60_000_000_000)m"
        }
        return nanoseconds < 1_000_000_000
            ? decimalText(nanoseconds, per: 1_000_000) + "ms"
            : decimalText(nanoseconds, per: 1_000_000_000) + "s"
    }
}

extension Format<Int> {
    /// A whole number without a unit.
    static func count(_ range: ClosedRange<Int>) -> Format {
        scalar(
            "whole number, \(range.lowerBound) to \(range.upperBound)", expecting: "a whole number",
            show: { "\($0)" }
        ) { text throws(Wrong) in
            guard isDigits(text) else {
                if pointed(text) != nil {
                    throw .because(
                        "thousands are not separated, and a whole number has no decimals: found "
                            + excerpt(text))
                }
                guard text.hasPrefix("-"), isDigits(text.dropFirst()) else { throw .kind }
                throw outOfRange(text, "\(range.lowerBound)", "\(range.upperBound)")
            }
            guard let value = Int(text), range.contains(value) else {
                throw outOfRange(text, "\(range.lowerBound)", "\(range.upperBound)")
            }
            return value
        }
    }

    /// `512B`, `64KiB`, `2MiB`, `1GiB`.
    static func size(_ range: ClosedRange<Int>) -> Format {
        scalar(
            "size, \(show(size: range.lowerBound)) to \(show(size: range.upperBound))",
            expecting: "a size such as 64KiB or 2MiB", isText: true, show: show(size:)
        ) { text throws(Wrong) in
            let number = try Number(text, of: "size")
            try number.refuseBare(
                ["B", "KiB", "MiB"], units, Int64(range.lowerBound)...Int64(range.upperBound))
            guard let unit = units[number.unit] else {
                let meant = number.unit.first.flatMap { synonyms[$0.lowercased()] }
                throw .because(
                    "unknown unit \(excerpt(number.unit)); a size ends in B, KiB, MiB or GiB"
                        + (meant.map { "; did you mean \(number.digits)\($0)?" } ?? ""))
            }
            guard number.fractionDigits == 0 else {
                throw .because("a size is a whole number of its unit, found \(excerpt(text))")
            }
            guard let bytes = number.scaled(by: unit), let value = Int(exactly: bytes),
                range.contains(value)
            else {
                throw outOfRange(text, show(size: range.lowerBound), show(size: range.upperBound))
            }
            return value
        }
    }

    private static let units: [String: Int64] = [
        "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
    ]
    private static let synonyms = ["b": "B", "k": "KiB", "m": "MiB", "g": "GiB"]

    private static func show(size: Int) -> String {
        for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")]
        where size > 0 && size % (1 << shift) == 0 {
            return "\(size >> shift)\(unit)"
        }
        return "\(size)B"
    }
}

extension Format<Int64> {
    static func tokens(_ range: ClosedRange<Int64>) -> Format {
        let whole = Format<Int>.count(
            Int(clamping: range.lowerBound)...Int(clamping: range.upperBound))
        return Format(
            name: whole.name, expectation: whole.expectation,
            read: { whole.read($0, $1, &$2).map(Int64.init) }, show: { "\($0)" })
    }

    /// Dollars with up to six decimals, kept in millionths.
    static func dollars(_ range: ClosedRange<Int64>) -> Format {
        let least = show(microUSD: range.lowerBound)
        let most = show(microUSD: range.upperBound)
        return scalar(
            "US dollars, \(least) to \(most)", expecting: "an amount in US dollars such as 2.50",
            show: show(microUSD:)
        ) { text throws(Wrong) in
            if text.hasPrefix("$") { throw .because("write the amount without the dollar sign") }
            let number = try Number(text, of: "amount")
            guard number.unit.isEmpty else { throw .kind }
            guard let value = number.scaled(by: 1_000_000), range.contains(value) else {
                throw outOfRange(text, least, most)
            }
            return value
        }
    }

    private static func show(microUSD: Int64) -> String { decimalText(microUSD, per: 1_000_000) }
}

extension Format<Double> {
    /// A decimal number with up to six decimals.
    static func decimal(_ range: ClosedRange<Int64>, _ name: String) -> Format {
        let micro = Format<Int64>.dollars(
            range.lowerBound * 1_000_000...range.upperBound * 1_000_000)
        return Format(
            name: "\(name), \(range.lowerBound) to \(range.upperBound)", expectation: "a number",
            read: { micro.read($0, $1, &$2).map { Double($0) / 1e6 } },
            show: { micro.show(Int64($0 * 1e6 + 0.5)) })
    }
}

/// Digits, perhaps a fraction, and whatever follows.
private struct Number {
    var whole: Int64
    var fraction: Int64 = 0
    var fractionDigits = 0
    /// As written, without the unit.
    var digits: String
    var unit: String

    /// Throws if `text` does not begin with a number.
    init(_ text: String, of what: String) throws(Wrong) {
        let bytes = Array(text.utf8)
        let end = bytes.firstIndex { !($0 == UInt8(ascii: ".") || isDigit($0)) } ?? bytes.count
        digits = String(decoding: bytes[..<end], as: UTF8.self)
        unit = String(decoding: bytes[end...], as: UTF8.self)
        guard !digits.isEmpty else {
            if bytes.first == UInt8(ascii: "-"), bytes.dropFirst().first.map(isDigit) == true {
                throw .because("\(article(what)) is never negative, found \(excerpt(text))")
            }
            throw .kind
        }
        let parts = digits.utf8.split(
            separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else { throw .kind }
        if let point = pointed(text) {
            throw .because(
                "decimals follow a point, and thousands are not separated: found "
                    + "\(excerpt(text)), did you mean \(point)?")
        }
        if unit.hasPrefix(" ") {
            throw .because("write \(article(what)) without a space, found \(excerpt(text))")
        }
        guard let whole = parts.first.flatMap({ Int64(String(Substring($0))) }) else {
            throw .because("out of range: \(excerpt(digits)) has too many digits")
        }
        self.whole = whole
        if parts.count == 2 {
            // Six decimals of an hour fit 64 bits of nanoseconds, and are precise enough.
            guard let last = parts.last, last.count <= 6, let value = Int64(String(Substring(last)))
            else { throw .because("at most six decimals, found \(excerpt(digits))") }
            fraction = value
            fractionDigits = last.count
        }
    }

    /// Throws if the unit is missing, and names the units with which the number would be in range.
    func refuseBare(
        _ names: [String], _ units: [String: Int64], _ range: ClosedRange<Int64>
    ) throws(Wrong) {
        guard unit.isEmpty else { return }
        let fitting = names.filter { name in
            units[name].flatMap(scaled(by:)).map(range.contains) == true
        }
        let examples = fitting.isEmpty ? names.prefix(2) : fitting.prefix(2)
        throw .because(
            "found the bare number \(excerpt(digits)); write its unit, as in "
                + alternatives(examples.map { digits + $0 }))
    }

    /// The number of smallest units; nil if it does not fit.
    func scaled(by unit: Int64) -> Int64? {
        var parts = fraction.multipliedReportingOverflow(by: unit)
        guard !parts.overflow else { return nil }
        for _ in 0..<fractionDigits { parts.partialValue /= 10 }
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
        let (sum, carried) = product.addingReportingOverflow(parts.partialValue)
        return overflow || carried ? nil : sum
    }
}

extension ClosedRange<Interval> {
    fileprivate var nanoseconds: ClosedRange<Int64> {
        lowerBound.nanoseconds...upperBound.nanoseconds
    }
}

/// `0,50` as `0.50`, `1.000,50` as `1000.50`; nil if the text has no decimal comma.
func pointed(_ text: String) -> String? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 2, let whole = parts.first, let rest = parts.last,
        rest.utf8.first.map(isDigit) == true, !whole.isEmpty,
        whole.utf8.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ".") })
    else { return nil }
    return whole.filter { $0 != "." } + "." + rest
}

private func article(_ what: String) -> String { what == "amount" ? "an amount" : "a \(what)" }

private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

private func isDigits(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy(isDigit)
}

private func outOfRange(_ text: String, _ least: String, _ most: String) -> Wrong {
    .because("out of range: \(excerpt(text)) is not between \(least) and \(most)")
}

/// `value / unit` as a decimal without trailing zeros; `unit` is a power of ten.
private func decimalText(_ value: Int64, per unit: Int64) -> String {
    var fraction = value % unit
    guard fraction != 0 else { return "\(value / unit)" }
    var digits = ""
    var rest = unit
    while fraction != 0, rest > 1 {
        rest /= 10
        digits += "\(fraction / rest)"
        fraction %= rest
    }
    return "\(value / unit).\(digits)"
}
