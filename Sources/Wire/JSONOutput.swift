public import Basics

/// Writes one JSON document sequentially.
public struct JSONOutput {
    public private(set) var bytes: [UInt8] = []
    private var isFirst = true
    private let isPretty: Bool
    /// Applied to every text, except names that the operator chose.
    private let scrub: ((String) -> String)?
    private var depth = 0

    public init(pretty: Bool = false, scrub: ((String) -> String)? = nil) {
        isPretty = pretty
        self.scrub = scrub
    }

    /// A document that is one object.
    public static func object(_ body: (inout JSONOutput) -> Void) -> [UInt8] {
        var json = JSONOutput()
        json.object(nil, body)
        return json.bytes
    }

    public mutating func object(_ key: String? = nil, _ body: (inout JSONOutput) -> Void) {
        nest(key, "{", "}", body)
    }

    public mutating func array(_ key: String? = nil, _ body: (inout JSONOutput) -> Void) {
        nest(key, "[", "]", body)
    }

    /// An array of objects.
    public mutating func objects<Element>(
        _ key: String? = nil, _ elements: some Sequence<Element>,
        _ body: (inout JSONOutput, Element) -> Void
    ) {
        array(key) { json in
            for element in elements { json.object { body(&$0, element) } }
        }
    }

    public mutating func string(_ key: String? = nil, _ value: String?) {
        lead(key)
        guard let value else {
            bytes += "null".utf8
            return
        }
        JSONText.append(scrub?(value) ?? value, to: &bytes)
    }

    public mutating func strings(_ key: String? = nil, _ values: [String]) {
        array(key) { json in for value in values { json.string(nil, value) } }
    }

    /// A name that the operator chose, such as a tenant's: it may begin like a secret.
    public mutating func own(_ key: String?, _ name: String) {
        lead(key)
        JSONText.append(name, to: &bytes)
    }

    public mutating func integer(_ key: String? = nil, _ value: (some BinaryInteger)?) {
        raw(key, value.map { String($0) } ?? "null")
    }

    public mutating func integers(_ key: String? = nil, _ values: [some BinaryInteger]) {
        array(key) { json in for value in values { json.integer(nil, value) } }
    }

    public mutating func flag(_ key: String? = nil, _ value: Bool) {
        raw(key, value ? "true" : "false")
    }

    public mutating func time(_ key: String, _ value: WallTime?) { string(key, value?.description) }

    /// Seconds, to the millisecond.
    public mutating func seconds(_ key: String, _ value: Interval?) {
        raw(key, value.map { Decimal.text($0.milliseconds, digits: 3) } ?? "null")
    }

    public mutating func dollars(_ key: String, micro: Int64) {
        raw(key, Decimal.text(micro, digits: 6))
    }

    /// A piece of JSON, unchanged.
    public mutating func raw(_ key: String? = nil, _ json: String) {
        lead(key)
        bytes += json.utf8
    }

    /// A piece of JSON, unchanged.
    public mutating func raw(_ key: String? = nil, _ json: [UInt8]) {
        lead(key)
        bytes += json
    }

    /// Members of an object, unchanged.
    public mutating func members(_ json: String) { raw(nil, json) }

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
