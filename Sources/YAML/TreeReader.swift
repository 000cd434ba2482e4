public import Basics

/// Reads the strict subset of YAML used for policies.
///
/// Maps with text keys, lists, scalars, comments. Anchors, aliases, tags, merge keys, multiple
/// documents and duplicate keys are refused: each makes a file mean something other than what a
/// reader sees. Total on any bytes.
public enum TreeReader {
    /// A policy is a few kilobytes; a thousand hashed client keys are 72 KiB. A larger file is a
    /// mistake, and parsing it would delay the reload.
    public static let maxBytes = 1 << 20
    /// Policies nest four deep. libyaml's scanner takes quadratic time on deep nesting.
    public static let maxDepth = 32

    /// The document in `bytes`; an empty one is `.null`. Throws all errors at once, up to the first
    /// syntax error.
    ///
    /// - Parameter file: The file's name in errors.
    public static func read(_ bytes: [UInt8], file: String) throws(Complaints) -> Tree {
        let start = Place(file: file, line: 1, column: 1)
        guard bytes.count <= maxBytes else {
            throw Complaints([Complaint(start, "the file is larger than \(maxBytes >> 10)KiB")])
        }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
        guard let stream = EventStream(text, file: file) else {
            throw Complaints([Complaint(start, "libyaml is out of memory")])
        }
        var builder = TreeBuilder(stream: stream)
        let tree: Tree
        do throws(Complaint) {
            tree = try builder.document() ?? .null(start)
        } catch {
            throw Complaints(builder.complaints + [error])
        }
        guard builder.complaints.isEmpty else { throw Complaints(builder.complaints) }
        return tree
    }
}

/// Descends through the events of one document. Errors that leave the structure readable are
/// collected; others are thrown.
private struct TreeBuilder: ~Copyable {
    private var stream: EventStream
    private(set) var complaints: [Complaint] = []

    init(stream: consuming EventStream) { self.stream = stream }

    /// The first document; nil if there is none.
    mutating func document() throws(Complaint) -> Tree? {
        var tree: Tree?
        while true {
            let step = try stream.next()
            switch step.kind {
            case .streamStart, .documentEnd: continue
            case .streamEnd: return tree
            case .documentStart where tree == nil:
                tree = try node(try stream.next(), depth: 0)
            case .documentStart:
                throw Complaint(step.place, "a second document; one file holds one policy")
            case .alias, .scalar, .sequenceStart, .sequenceEnd, .mappingStart, .mappingEnd:
                throw Complaint(step.place, "content outside a document")
            }
        }
    }

    private mutating func node(_ step: Step, depth: Int) throws(Complaint) -> Tree {
        guard depth < TreeReader.maxDepth else {
            throw Complaint(step.place, "nested deeper than \(TreeReader.maxDepth) levels")
        }
        refuseDecoration(step)
        switch step.kind {
        case .scalar(let text, let quoted):
            let isNull = !quoted && ["", "~", "null", "Null", "NULL"].contains(text)
            return isNull ? .null(step.place) : .scalar(text, step.place, quoted: quoted)
        case .alias:
            complain(
                step.place, "aliases are not supported; put text that begins with * in quotes")
            return .null(step.place)
        case .sequenceStart: return try sequence(at: step.place, depth: depth)
        case .mappingStart: return try mapping(at: step.place, depth: depth)
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            throw Complaint(step.place, "expected a value")
        }
    }

    private mutating func sequence(at place: Place, depth: Int) throws(Complaint) -> Tree {
        var items: [Tree] = []
        while true {
            let step = try stream.next()
            if case .sequenceEnd = step.kind { return .sequence(items, place) }
            items.append(try node(step, depth: depth + 1))
        }
    }

    private mutating func mapping(at place: Place, depth: Int) throws(Complaint) -> Tree {
        var entries: [(key: String, keyPlace: Place, value: Tree)] = []
        var places: [String: Place] = [:]
        while true {
            let step = try stream.next()
            if case .mappingEnd = step.kind { return .mapping(entries, place) }
            if case .scalar(let text, quoted: false) = step.kind, let last = entries.last,
                let number = Self.split(last.value, step.place, text)
            {
                complain(
                    last.value.place,
                    "a comma begins the next key; decimals follow a point, and thousands are not "
                        + "separated: did you mean \(number)?")
                _ = try node(try stream.next(), depth: depth + 1)
                // Nothing else is to be said of the first half.
                entries[entries.count - 1].value = .null(last.value.place)
                continue
            }
            let key = try key(step, depth: depth)
            let value = try node(try stream.next(), depth: depth + 1)
            guard let key else { continue }
            if let first = places[key] {
                complain(
                    step.place,
                    "duplicate key \(excerpt(key)); first given at \(first.line):\(first.column)")
            } else {
                places[key] = step.place
                entries.append((key, step.place, value))
            }
        }
    }

    /// `{ day_usd: 0,50 }` is a value and a key without one: the number that was meant.
    private static func split(_ value: Tree, _ place: Place, _ key: String) -> String? {
        guard case .scalar(let whole, let start, quoted: false) = value, place.line == start.line,
            place.column == start.column + whole.count + 1, key.utf8.first.map(isDigit) == true,
            !whole.isEmpty, whole.utf8.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ".") })
        else { return nil }
        let digits = whole.filter { $0 != "." }
        let point = "\(digits).\(key)"
        return key.utf8.count == 3 && digits != "0" ? "\(digits)\(key) or \(point)" : point
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// The text of a key; nil, after a complaint, if it is not text.
    private mutating func key(_ step: Step, depth: Int) throws(Complaint) -> String? {
        let tree = try node(step, depth: depth + 1)
        switch tree {
        case .scalar("<<", let place, quoted: false):
            complain(place, "merge keys are not supported; use inherits")
            return nil
        case .scalar(let text, let place, let quoted):
            if !quoted, let first = text.unicodeScalars.first, first.properties.isWhitespace {
                complain(
                    place,
                    "the line begins with \(EventStream.name(of: first)); indent with spaces")
                return nil
            }
            guard !quoted, ["true", "false"].contains(text) || Double(text) != nil else {
                return text
            }
            complain(place, "a key must be text; put quotes around it")
            return nil
        case .null(let place):
            if case .scalar = step.kind { complain(place, "a key must be text, found nothing") }
            return nil
        case .sequence(_, let place), .mapping(_, let place):
            complain(place, "a key must be text, found a list or a mapping")
            return nil
        }
    }

    private mutating func refuseDecoration(_ step: Step) {
        if step.hasAnchor {
            complain(
                step.place, "anchors are not supported; put text that begins with & in quotes")
        }
        if step.hasTag {
            complain(step.place, "tags are not supported; put text that begins with ! in quotes")
        }
    }

    private mutating func complain(_ place: Place, _ message: String) {
        complaints.append(Complaint(place, message))
    }
}
