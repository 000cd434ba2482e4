/// One JSON document as a flat list of nodes. Deliberately independent of the proxy's scanner: a
/// shared parsing error would be invisible to every test.
struct JSONTree {
    enum Kind: UInt8 {
        case null, yes, no, number, string, array, object
    }

    /// In order of appearance; an object's children are its keys, each followed by its value.
    struct Node {
        var kind: Kind
        /// Offsets of the text: for a string without its quotes, otherwise the whole.
        var lower: Int
        var upper: Int
        /// Index after the last node below this one.
        var end: Int
        /// Whether a string needs decoding.
        var hasEscapes = false
    }

    struct Failure: Error, Equatable {
        var offset: Int
        var message: String
    }

    /// The limit of protobuf's JSON reader; no message of the service is deeper.
    static let depthLimit = 100

    private(set) var nodes: [Node] = []
    private var cursor = 0

    init(_ bytes: Span<UInt8>) throws(Failure) {
        nodes.reserveCapacity(16)
        skipSpace(bytes)
        try readValue(bytes, depth: 0)
        skipSpace(bytes)
        if cursor != bytes.count { throw failure("Trailing bytes") }
    }

    private func failure(_ message: String) -> Failure {
        Failure(offset: cursor, message: message)
    }

    private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while cursor < bytes.count {
            switch bytes[cursor] {
            case 0x20, 0x09, 0x0a, 0x0d: cursor += 1
            default: return
            }
        }
    }

    private mutating func readValue(_ bytes: Span<UInt8>, depth: Int) throws(Failure) {
        guard depth < JSONTree.depthLimit else { throw failure("Message too deep") }
        guard cursor < bytes.count else { throw failure("Unexpected end of string") }
        switch bytes[cursor] {
        case UInt8(ascii: "{"): try readObject(bytes, depth: depth)
        case UInt8(ascii: "["): try readArray(bytes, depth: depth)
        case UInt8(ascii: "\""): try readString(bytes)
        case UInt8(ascii: "t"): try readWord("true", .yes, bytes)
        case UInt8(ascii: "f"): try readWord("false", .no, bytes)
        case UInt8(ascii: "n"): try readWord("null", .null, bytes)
        default: try readNumber(bytes)
        }
    }

    private mutating func readObject(_ bytes: Span<UInt8>, depth: Int) throws(Failure) {
        let index = nodes.count
        nodes.append(Node(kind: .object, lower: cursor, upper: 0, end: 0))
        cursor += 1
        skipSpace(bytes)
        if skip("}", bytes) { return close(index) }
        while true {
            guard cursor < bytes.count, bytes[cursor] == UInt8(ascii: "\"") else {
                throw failure("Expected a name")
            }
            try readString(bytes)
            skipSpace(bytes)
            guard skip(":", bytes) else { throw failure("Expected ':'") }
            skipSpace(bytes)
            try readValue(bytes, depth: depth + 1)
            skipSpace(bytes)
            if skip("}", bytes) { return close(index) }
            guard skip(",", bytes) else { throw failure("Expected ',' or '}'") }
            skipSpace(bytes)
        }
    }

    private mutating func readArray(_ bytes: Span<UInt8>, depth: Int) throws(Failure) {
        let index = nodes.count
        nodes.append(Node(kind: .array, lower: cursor, upper: 0, end: 0))
        cursor += 1
        skipSpace(bytes)
        if skip("]", bytes) { return close(index) }
        while true {
            try readValue(bytes, depth: depth + 1)
            skipSpace(bytes)
            if skip("]", bytes) { return close(index) }
            guard skip(",", bytes) else { throw failure("Expected ',' or ']'") }
            skipSpace(bytes)
        }
    }

    private mutating func close(_ index: Int) {
        nodes[index].upper = cursor
        nodes[index].end = nodes.count
    }

    private mutating func skip(_ character: Unicode.Scalar, _ bytes: Span<UInt8>) -> Bool {
        guard cursor < bytes.count, bytes[cursor] == UInt8(ascii: character) else { return false }
        cursor += 1
        return true
    }

    private mutating func append(_ kind: Kind, from lower: Int, to upper: Int, escapes: Bool) {
        nodes.append(
            Node(
                kind: kind, lower: lower, upper: upper, end: nodes.count + 1, hasEscapes: escapes))
    }

    private mutating func readString(_ bytes: Span<UInt8>) throws(Failure) {
        cursor += 1
        let lower = cursor
        var hasEscapes = false
        var isASCII = true
        while cursor < bytes.count {
            let byte = bytes[cursor]
            if byte == UInt8(ascii: "\"") {
                if !isASCII, !JSONTree.isUTF8(bytes.extracting(lower..<cursor)) {
                    throw failure("Invalid UTF-8")
                }
                append(.string, from: lower, to: cursor, escapes: hasEscapes)
                cursor += 1
                return
            }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                try skipEscape(bytes)
            } else if byte < 0x20 {
                throw failure("Control character in a string")
            } else {
                if byte >= 0x80 { isASCII = false }
                cursor += 1
            }
        }
        throw failure("Unterminated string")
    }

    private mutating func skipEscape(_ bytes: Span<UInt8>) throws(Failure) {
        guard cursor + 1 < bytes.count else { throw failure("Unterminated string") }
        switch bytes[cursor + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            cursor += 2
        case UInt8(ascii: "u"):
            guard cursor + 6 <= bytes.count else { throw failure("Unterminated string") }
            for index in cursor + 2..<cursor + 6 where JSONTree.hexDigit(bytes[index]) == nil {
                throw failure("Illegal hex digit")
            }
            cursor += 6
        default:
            throw failure("Invalid escape sequence")
        }
    }

    private mutating func readWord(
        _ word: String, _ kind: Kind, _ bytes: Span<UInt8>
    ) throws(Failure) {
        let lower = cursor
        for byte in word.utf8 {
            guard cursor < bytes.count, bytes[cursor] == byte else {
                throw failure("Unexpected token")
            }
            cursor += 1
        }
        append(kind, from: lower, to: cursor, escapes: false)
    }

    private mutating func readNumber(_ bytes: Span<UInt8>) throws(Failure) {
        let lower = cursor
        _ = skip("-", bytes)
        if !skip("0", bytes) {
            guard skipDigits(bytes) else { throw failure("Unexpected token") }
        }
        if skip(".", bytes), !skipDigits(bytes) { throw failure("Invalid number") }
        if skip("e", bytes) || skip("E", bytes) {
            if !skip("+", bytes) { _ = skip("-", bytes) }
            guard skipDigits(bytes) else { throw failure("Invalid number") }
        }
        append(.number, from: lower, to: cursor, escapes: false)
    }

    private mutating func skipDigits(_ bytes: Span<UInt8>) -> Bool {
        let lower = cursor
        while cursor < bytes.count, (0x30...0x39).contains(bytes[cursor]) { cursor += 1 }
        return cursor > lower
    }
}

