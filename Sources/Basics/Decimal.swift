/// Fixed-point numbers as text, exactly.
public enum Decimal {
    /// `value` in units of ten to the minus `digits`, without trailing zeros: 2899 micro-dollars
    /// are `0.002899`.
    public static func text(_ value: Int64, digits: Int) -> String {
        let padded = padding(value, digits)
        let end = padded.lastIndex { $0 != "0" } ?? padded.startIndex
        let kept = padded[...end]
        return kept.last == "." ? String(kept.dropLast()) : String(kept)
    }

    /// The same with all its digits.
    public static func padding(_ value: Int64, _ digits: Int) -> String {
        let figures = String(value.magnitude)
        let whole = String(repeating: "0", count: max(0, digits + 1 - figures.count)) + figures
        let sign = value < 0 ? "-" : ""
        return sign + whole.dropLast(digits) + "." + whole.suffix(digits)
    }
}
