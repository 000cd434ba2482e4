import Basics

/// How one kind of value is written in a file: read strictly, and printed so that reading it again
/// gives the same value.
struct Format<Value: Sendable>: Sendable {
    /// For the reference: `duration, 0ms to 10s`.
    let name: String
    /// For errors: `a duration such as 300ms`.
    let expectation: String
    /// The value; or nil, after at least one complaint that says `expected ...`.
    let read: @Sendable (_ tree: Tree, _ expectation: String, inout [Complaint]) -> Value?
    let show: @Sendable (Value) -> String
}

/// Why a scalar's text is not a valid value.
enum Wrong: Error {
    /// Not this kind at all: the error says what was expected and what was found.
    case kind
    /// The same, without repeating the text, which may be a secret.
    case undisclosed
    case because(String)
}

extension Format {
    /// A value that is one scalar. `isText` permits quotes; a quoted number or `true` is text.
    static func scalar(
        _ name: String, expecting expectation: String, isText: Bool = false,
        show: @escaping @Sendable (Value) -> String,
        parse: @escaping @Sendable (String) throws(Wrong) -> Value
    ) -> Format {
        Format(
            name: name, expectation: expectation,
            read: { tree, expectation, complaints in
                guard case .scalar(let text, let place, let quoted) = tree else {
                    complaints.append(.mismatch(tree, expected: expectation))
                    return nil
                }
                guard isText || !quoted else {
                    complaints.append(
                        Complaint(
                            place,
                            "expected \(expectation), found text in quotes; remove the quotes"))
                    return nil
                }
                do throws(Wrong) {
                    return try parse(text)
                } catch {
                    let message =
                        switch error {
                        case .kind: "expected \(expectation), found \(excerpt(text))"
                        case .undisclosed: "expected \(expectation)"
                        case .because(let reason): reason
                        }
                    complaints.append(Complaint(place, message))
                    return nil
                }
            },
            show: show)
    }

    /// The same format, or null.
    static func optional<Wrapped>(_ format: Format<Wrapped>, orNull name: String? = nil) -> Format
    where Value == Wrapped? {
        Format(
            name: name ?? "\(format.name); or null", expectation: "\(format.expectation), or null",
            read: { tree, expectation, complaints in
                if case .null = tree { return .some(nil) }
                return format.read(tree, expectation, &complaints).map(Optional.some)
            },
            show: { $0.map(format.show) ?? "null" })
    }

    /// Zero or more values in order, without duplicates.
    static func list<Element: Hashable>(
        of format: Format<Element>, _ plural: String, atLeast least: Int = 0, distinct: Bool = true
    ) -> Format where Value == [Element] {
        Format(
            name: "list of \(plural)", expectation: "a list of \(plural)",
            read: { tree, expectation, complaints in
                guard case .sequence(let items, let place) = tree else {
                    complaints.append(.mismatch(tree, expected: expectation))
                    return nil
                }
                var elements: [Element] = []
                var places: [Element: Place] = [:]
                let before = complaints.count
                for item in items {
                    guard let element = format.read(item, format.expectation, &complaints) else {
                        continue
                    }
                    elements.append(element)
                    if distinct, let first = places.updateValue(item.place, forKey: element) {
                        complaints.append(
                            Complaint(
                                item.place,
                                "listed twice; first at \(first.line):\(first.column)"))
                    }
                }
                if items.count < least {
                    complaints.append(Complaint(place, "the list must not be empty"))
                }
                return complaints.count == before ? elements : nil
            },
            show: { "[\($0.map(format.show).joined(separator: ", "))]" })
    }

    /// A list, or a single element.
    static func oneOrMore<Element: Hashable>(
        _ format: Format<Element>, _ plural: String
    ) -> Format where Value == [Element] {
        let list = Format<[Element]>.list(of: format, plural, atLeast: 1)
        return Format(
            name: "\(format.name) or list of \(plural)",
            expectation: "\(format.expectation), or a list of \(plural)",
            read: { tree, expectation, complaints in
                if case .sequence = tree { return list.read(tree, expectation, &complaints) }
                return format.read(tree, expectation, &complaints).map { [$0] }
            },
            show: { $0.count == 1 ? format.show($0[0]) : list.show($0) })
    }

