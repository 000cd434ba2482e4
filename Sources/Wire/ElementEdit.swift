import Basics

/// What to do with one call, one result or one cancelled id, by index: the order in which
/// `ToolReader` reads them. Elements after the end of a list of edits stay unchanged.
public enum ElementEdit: Equatable, Sendable {
    case keep
    case drop
    /// The element once under each of these ids, otherwise unchanged. An empty text means the
    /// element without an id; an empty list is the same as `drop`.
    case ids([String])
}

extension JSONEditor {
    /// A list of objects with an `id`, or of ids.
    mutating func elements(
        _ bytes: Span<UInt8>, depth: Int, _ changes: [ElementEdit]
    ) throws(Malformed) -> Fate {
        let isLone = cursor.next(bytes) == UInt8(ascii: "{")
        return try list(bytes, depth: depth) { editor, place throws(Malformed) in
            switch place < changes.count ? changes[place] : .keep {
            case .keep: return try editor.pass(bytes, depth: depth + 1, .keep)
            case .drop, .ids([]): return try editor.pass(bytes, depth: depth + 1, .remove)
            case .ids(let ids):
                try editor.rename(bytes, depth: depth + 1, to: ids, isLone: isLone)
                return .keep
            }
        }.fate
    }

    /// One element, at its beginning, under different ids.
    private mutating func rename(
        _ bytes: Span<UInt8>, depth: Int, to ids: [String], isLone: Bool
    ) throws(Malformed) {
        let element = try Identified.read(&cursor, bytes, depth: depth)
        let copies = ids.count > 1
        if copies, isLone { edits.insert([UInt8(ascii: "[")], at: element.span.lowerBound) }
        element.edit(bytes, id: ids[0], &edits)
        guard copies else { return }
        var more: [UInt8] = []
        for id in ids.dropFirst() {
            var changes = ByteEdits()
            element.edit(bytes, id: id, &changes)
            more.append(UInt8(ascii: ","))
            more += changes.applied(to: bytes, in: element.span)
        }
        if isLone { more.append(UInt8(ascii: "]")) }
        edits.insert(more, at: element.span.upperBound)
    }
}

/// A call or a result and the position of its id, or a bare id.
private struct Identified {
    var span = 0..<0
    /// Values of `id`, with quotes: one, none, or several that cannot be told apart.
    var ids: [ByteRange] = []
    /// The removals that delete the id.
    var withoutID = ByteEdits()
    var isObject = false
    var isEmpty = true

    static func read(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>, depth: Int
    ) throws(Malformed) -> Identified {
        var element = Identified()
        _ = cursor.next(bytes)
        let start = cursor.at
        var walk = JSONEditor(cursor: cursor)
        let rest = try walk.object(bytes, depth: depth) { walk, key throws(Malformed) in
            guard key.name(bytes) == .id else {
                return try walk.pass(bytes, depth: depth + 1, .keep)
            }
            element.ids.append(try walk.place(bytes, depth: depth + 1))
            return .remove
        }
        cursor = walk.cursor
        element.span = start..<cursor.at
        element.withoutID = walk.edits
        element.isObject = rest != nil
        element.isEmpty = rest.map { $0.kept + $0.removed == 0 } ?? true
        if !element.isObject { element.ids = [ByteRange(start, cursor.at)] }
        return element
    }

    func edit(_ bytes: Span<UInt8>, id: String, _ edits: inout ByteEdits) {
        if isObject, id.isEmpty { return edits.add(withoutID) }
        let new = JSONText.quoted(id)
        if ids.isEmpty {
            let member = Array(#""id":"#.utf8) + new + (isEmpty ? [] : [UInt8(ascii: ",")])
            return edits.insert(member, at: span.lowerBound + 1)
        }
        for old in ids where !isText(bytes, old, id) { edits.replace(old, with: new) }
    }

    /// Whether it equals `text`, however it is escaped.
    private func isText(_ bytes: Span<UInt8>, _ value: ByteRange, _ text: String) -> Bool {
        guard value.count >= 2, bytes[Int(value.lower)] == UInt8(ascii: "\"") else { return false }
        let inside = ByteRange(Int(value.lower) + 1, Int(value.upper) - 1)
        return JSONText.equals(bytes, inside, text)
    }
}
