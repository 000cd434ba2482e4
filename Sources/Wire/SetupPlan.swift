import Basics

/// The edits of one `setup` as a tree of names, so that a single walk through the message makes all
/// of them.
struct SetupPlan {
    private enum Change: Equatable {
        case none, remove
        /// An object, empty unless it exists.
        case object
        case set([UInt8])
    }

    /// A field at the end of a path, or on the way to one. The first is the `setup` object.
    private struct Node {
        var name = ""
        var change = Change.none
        /// Fields inside it, under both spellings of their names.
        var children: [String: Int] = [:]
        /// The lengths of these names, one bit each: most names in a setup have another, and need
        /// not be looked up.
        var lengths: UInt64 = 0
        /// The edits for this field, by index.
        var edits: [Int] = []
        /// The first edit that puts something here or further inside; nil if none does.
        var rank: Int?
    }

    private static let longestName = 256

    private var nodes = [Node()]
    /// As written, by index of the edits.
    private var paths: [String] = []
    private var touched: Set<Int> = []

    init() {}

    // MARK: Gathering

    mutating func add(_ edit: SetupEdit) throws(Malformed) {
        switch edit {
        case .remove(let path): try add(path, .remove)
        case .setHandle(let handle):
            try add("sessionResumption.handle", .set(JSONText.quoted(handle)))
        case .insertSessionResumption: try add("sessionResumption", .object)
        case .setModel(let model): try add("model", .set(JSONText.quoted(model)))
        case .set(let path, let json): try add(path, .set(json))
        case .setInitialHistory(let isOn):
            try add(
                "historyConfig.initialHistoryInClientContent",
                .set(Array((isOn ? "true" : "false").utf8)))
        }
    }

    /// A path that is empty, or deeper than any message can nest, names nothing.
    private mutating func add(_ path: String, _ change: Change) throws(Malformed) {
        let names = path.utf8.split(separator: UInt8(ascii: ".")).map { String(Substring($0)) }
        guard !names.isEmpty, names.count < JSONCursor.deepest,
            names.allSatisfy({ $0.utf8.count <= Self.longestName })
        else { return }
        let edit = paths.count
        paths.append(path)
        var node = 0
        for (depth, name) in names.enumerated() {
            if change != .remove, nodes[node].rank == nil { nodes[node].rank = edit }
            node = child(of: node, name)
            let inside = Array(names[(depth + 1)...])
            if try hasTaken(node, inside, change, edit) { return }
        }
        nodes[node].edits.append(edit)
        switch (change, nodes[node].change) {
        case (.object, .none): nodes[node].change = .object
        case (.object, .remove): set(node, .set(Array("{}".utf8)), edit)
        case (.object, .set(let json)) where json.first != UInt8(ascii: "{"):
            set(node, .set(Array("{}".utf8)), edit)
        case (.object, .set), (.object, .object): break
        default: set(node, change, edit)
        }
        if change == .remove {
            nodes[node].rank = nil
        } else if nodes[node].rank == nil {
            nodes[node].rank = edit
        }
    }

    private mutating func set(_ node: Int, _ change: Change, _ edit: Int) {
        nodes[node].change = change
        nodes[node].children = [:]
        nodes[node].lengths = 0
        nodes[node].edits = [edit]
    }

    private mutating func child(of node: Int, _ name: String) -> Int {
        if let child = nodes[node].children[name] { return child }
        let child = nodes.count
        nodes.append(Node(name: name))
        for spelling in [name, Name.original(of: name)] {
            nodes[node].children[spelling] = child
            nodes[node].lengths |= Self.bit(spelling.utf8.count)
        }
        return child
    }

    private static func bit(_ length: Int) -> UInt64 { 1 << UInt64(min(length, 63)) }

    /// The field inside a node that has this name.
    private func child(
        of node: Int, named key: JSONCursor.Text, _ bytes: Span<UInt8>
    ) -> Int? {
        guard key.isEscaped || nodes[node].lengths & Self.bit(key.range.count) != 0 else {
            return nil
        }
        return nodes[node].children[
            JSONText.unescape(bytes, key.range, limit: Self.longestName + 4)]
    }

    /// Whether a field that an earlier edit replaced accepts one inside it.
    private mutating func hasTaken(
        _ node: Int, _ inside: [String], _ change: Change, _ edit: Int
    ) throws(Malformed) -> Bool {
        guard !inside.isEmpty else { return false }
        switch nodes[node].change {
        case .none, .object: return false
        case .remove:
            guard change != .remove else { return true }
            let value: [UInt8] = if case .set(let json) = change { json } else { [0x7B, 0x7D] }
            nodes[node].change = .set(
                inside.reversed().reduce(value) { Self.object([Self.member($1, $0)]) })
            nodes[node].rank = edit
        case .set(let json):
            var plan = SetupPlan()
            try plan.add(inside.joined(separator: "."), change)
            let new = try plan.applied(toValue: json.span)
            if new == json { return true }
            nodes[node].change = .set(new)
        }
        nodes[node].edits.append(edit)
        return true
    }

    // MARK: Locking

    /// What a mask locks: each of its fields as in `own`, a message with a `setup`, or removed if
    /// `own` has none.
    init(of mask: [String], _ own: Span<UInt8>) throws(Malformed) {
        for path in mask { try add(path, .remove) }
        var plan = self
        var editor = JSONEditor()
        _ = try editor.object(own, depth: 0) { editor, key throws(Malformed) in
            if key.name(own) == .setup { return try plan.fill(0, &editor, own, depth: 1) }
            return try editor.pass(own, depth: 1, .keep)
        }
        self = plan
    }

