import Basics

/// One change to a `setup` message. Only the spans concerned are cut or inserted; all other bytes
/// stay as the client sent them.
public enum SetupEdit: Equatable, Sendable {
    /// Removes the field at a wire path (`"generationConfig.thinkingConfig"`), in either casing,
    /// with its comma. No such field: no change.
    case remove(String)
    /// Sets or replaces `sessionResumption.handle`.
    case setHandle(String)
    /// Inserts `"sessionResumption":{}` if there is none, or in place of a null.
    case insertSessionResumption
    case setModel(String)
    /// Sets or replaces `historyConfig.initialHistoryInClientContent`.
    case setInitialHistory(Bool)
    /// Sets or replaces the field at a wire path with a piece of JSON.
    case set(String, [UInt8])
}

/// A `setup` message after its edits.
public struct EditedSetup: Equatable, Sendable {
    public var bytes: [UInt8]
    /// Wire paths of the edits that changed something, in camelCase, without `setup.`.
    public var touched: [String]
}

extension Setup {
    /// Applies `edits` in order to the bytes of a `setup` message. A message without a `setup`
    /// object comes back as it was.
    public static func edit(
        _ bytes: Span<UInt8>, _ edits: [SetupEdit]
    ) throws(Malformed) -> EditedSetup {
        var edited = EditedSetup(bytes: [], touched: [])
        edited.bytes.reserveCapacity(bytes.count + 256)
        for at in 0..<bytes.count { edited.bytes.append(bytes[at]) }
        for edit in edits { try edited.apply(edit) }
        return edited
    }
}

extension EditedSetup {
    fileprivate mutating func apply(_ edit: SetupEdit) throws(Malformed) {
        switch edit {
        case .remove(let path): try remove(path)
        case .setHandle(let handle):
            try set("sessionResumption.handle", to: JSONText.quoted(handle))
        case .insertSessionResumption:
            let path = "sessionResumption"
            if let field = try JSONField.find(bytes.span, ["setup", path]), field.isObject(bytes) {
                return
            }
            try set(path, to: Array("{}".utf8))
        case .setModel(let model): try set("model", to: JSONText.quoted(model))
        case .set(let path, let json): try set(path, to: json)
        case .setInitialHistory(let isOn):
            try set(
                "historyConfig.initialHistoryInClientContent",
                to: Array((isOn ? "true" : "false").utf8))
        }
    }

    /// Removes every field the path names: in an ambiguous message there may be two.
    private mutating func remove(_ path: String) throws(Malformed) {
        let names = ["setup"] + path.split(separator: ".").map(String.init)
        guard names.count > 1 else { return }
        var isTouched = false
        while let field = try JSONField.find(bytes.span, names) {
            bytes.removeSubrange(field.cut)
            isTouched = true
        }
        if isTouched { touched.append(path) }
    }

    /// Sets the field the path names, and makes the objects on the way that are missing.
    private mutating func set(_ path: String, to value: [UInt8]) throws(Malformed) {
        let names = ["setup"] + path.split(separator: ".").map(String.init)
        guard var parent = try JSONField.find(bytes.span, ["setup"]), parent.isObject(bytes)
        else { return }
        for depth in 1..<names.count {
            let rest = Array(names[(depth + 1)...])
            guard let field = try JSONField.find(bytes.span, Array(names[...depth])) else {
                // Goes in front of what the parent holds already.
                let member = Self.member(names[depth], Self.nested(rest, value))
                let start = parent.value.lowerBound + 1
                let comma = parent.isEmptyObject ? [] : [UInt8(ascii: ",")]
                bytes.insert(contentsOf: member + comma, at: start)
                touched.append(path)
                return
            }
            if rest.isEmpty || !field.isObject(bytes) {
                let new = Self.nested(rest, value)
                if bytes[field.value].elementsEqual(new) { return }
                bytes.replaceSubrange(field.value, with: new)
                touched.append(path)
                return
            }
            parent = field
        }
    }

    private static func member(_ name: String, _ value: [UInt8]) -> [UInt8] {
        JSONText.quoted(name) + [UInt8(ascii: ":")] + value
    }

    /// `value` inside one object for each name.
    private static func nested(_ names: [String], _ value: [UInt8]) -> [UInt8] {
        names.reversed().reduce(value) { inner, name in
            [UInt8(ascii: "{")] + member(name, inner) + [UInt8(ascii: "}")]
        }
    }
}

/// Where a member of an object stands.
struct JSONField {
    var value: Range<Int>
    /// What must go for the member to be gone: with it one comma, if there are other members.
    var cut: Range<Int>
    /// The value is `{}`, blanks aside.
    var isEmptyObject: Bool

    func isObject(_ bytes: [UInt8]) -> Bool {
        bytes.indices.contains(value.lowerBound) && bytes[value.lowerBound] == UInt8(ascii: "{")
    }

    /// The first member that a path of names leads to, each in either casing.
    static func find(_ bytes: Span<UInt8>, _ names: [String]) throws(Malformed) -> JSONField? {
        var cursor = JSONCursor()
        var found: JSONField?
        for (depth, name) in names.enumerated() {
            guard try cursor.enter(bytes, depth: depth) else { return nil }
            found = try find(&cursor, bytes, name, depth: depth + 1)
            guard let found else { return nil }
            cursor.at = found.value.lowerBound
        }
        return found
    }

    /// Inside an object, at its first key if there is one. Leaves the cursor anywhere.
    private static func find(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>, _ name: String, depth: Int
    ) throws(Malformed) -> JSONField? {
        let original = Name.original(of: name)
        var previousEnd: Int?
        if cursor.next(bytes) == UInt8(ascii: "}") { return nil }
        while true {
            _ = cursor.next(bytes)
            let start = cursor.at
            let key = try cursor.keyText(bytes).range
            let first = cursor.next(bytes)
            let valueStart = cursor.at
            try cursor.skip(bytes, depth: depth)
            let value = valueStart..<cursor.at
            let hasNext = cursor.next(bytes) == UInt8(ascii: ",")
            if !hasNext, cursor.next(bytes) != UInt8(ascii: "}") { throw cursor.blame(bytes) }
            if JSONText.equals(bytes, key, name) || JSONText.equals(bytes, key, original) {
                var inner = JSONCursor(at: valueStart + 1)
                let isEmpty =
                    first == UInt8(ascii: "{") && inner.next(bytes) == UInt8(ascii: "}")
                var field = JSONField(
                    value: value, cut: (previousEnd ?? start)..<value.upperBound,
                    isEmptyObject: isEmpty)
                if hasNext {
                    cursor.at += 1
                    _ = cursor.next(bytes)
                    field.cut = start..<cursor.at
                }
                return field
            }
            guard hasNext else { return nil }
            previousEnd = value.upperBound
            cursor.at += 1
        }
    }
}
