/// Writes one JSON object member by member, compact or as the service often formats it: two spaces
/// per level and a newline at the end.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private let isPretty: Bool
    private var depth = 0
    private var isFirst = true

    init(pretty: Bool) {
        isPretty = pretty
        bytes.reserveCapacity(256)
    }

    mutating func object(_ key: String? = nil, _ body: (inout JSONWriter) -> Void) {
        nest(key, open: "{", close: "}", body)
    }

    mutating func array(_ key: String? = nil, _ body: (inout JSONWriter) -> Void) {
        nest(key, open: "[", close: "]", body)
    }

    mutating func string(_ key: String? = nil, _ value: String) {
        lead(key)
        quote(value)
    }

    mutating func number(_ key: String? = nil, _ value: Int) {
        lead(key)
        bytes.append(contentsOf: String(value).utf8)
    }

    mutating func flag(_ key: String? = nil, _ value: Bool) {
        lead(key)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    mutating func base64(_ key: String? = nil, _ value: some Collection<UInt8>) {
        lead(key)
        bytes.append(UInt8(ascii: "\""))
        Base64.append(value, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Ends the document.
    mutating func finish() {
        if isPretty { bytes.append(0x0a) }
    }

    private mutating func nest(
        _ key: String?, open: Unicode.Scalar, close: Unicode.Scalar,
        _ body: (inout JSONWriter) -> Void
    ) {
        lead(key)
        bytes.append(UInt8(ascii: open))
        depth += 1
        isFirst = true
        body(&self)
        depth -= 1
        if !isFirst { newline() }
        isFirst = false
        bytes.append(UInt8(ascii: close))
    }

    private mutating func lead(_ key: String?) {
        if depth > 0 {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            newline()
        }
        isFirst = false
        guard let key else { return }
        quote(key)
        bytes.append(UInt8(ascii: ":"))
        if isPretty { bytes.append(0x20) }
    }

    private mutating func newline() {
        guard isPretty else { return }
        bytes.append(0x0a)
        for _ in 0..<depth {
            bytes.append(0x20)
            bytes.append(0x20)
        }
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0a: bytes.append(contentsOf: "\\n".utf8)
            case 0..<0x20:
                let digits = "0123456789abcdef".utf8.map { $0 }
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