    private mutating func fill(
        _ node: Int, _ editor: inout JSONEditor, _ own: Span<UInt8>, depth: Int
    ) throws(Malformed) -> JSONEditor.Fate {
        if nodes[node].change == .remove {
            let value = try editor.place(own, depth: depth)
            nodes[node].change = .set([UInt8](copying: own.extracting(value.range)))
            nodes[node].rank = node
            return .keep
        }
        _ = try editor.object(own, depth: depth) { editor, key throws(Malformed) in
            guard let child = child(of: node, named: key, own) else {
                return try editor.pass(own, depth: depth + 1, .keep)
            }
            let fate = try fill(child, &editor, own, depth: depth + 1)
            if nodes[child].rank != nil { nodes[node].rank = node }
            return fate
        }
        return .keep
    }

    // MARK: Applying

    mutating func applied(to bytes: Span<UInt8>) throws(Malformed) -> EditedSetup {
        var editor = JSONEditor()
        var hasSetup = false
        _ = try editor.object(bytes, depth: 0) { editor, key throws(Malformed) in
            guard key.name(bytes) == .setup else {
                return try editor.pass(bytes, depth: 1, .keep)
            }
            if hasSetup { throw Malformed(.twins, at: Int(key.range.lower)) }
            hasSetup = true
            if editor.cursor.next(bytes) == UInt8(ascii: "{") {
                try applyInside(0, &editor, bytes, depth: 1)
            } else {
                try editor.cursor.skip(bytes, depth: 1)
            }
            return .keep
        }
        try editor.cursor.close(bytes)
        return EditedSetup(
            bytes: editor.edits.applied(to: bytes), touched: touched.sorted().map { paths[$0] })
    }

    /// The same for `bytes` that are a value inside the setup, an object or not.
    private mutating func applied(toValue bytes: Span<UInt8>) throws(Malformed) -> [UInt8] {
        var editor = JSONEditor()
        if editor.cursor.next(bytes) == UInt8(ascii: "{") {
            try applyInside(0, &editor, bytes, depth: 0)
        } else if nodes[0].rank != nil {
            return nested(0)
        }
        return editor.edits.applied(to: bytes)
    }

    /// At the value of a node's field.
    private mutating func apply(
        _ node: Int, _ editor: inout JSONEditor, _ bytes: Span<UInt8>, depth: Int
    ) throws(Malformed) -> JSONEditor.Fate {
        switch nodes[node].change {
        case .remove:
            touched.formUnion(nodes[node].edits)
            return try editor.pass(bytes, depth: depth, .remove)
        case .set(let json):
            if try editor.replace(bytes, depth: depth, with: json) {
                touched.formUnion(nodes[node].edits)
            }
        case .none, .object:
            if editor.cursor.next(bytes) == UInt8(ascii: "{") {
                try applyInside(node, &editor, bytes, depth: depth)
            } else if nodes[node].rank != nil {
                let place = try editor.place(bytes, depth: depth)
                editor.edits.replace(place, with: nested(node))
            } else {
                try editor.cursor.skip(bytes, depth: depth)
            }
        }
        return .keep
    }

    /// At an object: its members first, then missing ones in front of them.
    private mutating func applyInside(
        _ node: Int, _ editor: inout JSONEditor, _ bytes: Span<UInt8>, depth: Int
    ) throws(Malformed) {
        var found: Set<Int> = []
        let rest = try editor.object(bytes, depth: depth) { editor, key throws(Malformed) in
            guard let child = child(of: node, named: key, bytes) else {
                return try editor.pass(bytes, depth: depth + 1, .keep)
            }
            guard found.insert(child).inserted else {
                throw Malformed(.twins, at: Int(key.range.lower))
            }
            return try apply(child, &editor, bytes, depth: depth + 1)
        }
        let missing = created(in: node).filter { !found.contains($0) }.map { member(of: $0) }
        guard let rest, !missing.isEmpty else { return }
        let end: [[UInt8]] = rest.kept > 0 ? [[]] : []
        let new = Array((missing + end).joined(separator: [UInt8(ascii: ",")]))
        editor.edits.insert(new, atReserved: rest.front)
    }

    // MARK: What is missing

    /// Fields that are inserted because they are missing, the last edit's first.
    private func created(in node: Int) -> [Int] {
        Set(nodes[node].children.values).filter { nodes[$0].rank != nil }
            .sorted { (nodes[$0].rank ?? 0) > (nodes[$1].rank ?? 0) }
    }

    private mutating func member(of node: Int) -> [UInt8] {
        Self.member(nodes[node].name, nested(node))
    }

    /// The value of a field that is missing.
    private mutating func nested(_ node: Int) -> [UInt8] {
        if nodes[node].rank != nil { touched.formUnion(nodes[node].edits) }
        if case .set(let json) = nodes[node].change { return json }
        return Self.object(created(in: node).map { member(of: $0) })
    }

    private static func member(_ name: String, _ value: [UInt8]) -> [UInt8] {
        JSONText.quoted(name) + [UInt8(ascii: ":")] + value
    }

    private static func object(_ members: [[UInt8]]) -> [UInt8] {
        Array("{".utf8) + members.joined(separator: [UInt8(ascii: ",")]) + Array("}".utf8)
    }
}