// MARK: - Looking at it

extension JSONTree {
    static let root = 0

    func kind(_ node: Int) -> Kind { nodes[node].kind }

    /// Calls `body` with the key and value of every member, in order.
    func forEachMember<E: Error>(
        of node: Int, _ body: (_ key: Int, _ value: Int) throws(E) -> Void
    ) throws(E) {
        guard nodes[node].kind == .object else { return }
        var key = node + 1
        while key < nodes[node].end {
            try body(key, key + 1)
            key = nodes[key + 1].end
        }
    }

    /// The elements of an array, as nodes.
    func elements(of node: Int) -> [Int] {
        guard nodes[node].kind == .array else { return [] }
        var found: [Int] = []
        var child = node + 1
        while child < nodes[node].end {
            found.append(child)
            child = nodes[child].end
        }
        return found
    }

    /// The member `name` of an object, in camelCase or snake_case; `nil` if it is absent or null,
    /// which is the same to protobuf.
    func member(_ name: String, of node: Int?, in bytes: Span<UInt8>) -> Int? {
        guard let node, let value = anyMember(name, of: node, in: bytes) else { return nil }
        return nodes[value].kind == .null ? nil : value
    }

    /// Like `member`, but including null.
    func anyMember(_ name: String, of node: Int, in bytes: Span<UInt8>) -> Int? {
        guard nodes[node].kind == .object else { return nil }
        var key = node + 1
        while key < nodes[node].end {
            if isKey(key, name, in: bytes) { return key + 1 }
            key = nodes[key + 1].end
        }
        return nil
    }

