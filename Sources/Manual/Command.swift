/// A command of the program, described once: options are parsed with it, and help, man page and
/// shell completions are generated from it.
public struct Command: Sendable {
    public var name: String
    /// The operands after the name: `ID`, `list|show ID`; empty for none.
    public var operands: String
    /// One line, without a full stop.
    public var summary: String
    /// Further paragraphs.
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

    /// The option with this name, without dashes; nil if the command has none.
    public func option(_ name: String) -> Option? { options.first { $0.name == name } }

    /// The fixed words that `operands` begin with: `list`, `show`, `follow`.
    public var verbs: [String] {
        operands.split(separator: "|").compactMap { part in
            let word = part.drop { $0 == "[" }.prefix { $0.isLowercase }
            return word.isEmpty ? nil : String(word)
        }
    }
}

/// `--name VALUE`, or `--name` alone.
public struct Option: Sendable {
    /// What a shell may complete as the value.
    public enum Completion: Sendable { case nothing, file, directory }

    /// Without dashes.
    public var name: String
    /// The placeholder for the value in help; nil if it takes none.
    public var value: String?
    /// What it does, and the default. A sentence or two.
    public var text: String
    /// The permitted values; empty if there is no fixed set.
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

    /// As in help: `--listen HOST:PORT`.
    public var synopsis: String { value.map { "--\(name) \($0)" } ?? "--\(name)" }
}

/// A command line, and its purpose.
public struct Example: Sendable {
    public var line: String
    public var purpose: String

    init(_ line: String, _ purpose: String) {
        self.line = line
        self.purpose = purpose
    }
}
