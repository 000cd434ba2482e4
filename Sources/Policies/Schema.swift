public import Basics

/// One key of a file: where it belongs, how it is written, what it means. The reader, the
/// reference, the shipped files and `explain` all use these, so a key is defined once.
public struct Setting<Root: Sendable>: Sendable {
    /// `turns.dead_air`
    public let path: String
    /// Kind, unit and range, as in the reference.
    public let type: String
    public let meaning: String
    /// One line of YAML that sets it.
    public let example: String
    /// Not inherited by other files.
    let isOwn: Bool
    /// Shown as a comment in files, because it has no default that could be written.
    let isCommentedOut: Bool
    /// The value as YAML; nil if the group it belongs to is off.
    public let show: @Sendable (Root) -> String?
    let read: @Sendable (Tree, inout Root, inout [Complaint]) -> Bool
    let reset: @Sendable (inout Root, Root) -> Void

    init<Value>(
        _ path: String, _ value: any WritableKeyPath<Root, Value> & Sendable,
        _ format: Format<Value>,
        _ meaning: String, example: String, isOwn: Bool = false, isCommentedOut: Bool = false,
        when isOn: (@Sendable (Root) -> Bool)? = nil
    ) {
        self.path = path
        self.type = format.name
        self.meaning = meaning
        self.example = example
        self.isOwn = isOwn
        self.isCommentedOut = isCommentedOut
        self.show = { root in isOn?(root) == false ? nil : format.show(root[keyPath: value]) }
        self.read = { tree, root, complaints in
            var found: [Complaint] = []
            let result = format.read(tree, format.expectation, &found)
            complaints += found.map { Complaint($0.place, "\(path): \($0.message)") }
            guard let result, found.isEmpty else { return false }
            root[keyPath: value] = result
            return true
        }
        self.reset = { root, defaults in root[keyPath: value] = defaults[keyPath: value] }
    }

    /// `turns.dead_air` -> `turns`; empty at the top.
    public var section: String { Schema<Root>.split(path).section }
    /// `turns.dead_air` -> `dead_air`.
    public var key: String { Schema<Root>.split(path).key }
}

/// Where a value came from.
public enum Origin: Hashable, Sendable, CustomStringConvertible {
    case builtIn
    case file(Place)

    public var description: String {
        switch self {
        case .builtIn: "built-in"
        case .file(let place): "\(place.file):\(place.line)"
        }
    }
}

/// A value read from files, with the origin of each of its settings.
public struct Sourced<Root: Sendable>: Sendable {
    public var value: Root
    /// One per setting, in the schema's order.
    public var origins: [Origin]
}

extension Sourced: Equatable where Root: Equatable {}

/// All keys of one kind of file.
public struct Schema<Root: Sendable>: Sendable {
    public let settings: [Setting<Root>]
    /// Section -> key -> entry.
    private let entries: [String: [String: Entry]]

    private struct Entry: Sendable {
        var setting: Int?
        var isSection = false
    }

    init(_ settings: [Setting<Root>]) {
        self.settings = settings
        var entries: [String: [String: Entry]] = ["": [:]]
        for (index, setting) in settings.enumerated() {
            let (section, key) = Self.split(setting.path)
            entries[section, default: [:]][key, default: Entry()].setting = index
            var inner = section
            while !inner.isEmpty {
                let (outer, name) = Self.split(inner)
                entries[outer, default: [:]][name, default: Entry()].isSection = true
                inner = outer
            }
        }
        self.entries = entries
    }

    /// A value that no file has changed.
    public func untouched(_ value: Root) -> Sourced<Root> {
        Sourced(value: value, origins: Array(repeating: .builtIn, count: settings.count))
    }

    /// The origin of the setting at `path`; built-in if there is no such setting.
    public func origin(of path: String, in sourced: Sourced<Root>) -> Origin {
        zip(settings, sourced.origins).first { $0.0.path == path }?.1 ?? .builtIn
    }

    /// Applies what `tree` sets on top of `base`. Complains about every key that is unknown or has
    /// a wrong value; such a key changes nothing.
    func read(
        _ tree: Tree, onto base: Sourced<Root>, _ complaints: inout [Complaint]
    ) -> Sourced<Root> {
        var result = base
        readSection("", tree, into: &result, &complaints)
        return result
    }

    private func readSection(
        _ section: String, _ tree: Tree, into result: inout Sourced<Root>,
        _ complaints: inout [Complaint]
    ) {
        let pairs: [(key: String, keyPlace: Place, value: Tree)]
        switch tree {
        // A section whose keys are all commented out.
        case .null: return
        case .mapping(let entries, _): pairs = entries
        case .scalar, .sequence:
            let name = section.isEmpty ? "" : "\(section): "
            let mismatch = Complaint.mismatch(tree, expected: "a mapping")
            complaints.append(Complaint(mismatch.place, name + mismatch.message))
            return
        }
        for (key, place, value) in pairs {
            guard let entry = entries[section]?[key] else {
                complaints.append(Complaint(place, unknown(key, in: section)))
                continue
            }
            var isMapping = false
            if case .mapping = value { isMapping = true }
            if let index = entry.setting,
                settings[index].read(value, &result.value, &complaints)
            {
                result.origins[index] = .file(place)
            }
            // `models.breaker` is a word, or a section.
            if entry.isSection, isMapping || entry.setting == nil {
                readSection(Self.join(section, key), value, into: &result, &complaints)
            }
        }
    }

    /// Says where the key belongs, or which key was probably meant.
    private func unknown(_ key: String, in section: String) -> String {
        let message = "unknown key \(excerpt(key))" + (section.isEmpty ? "" : " in \(section)")
        let siblings = (entries[section] ?? [:]).keys.sorted()
        if let guess = guess(for: key, among: siblings) {
            return "\(message); did you mean \"\(guess)\"?"
        }
        let known = settings.map(\.path) + entries.keys.filter { !$0.isEmpty }.sorted()
        let homes = known.filter { $0 == key || Self.split($0).key == key }
        // `dead_air` is a rule and a duration: the one higher up is more often meant.
        func depth(_ path: String) -> Int { path.utf8.count { $0 == UInt8(ascii: ".") } }
        let least = homes.map(depth).min()
        let owners = homes.filter { depth($0) == least }.map { Self.split($0).section }
        guard let owner = owners.first else { return message }
        let name = Self.split(key).key
        return owner.isEmpty
            ? "\(message); \"\(name)\" belongs at the top of the file"
            : "\(message); \"\(name)\" belongs in \(owners.joined(separator: " or "))"
    }

    static func split(_ path: String) -> (section: String, key: String) {
        guard let dot = path.lastIndex(of: ".") else { return ("", path) }
        return (String(path[..<dot]), String(path[path.index(after: dot)...]))
    }

    private static func join(_ section: String, _ key: String) -> String {
        section.isEmpty ? key : "\(section).\(key)"
    }
}
