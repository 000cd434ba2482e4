public import Basics

/// The command line of one command: long options as `--key value` or `--key=value`, and operands.
public struct Arguments {
    /// A mistake in the command line, and what to try instead.
    public struct Mistake: Error {
        public var message: String
        public var hint: String

        public init(message: String, hint: String) {
            self.message = message
            self.hint = hint
        }
    }

    public let command: Command
    public private(set) var operands: [String] = []
    private var options: [String: String] = [:]

    /// Accepts only the command's options and operands.
    public init(_ command: Command, words: [String]) throws(Mistake) {
        self.command = command
        var rest = words[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else {
                operands.append(word)
                continue
            }
            let parts = word.dropFirst(2).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts.first.map(String.init) ?? ""
            let option = try option(name)
            guard options[name] == nil else { throw mistake("--\(name) is given twice") }
            if option.value == nil {
                guard parts.count == 1 else { throw mistake("--\(name) takes no value") }
                options[name] = ""
            } else if parts.count == 2 {
                options[name] = String(parts[1])
            } else {
                guard let value = rest.popFirst(), !value.hasPrefix("--") else {
                    throw mistake("--\(name) needs a value: \(option.synopsis)")
                }
                options[name] = value
            }
            if option.completion != .nothing, options[name]?.isEmpty == true {
                throw mistake("--\(name) is empty; it needs a value: \(option.synopsis)")
            }
        }
        guard command.operands.isEmpty, let first = operands.first else { return }
        throw mistake("turnkeeper \(command.name) takes options only, not \"\(first)\"")
    }

    private func option(_ name: String) throws(Mistake) -> Option {
        if let option = command.option(name) { return option }
        let names = command.options.map(\.name)
        // `--policy`, `--json-output`: too many edits for a typing error, and yet recognisable.
        let near =
            guess(for: name, among: names)
            ?? names.first { name.count > 3 && $0.hasPrefix(name.prefix(4)) }
        throw mistake(
            "turnkeeper \(command.name) has no option --\(name)"
                + (near.map { "; did you mean --\($0)?" } ?? ""))
    }

    private func mistake(_ message: String) -> Mistake {
        Mistake(message: message, hint: "turnkeeper \(command.name) --help")
    }

    public subscript(name: String) -> String? { options[name] }

    public func has(_ name: String) -> Bool { options[name] != nil }

    /// A value that must be a whole number in a range.
    public func integer(_ name: String, in range: ClosedRange<Int>) throws(Mistake) -> Int? {
        guard let text = options[name] else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw Mistake(
                message: "--\(name) takes a whole number from \(range.lowerBound) to "
                    + "\(range.upperBound), not \"\(text)\"",
                hint: "turnkeeper \(command.name) --\(name) \(range.lowerBound)")
        }
        return value
    }

    /// A value that must be one of the words the option takes.
    public func word(_ name: String) throws(Mistake) -> String? {
        guard let text = options[name], let words = command.option(name)?.words else { return nil }
        guard words.contains(text) else {
            throw Mistake(
                message: "--\(name) takes \(words.joined(separator: ", ")), not \"\(text)\"",
                hint: "turnkeeper \(command.name) --\(name) \(words.first ?? "")")
        }
        return text
    }

    /// A duration as in policies: `300ms`, `30s`, `10m`.
    public func duration(_ name: String) throws(Mistake) -> Interval? {
        guard let text = options[name] else { return nil }
        for (unit, scale) in [("ms", Int64(1)), ("s", 1000), ("m", 60_000), ("h", 3_600_000)] {
            guard text.hasSuffix(unit), let count = Int64(text.dropLast(unit.count)),
                (0...1_000_000).contains(count)
            else { continue }
            return .milliseconds(count * scale)
        }
        throw Mistake(
            message: "--\(name) takes a duration (300ms, 30s, 10m), not \"\(text)\"",
            hint: "turnkeeper \(command.name) --\(name) 30s")
    }

    /// A size as in policies: `512MiB`, `2GiB`.
    public func size(_ name: String, atLeast least: Int) throws(Mistake) -> Int? {
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
            hint: "turnkeeper \(command.name) --\(name) 512MiB")
    }
}
