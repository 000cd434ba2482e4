import Basics

/// JSON as these tests know it: every key and every scalar as it is spelled, twins included. Written
/// without a look at the readers under test.
indirect enum JSONDoc {
    case object([Member])
    case list([JSONDoc])
    /// Written as it is.
    case raw(String)

    struct Member {
        /// Quotes excluded, escapes as they came.
        var key: String
        var value: JSONDoc

        /// In camelCase, whatever its spelling.
        var name: String { Rewritten.camelCased(JSONDoc.unescaped(key)) }
    }

    var members: [Member] { if case .object(let members) = self { members } else { [] } }

    subscript(name: String) -> JSONDoc? { members.first { $0.name == name }?.value }

    /// `\u0078` -> `x`; keys here hold no other escapes.
    static func unescaped(_ key: String) -> String {
        key.replacing(/\\u00([0-9a-f]{2})/) {
            String(Character(Unicode.Scalar(UInt8($0.output.1, radix: 16) ?? 0)))
        }
    }

    /// `blank` goes wherever a blank may.
    func text(_ blank: () -> String = { "" }) -> String {
        switch self {
        case .raw(let text): text
        case .list(let elements):
            "[" + blank() + elements.map { $0.text(blank) }.joined(separator: blank() + ",")
                + blank() + "]"
        case .object(let members):
            "{" + blank()
                + members.map { "\"\($0.key)\"" + blank() + ":" + blank() + $0.value.text(blank) }
                .joined(separator: blank() + "," + blank()) + blank() + "}"
        }
    }

    init(parsing text: String) {
        var rest = Substring(text)
        self = Self.parse(&rest)
    }

    private static func parse(_ rest: inout Substring) -> JSONDoc {
        skipBlanks(&rest)
        switch rest.first {
        case "{":
            rest.removeFirst()
            var members: [Member] = []
            skipBlanks(&rest)
            while let first = rest.first, first != "}" {
                if first == "," { rest.removeFirst() }
                skipBlanks(&rest)
                let key = String(string(&rest).dropFirst().dropLast())
                skipBlanks(&rest)
                rest = rest.dropFirst()
                members.append(Member(key: key, value: parse(&rest)))
                skipBlanks(&rest)
            }
            rest = rest.dropFirst()
            return .object(members)
        case "[":
            rest.removeFirst()
            var elements: [JSONDoc] = []
            skipBlanks(&rest)
            while let first = rest.first, first != "]" {
                if first == "," { rest.removeFirst() }
                elements.append(parse(&rest))
                skipBlanks(&rest)
            }
            rest = rest.dropFirst()
            return .list(elements)
        case "\"": return .raw(string(&rest))
        default:
            let scalar = rest.prefix { !",]} \n".contains($0) }
            rest = rest.dropFirst(scalar.count)
            return .raw(String(scalar))
        }
    }

    private static func skipBlanks(_ rest: inout Substring) {
        rest = rest.drop { $0 == " " || $0 == "\n" }
    }

    private static func string(_ rest: inout Substring) -> String {
        var text = "\""
        rest = rest.dropFirst()
        while let next = rest.popFirst() {
            text.append(next)
            if next == "\\", let escaped = rest.popFirst() { text.append(escaped) }
            if next == "\"" { break }
        }
        return text
    }
}

/// Messages in unusual spellings, with unknown members in every object.
struct RiderWriter {
    var random: SeededRandom
    private var riders = 0

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    /// One of the spellings a name may have.
    mutating func key(_ name: String) -> String {
        let spelled = random.chance(0.5) ? name : Rewritten.snakeCased(name)
        guard random.chance(0.3), let letter = spelled.utf8.first else { return spelled }
        return "\\u00" + String(letter, radix: 16) + spelled.dropFirst()
    }

    mutating func object(_ members: [(String, JSONDoc)]) -> JSONDoc {
        var result: [JSONDoc.Member] = []
        for (name, value) in members {
            if random.chance(0.4) { result.append(rider()) }
            result.append(JSONDoc.Member(key: key(name), value: value))
        }
        if random.chance(0.4) { result.append(rider()) }
        return .object(result)
    }

    private mutating func rider() -> JSONDoc.Member {
        riders += 1
        let values = [
            #"{ "a" :1,"a": [2 , {"a":{}}] }"#, #""\u00e9\" \\ {}""#, "-1.5e10", "null", "[ ]",
            #"{"id":"1","id" : "2","text":"t","partialArgs":[{"jsonPath":"$.a" }]}"#, "[[1],[ ]]",
        ]
        let value = values.randomElement(using: &random) ?? ""
        let key = random.chance(0.3) ? "\\u0078\(riders)" : "x\(riders)"
        // Its number makes its text one that nothing else has.
        return JSONDoc.Member(key: key, value: .raw("[\"r\(riders)\", \(value)]"))
    }

    mutating func text(_ doc: JSONDoc) -> String {
        var random = random
        let isSpaced = random.chance(0.5)
        let text = doc.text {
            isSpaced && random.chance(0.3) ? (random.chance(0.5) ? " " : "\n") : ""
        }
        self.random = random
        return text
    }
}
