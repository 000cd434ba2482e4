import Basics

/// The command line: a verb, then long options as `--key value` or `--key=value`.
struct Arguments {
    /// What is wrong with the arguments, and how to correct it.
    struct Mistake: Error {
        var message: String
        var hint: String
    }

    let verb: String
    private(set) var positional: [String] = []
    private var options: [String: String] = [:]

    /// - Parameter accepted: Option names of the verb; `true` for those that take a value.
    init(verb: String, words: [String], accepted: [String: Bool]) throws(Mistake) {
        self.verb = verb
        var rest = words[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else {
                positional.append(word)
                continue
            }
            let parts = word.dropFirst(2).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard let takesValue = accepted[name] else {
                throw Mistake(
                    message: "turnkeeper \(verb) has no option --\(name)",
                    hint: Self.usage(verb, accepted))
            }
            guard options[name] == nil else {
                throw Mistake(message: "--\(name) is given twice", hint: Self.usage(verb, accepted))
            }
            if parts.count == 2 {
                options[name] = String(parts[1])
            } else if takesValue {
                guard let value = rest.popFirst(), !value.hasPrefix("--") else {
                    throw Mistake(
                        message: "--\(name) needs a value", hint: Self.usage(verb, accepted))
                }
                options[name] = value
            } else {
                options[name] = ""
            }
        }
    }

    subscript(name: String) -> String? { options[name] }

    func has(_ name: String) -> Bool { options[name] != nil }

    /// A value that must be an integer in a range.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(Mistake) -> Int? {
        guard let text = options[name] else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw Mistake(
                message: "--\(name) takes a whole number from \(range.lowerBound) to "
                    + "\(range.upperBound), not \"\(text)\"",
                hint: "turnkeeper \(verb) --\(name) \(range.lowerBound)")
        }
        return value
    }

    /// A value that must be one of a few words.
    func word(_ name: String, of words: [String]) throws(Mistake) -> String? {
        guard let text = options[name] else { return nil }
        guard words.contains(text) else {
            throw Mistake(
                message: "--\(name) takes \(words.joined(separator: ", ")), not \"\(text)\"",
                hint: "turnkeeper \(verb) --\(name) \(words[0])")
        }
        return text
    }

    /// A duration as in policies: `300ms`, `30s`, `10m`.
    func duration(_ name: String) throws(Mistake) -> Interval? {
        guard let text = options[name] else { return nil }
        for (unit, scale) in [("ms", Int64(1)), ("s", 1000), ("m", 60_000), ("h", 3_600_000)] {
            guard text.hasSuffix(unit), let count = Int64(text.dropLast(unit.count)),
                (0...1_000_000).contains(count)
            else { continue }
            return .milliseconds(count * scale)
        }
        throw Mistake(
            message: "--\(name) takes a length of time (300ms, 30s, 10m), not \"\(text)\"",
            hint: "turnkeeper \(verb) --\(name) 30s")
    }

    /// A size as in policies: `512MiB`, `2GiB`.
    func size(_ name: String, atLeast least: Int) throws(Mistake) -> Int? {
        guard let text = options[name] else { return nil }
        for (unit, shift) in [("KiB", 10), ("MiB", 20), ("GiB", 30)] {
            guard text.hasSuffix(unit), let count = Int(text.dropLast(unit.count)),
                (0...1 << 20).contains(count), count << shift >= least
            else { continue }
            return count << shift
        }
        throw Mistake(
            message: "--\(name) takes a size of \(least >> 20)MiB or more (512MiB, 2GiB), not "
                + "\"\(text)\"",
            hint: "turnkeeper \(verb) --\(name) 512MiB")
    }

    func takesNoPositional() throws(Mistake) {
        guard let first = positional.first else { return }
        throw Mistake(
            message: "turnkeeper \(verb) takes options only, not \"\(first)\"",
            hint: "turnkeeper \(verb) --help")
    }

    private static func usage(_ verb: String, _ accepted: [String: Bool]) -> String {
        let names = accepted.keys.sorted().map {
            accepted[$0] == true ? "--\($0) VALUE" : "--\($0)"
        }
        return (["turnkeeper \(verb)"] + names.map { "[\($0)]" }).joined(separator: " ")
    }
}