    /// A mapping from names of one kind to values of one kind.
    static func map<Target>(
        of format: Format<String>, to target: Format<Target>, _ words: String,
        names: @escaping @Sendable (Target) -> [String]
    ) -> Format where Value == [String: Target] {
        Format(
            name: words, expectation: "a \(words)",
            read: { tree, expectation, complaints in
                guard case .mapping(let entries, _) = tree else {
                    complaints.append(.mismatch(tree, expected: expectation))
                    return nil
                }
                var map: [String: Target] = [:]
                let before = complaints.count
                for entry in entries {
                    let key = Tree.scalar(entry.key, entry.keyPlace, quoted: false)
                    let name = format.read(key, format.expectation, &complaints)
                    let value = target.read(entry.value, target.expectation, &complaints)
                    if let name, let value { map[name] = value }
                    if let name, let value, names(value).contains(name) {
                        complaints.append(
                            Complaint(entry.value.place, "\(excerpt(name)) names itself"))
                    }
                }
                return complaints.count == before ? map : nil
            },
            show: { map in
                let pairs = map.sorted { $0.key < $1.key }
                    .map { "\(format.show($0.key)): \(target.show($0.value))" }
                return pairs.isEmpty ? "{}" : "{ \(pairs.joined(separator: ", ")) }"
            })
    }

    /// `profile`, or a value.
    static func orProfile<Wrapped>(_ format: Format<Wrapped>) -> Format where Value == Wrapped? {
        Format(
            name: "profile or \(format.name)", expectation: "profile or \(format.expectation)",
            read: { tree, expectation, complaints in
                if case .scalar("profile", _, quoted: false) = tree { return .some(nil) }
                return format.read(tree, expectation, &complaints).map(Optional.some)
            },
            show: { $0.map(format.show) ?? "profile" })
    }

    /// `profile`, `off`, or a value.
    static func choice<Wrapped>(_ format: Format<Wrapped>) -> Format
    where Value == Choice<Wrapped> {
        Format(
            name: "profile, off or \(format.name)",
            expectation: "profile, off or \(format.expectation)",
            read: { tree, expectation, complaints in
                switch tree {
                case .scalar("profile", _, _): .profile
                case .scalar("off", _, _): .off
                case .scalar, .null, .sequence, .mapping:
                    format.read(tree, expectation, &complaints).map(Choice.value)
                }
            },
            show: { choice in
                switch choice {
                case .profile: "profile"
                case .off: "off"
                case .value(let value): format.show(value)
                }
            })
    }
}

extension Format where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
    /// One of an enumeration's words.
    static var word: Format {
        let words = Value.allCases.map(\.rawValue)
        let expectation = alternatives(words)
        return scalar(expectation, expecting: expectation, isText: true, show: \.rawValue) {
            text throws(Wrong) in
            if let value = Value(rawValue: text) { return value }
            guard let guess = guess(for: text, among: words) else { throw .kind }
            throw .because(
                "expected \(expectation), found \(excerpt(text)); did you mean \"\(guess)\"?")
        }
    }
}

extension Format<Bool> {
    static let flag = scalar(
        "true or false", expecting: "true or false", show: { $0 ? "true" : "false" }
    ) { text throws(Wrong) in
        switch text {
        case "true": return true
        case "false": return false
        default: throw .kind
        }
    }

    /// Whether a group of keys applies: a word that turns it off, or the group itself.
    static func keys(orWord word: String) -> Format {
        Format(
            name: "\(word), or the keys below", expectation: "\(word) or a mapping",
            read: { tree, expectation, complaints in
                switch tree {
                case .mapping: return true
                case .scalar(word, _, _) where word != "null": return false
                case .null where word == "null": return false
                case .scalar, .sequence, .null:
                    complaints.append(.mismatch(tree, expected: expectation))
                    return nil
                }
            },
            show: { $0 ? "{}" : word })
    }
}

extension Complaint {
    /// For a value of the wrong shape. Does not mention its text, which may be a secret.
    static func mismatch(_ tree: Tree, expected: String) -> Complaint {
        let found =
            switch tree {
            case .null: "nothing"
            case .scalar: "text"
            case .sequence: "a list"
            case .mapping: "a mapping"
            }
        return Complaint(tree.place, "expected \(expected), found \(found)")
    }
}

/// `a`, `a or b`, `a, b or c`.
func alternatives(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return "\(words.dropLast().joined(separator: ", ")) or \(last)"
}
