import Basics
import Wire

/// Writes one JSON document sequentially.
struct JSONOutput {
    private(set) var bytes: [UInt8] = []
    private var isFirst = true
    private let isPretty: Bool
    /// Applied to every text, except names that the operator chose.
    private let redaction: Redaction?
    private var depth = 0

    init(pretty: Bool = false, redaction: Redaction? = nil) {
        isPretty = pretty
        self.redaction = redaction
    }

    mutating func object(_ key: String? = nil, _ body: (inout JSONOutput) -> Void) {
        nest(key, "{", "}", body)
    }

    mutating func array(_ key: String? = nil, _ body: (inout JSONOutput) -> Void) {
        nest(key, "[", "]", body)
    }

    mutating func string(_ key: String? = nil, _ value: String?) {
        lead(key)
        guard let value else {
            bytes += "null".utf8
            return
        }
        JSONText.append(redaction?.scrub(value) ?? value, to: &bytes)
    }

    /// A name that the operator chose, such as a tenant's: it may begin like a secret.
    mutating func own(_ key: String?, _ name: String) {
        lead(key)
        JSONText.append(name, to: &bytes)
    }

    mutating func integer(_ key: String? = nil, _ value: Int64?) {
        raw(key, value.map(String.init) ?? "null")
    }

    mutating func flag(_ key: String? = nil, _ value: Bool) { raw(key, value ? "true" : "false") }

    mutating func time(_ key: String, _ value: WallTime?) { string(key, value?.description) }

    /// Seconds, to the millisecond.
    mutating func seconds(_ key: String, _ value: Interval) {
        raw(key, Decimal.text(value.milliseconds, digits: 3))
    }

    mutating func dollars(_ key: String, micro: Int64) {
        raw(key, Decimal.text(micro, digits: 6))
    }

    /// A piece of JSON, unchanged.
    mutating func raw(_ key: String? = nil, _ json: String) {
        lead(key)
        bytes += json.utf8
    }

    /// Members of an object, unchanged.
    mutating func members(_ json: String) {
        lead(nil)
        bytes += json.utf8
    }

    private mutating func nest(
        _ key: String?, _ open: Character, _ close: Character, _ body: (inout JSONOutput) -> Void
    ) {
        lead(key)
        bytes += String(open).utf8
        isFirst = true
        depth += 1
        body(&self)
        depth -= 1
        if isPretty, !isFirst { newLine() }
        bytes += String(close).utf8
        isFirst = false
    }

    private mutating func lead(_ key: String?) {
        if !isFirst { bytes += ",".utf8 }
        if isPretty, depth > 0 { newLine() }
        isFirst = false
        if let key {
            JSONText.append(key, to: &bytes)
            bytes += (isPretty ? ": " : ":").utf8
        }
    }

    private mutating func newLine() {
        bytes.append(UInt8(ascii: "\n"))
        bytes += repeatElement(UInt8(ascii: " "), count: 2 * depth)
    }
}

/// Fixed-point numbers as text, exactly.
enum Decimal {
    /// `value` in units of ten to the minus `digits`, without trailing zeros: 2899 micro-dollars
    /// are `0.002899`.
    static func text(_ value: Int64, digits: Int) -> String {
        let padded = padding(value, digits)
        let end = padded.lastIndex { $0 != "0" } ?? padded.startIndex
        let kept = padded[...end]
        return kept.last == "." ? String(kept.dropLast()) : String(kept)
    }

    /// The same with all its digits.
    static func padding(_ value: Int64, _ digits: Int) -> String {
        let figures = String(value.magnitude)
        let whole = String(repeating: "0", count: max(0, digits + 1 - figures.count)) + figures
        let sign = value < 0 ? "-" : ""
        return sign + whole.dropLast(digits) + "." + whole.suffix(digits)
    }
}
