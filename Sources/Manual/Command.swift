/// A command of the program, described once: its options are read by this, and help, man page and
/// shell completions are made of it.
public struct Command: Sendable {
    public var name: String
    /// What follows the name, besides options: `ID`, `list|show ID`. Empty: nothing may.
    public var operands: String
    /// One line without a full stop.
    public var summary: String
    /// More of it, a paragraph each.
    public var paragraphs: [String]
    public var options: [Option]
    public var examples: [Example]

    init(
        _ name: String, _ operands: String = "", summary: String, _ paragraphs: [String] = [],
        options: [Option] = [], examples: [Example] = []
    ) {
        self.name = name
        self.operands = operands
        self.summary = summary
        self.paragraphs = paragraphs
        self.options = options
        self.examples = examples
    }

    /// The option without its dashes; nil where the command has none of that name.
    public func option(_ name: String) -> Option? { options.first { $0.name == name } }

    /// The words that `operands` begin with, where those are fixed: `list`, `show`, `follow`.
    public var verbs: [String] {
        operands.split(separator: "|").compactMap { part in
            let word = part.drop { $0 == "[" }.prefix { $0.isLowercase }
            return word.isEmpty ? nil : String(word)
        }
    }
}

/// `--name VALUE`, or `--name` alone.
public struct Option: Sendable {
    /// What a shell may put where the value goes.
    public enum Completion: Sendable { case nothing, file, directory }

    /// Without its dashes.
    public var name: String
    /// What stands for the value in help; nil: it takes none.
    public var value: String?
    /// What it does, and what goes without it. A sentence or two.
    public var text: String
    /// The values there are, where no others may be.
    public var words: [String]
    public var completion: Completion

    /// A switch.
    init(_ name: String, _ text: String) {
        self.name = name
        self.text = text
        value = nil
        words = []
        completion = .nothing
    }

    init(_ name: String, _ value: String, _ text: String) {
        self.init(name, text)
        self.value = value
    }

    init(_ name: String, _ value: String, _ completion: Completion, _ text: String) {
        self.init(name, value, text)
        self.completion = completion
    }

    init(_ name: String, oneOf words: [String], _ text: String) {
        self.init(name, words.joined(separator: "|"), text)
        self.words = words
    }

    /// As it is written: `--listen HOST:PORT`.
    public var synopsis: String { value.map { "--\(name) \($0)" } ?? "--\(name)" }
}

/// A line to type, and what it is for.
public struct Example: Sendable {
    public var line: String
    public var purpose: String

    init(_ line: String, _ purpose: String) {
        self.line = line
        self.purpose = purpose
    }
}
