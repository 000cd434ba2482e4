/// A parsed document: values with their positions. Every strict configuration reader starts from
/// it, so that an error can always name file, line and column.
public indirect enum Tree: Sendable {
    case null(Place)
    case scalar(String, Place, quoted: Bool)
    case sequence([Tree], Place)
    case mapping([(key: String, keyPlace: Place, value: Tree)], Place)

    public var place: Place {
        switch self {
        case .null(let place), .scalar(_, let place, _), .sequence(_, let place),
            .mapping(_, let place):
            place
        }
    }
}

/// One-based line and column in a named file.
public struct Place: Hashable, Sendable {
    public var file: String
    public var line: Int
    public var column: Int

    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }
}

/// What is wrong with a document, and where. Printed in the format of compilers.
public struct Complaint: Error, Hashable, Sendable, CustomStringConvertible {
    public var place: Place
    public var message: String

    public init(_ place: Place, _ message: String) {
        self.place = place
        self.message = message
    }

    /// `FILE:LINE:COLUMN: error: ...`; the message alone if it concerns no document.
    public var description: String { line(as: "error") }

    /// The same with another severity, such as `warning`.
    public func line(as kind: String) -> String {
        place.line == 0
            ? message : "\(place.file):\(place.line):\(place.column): \(kind): \(message)"
    }
}

/// Everything that is wrong with a set of documents, in reading order.
public struct Complaints: Error, Hashable, Sendable, CustomStringConvertible {
    public let list: [Complaint]

    /// Sorts by file, line and column, and removes duplicates.
    public init(_ list: [Complaint]) {
        var seen: Set<Complaint> = []
        self.list = list.filter { seen.insert($0).inserted }.sorted { a, b in
            (a.place.file, a.place.line, a.place.column, a.message)
                < (b.place.file, b.place.line, b.place.column, b.message)
        }
    }

    public var description: String { list.map(\.description).joined(separator: "\n") }
}

/// The beginning of a file's text, in quotes, safe for a terminal.
public func excerpt(_ text: String) -> String {
    let limit = 32
    var shown = ""
    for scalar in text.unicodeScalars.prefix(limit) {
        let isPrintable = scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
        shown.unicodeScalars.append(isPrintable ? scalar : "?")
    }
    return "\"\(shown)\(text.unicodeScalars.count > limit ? "..." : "")\""
}
