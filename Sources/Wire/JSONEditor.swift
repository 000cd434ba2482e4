import Basics

/// Walks through one JSON text, strictly forward, and records what is to change in it. For each
/// member or element the caller decides; the editor takes care of commas.
struct JSONEditor {
    var cursor = JSONCursor()
    var edits = ByteEdits()

    /// The decision on a member or an element.
    enum Fate { case keep, remove }

    /// What remains of an object or a list.
    struct Rest {
        var kept = 0
        var removed = 0
        /// Where something can be inserted in front of all members, for `ByteEdits`.
        var front = 0

        /// It had content, and now has none.
        var isEmptied: Bool { kept == 0 && removed > 0 }
        /// A container is removed with the last thing it held.
        var fate: Fate { isEmptied ? .remove : .keep }
    }

    /// The members or elements of one container visited so far.
    private struct Items {
        var rest = Rest()
        private var mark = 0
        private var start = 0
        /// The end of the last kept one.
        private var keptEnd: Int?
        /// The removed ones since then, adjacent to each other.
        private var gone: ByteRange?

        mutating func begin(at start: Int, _ edits: inout ByteEdits) {
            mark = edits.count
            self.start = start
            // Correct if this one stays: with the comma behind them.
            if let gone { edits.remove(from: Int(gone.lower), to: start) }
        }

        mutating func end(_ fate: Fate, at end: Int, _ edits: inout ByteEdits) {
            if fate == .keep {
                rest.kept += 1
                keptEnd = end
                gone = nil
            } else {
                rest.removed += 1
                edits.forget(since: mark)
                gone = ByteRange(gone.map { Int($0.lower) } ?? start, end)
            }
        }

        /// If nothing follows, they are removed with the comma in front.
        func finish(_ edits: inout ByteEdits) {
            guard let gone else { return }
            edits.remove(from: keptEnd ?? Int(gone.lower), to: Int(gone.upper))
        }
    }
}

// MARK: - Containers

extension JSONEditor {
    /// Walks through the next object: `body` is called at each value, with its key, and must read
    /// it. Any other value is skipped and nil returned.
    mutating func object(
        _ bytes: Span<UInt8>, depth: Int,
        _ body: (inout JSONEditor, JSONCursor.Text) throws(Malformed) -> Fate
    ) throws(Malformed) -> Rest? {
        guard try cursor.enter(bytes, depth: depth) else { return nil }
        var items = Items()
        items.rest.front = edits.reserve(at: cursor.at)
        var hasMore = cursor.next(bytes) != UInt8(ascii: "}")
        if !hasMore { cursor.at += 1 }
        while hasMore {
            _ = cursor.next(bytes)
            items.begin(at: cursor.at, &edits)
            let key = try cursor.keyText(bytes)
            _ = cursor.next(bytes)
            let fate = try body(&self, key)
            items.end(fate, at: cursor.at, &edits)
            let byte = cursor.next(bytes)
            guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") else {
                throw cursor.blame(bytes)
            }
            cursor.at += 1
            hasMore = byte == UInt8(ascii: ",")
        }
        items.finish(&edits)
        return items.rest
    }

    /// Walks through the next list, likewise; `body` gets each element's index. A lone object is a
    /// list of one, as for every reader.
    mutating func list(
        _ bytes: Span<UInt8>, depth: Int,
        _ body: (inout JSONEditor, Int) throws(Malformed) -> Fate
    ) throws(Malformed) -> Rest {
        var items = Items()
        var place = 0
        var list = try cursor.enterList(bytes, depth: depth)
        let isLone = list == .lone
        while list != .end {
            _ = cursor.next(bytes)
            items.begin(at: cursor.at, &edits)
            let fate = try body(&self, place)
            items.end(fate, at: cursor.at, &edits)
            place += 1
            list = try cursor.advance(list, bytes)
        }
        // A lone object, without brackets, cannot be removed and leave nothing.
        if !isLone { items.finish(&edits) }
        return items.rest
    }

    /// Skips the next value, with this decision.
    mutating func pass(
        _ bytes: Span<UInt8>, depth: Int, _ fate: Fate
    ) throws(Malformed) -> Fate {
        try cursor.skip(bytes, depth: depth)
        return fate
    }

    /// Skips the next value and returns its position, with quotes or brackets.
    mutating func place(_ bytes: Span<UInt8>, depth: Int) throws(Malformed) -> ByteRange {
        _ = cursor.next(bytes)
        let start = cursor.at
        try cursor.skip(bytes, depth: depth)
        return ByteRange(start, cursor.at)
    }

    /// Replaces the next value by `new`, unless it is equal already.
    mutating func replace(
        _ bytes: Span<UInt8>, depth: Int, with new: [UInt8]
    ) throws(Malformed) -> Bool {
        let old = try place(bytes, depth: depth)
        if Bytes.equal(bytes.extracting(old.range), new.span) { return false }
        edits.replace(old, with: new)
        return true
    }
}

extension JSONCursor.Text {
    /// The name that a key spells, `unknown` for unknown ones.
    func name(_ bytes: Span<UInt8>) -> Name { key(bytes).name }

    func key(_ bytes: Span<UInt8>) -> Key {
        if isEscaped { return JSONText.name(bytes, range) }
        if range.count > Names.longest { return .unknown }
        return Names.key(Bytes.words(bytes, from: Int(range.lower), to: Int(range.upper)))
    }
}

extension Bytes {
    static func equal(_ one: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
        guard one.count == other.count else { return false }
        for at in one.indices where one[at] != other[at] { return false }
        return true
    }
}