    /// Whether the key is `name` in either spelling, not a mixture of both.
    func isKey(_ key: Int, _ name: String, in bytes: Span<UInt8>) -> Bool {
        var index = nodes[key].lower
        let upper = nodes[key].upper
        var isSnake = false
        var isCamel = false
        for letter in name.utf8 {
            guard index < upper else { return false }
            if bytes[index] == letter {
                if (0x41...0x5a).contains(letter) { isCamel = true }
                index += 1
            } else if (0x41...0x5a).contains(letter), bytes[index] == UInt8(ascii: "_"),
                index + 1 < upper, bytes[index + 1] == letter | 0x20
            {
                isSnake = true
                index += 2
            } else {
                return false
            }
        }
        return index == upper && !(isSnake && isCamel)
    }

    /// The text of a string, with escapes decoded; for anything else, its JSON.
    func text(_ node: Int, in bytes: Span<UInt8>) -> String {
        let found = nodes[node]
        var plain: [UInt8] = []
        plain.reserveCapacity(found.upper - found.lower)
        guard found.hasEscapes else {
            for index in found.lower..<found.upper { plain.append(bytes[index]) }
            return String(decoding: plain, as: UTF8.self)
        }
        var units: [UInt16] = []
        var index = found.lower
        while index < found.upper {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "\\") else {
                JSONTree.flush(&units, into: &plain)
                plain.append(byte)
                index += 1
                continue
            }
            if bytes[index + 1] == UInt8(ascii: "u") {
                var unit: UInt16 = 0
                for offset in 2..<6 {
                    unit = unit << 4 | UInt16(JSONTree.hexDigit(bytes[index + offset]) ?? 0)
                }
                units.append(unit)
                index += 6
            } else {
                JSONTree.flush(&units, into: &plain)
                plain.append(JSONTree.unescaped(bytes[index + 1]))
                index += 2
            }
        }
        JSONTree.flush(&units, into: &plain)
        return String(decoding: plain, as: UTF8.self)
    }

    /// The number, bare or in quotes, as protobuf accepts 64-bit integers.
    func number(_ node: Int, in bytes: Span<UInt8>) -> Double? {
        switch nodes[node].kind {
        case .number, .string: Double(text(node, in: bytes))
        case .null, .yes, .no, .array, .object: nil
        }
    }

    private static func flush(_ units: inout [UInt16], into plain: inout [UInt8]) {
        guard !units.isEmpty else { return }
        plain.append(contentsOf: String(decoding: units, as: UTF16.self).utf8)
        units.removeAll(keepingCapacity: true)
    }

    private static func unescaped(_ letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0c
        case UInt8(ascii: "n"): 0x0a
        case UInt8(ascii: "r"): 0x0d
        case UInt8(ascii: "t"): 0x09
        default: letter
        }
    }

    fileprivate static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    private static func isUTF8(_ bytes: Span<UInt8>) -> Bool {
        var copy: [UInt8] = []
        copy.reserveCapacity(bytes.count)
        for index in 0..<bytes.count { copy.append(bytes[index]) }
        return String(validating: copy, as: UTF8.self) != nil
    }
}
