import Basics

/// Walks through one JSON text, strictly forward, and writes down what is to change in it. For each
/// member or element its caller says what becomes of it; commas are seen to here.
struct JSONEditor {
    var cursor = JSONCursor()
    var edits = ByteEdits()

    /// What becomes of a member or an element.
    enum Fate { case keep, remove }

    /// What an object or a list is left with.
    struct Rest {
        var kept = 0
        var removed = 0
        /// Where something can be inserted in front of all members, for `ByteEdits`.
        var front = 0

        /// There was something in it, and now there is nothing.
        var isEmptied: Bool { kept == 0 && removed > 0 }
        /// A container goes with the last thing it held.
        var fate: Fate { isEmptied ? .remove : .keep }
    }

    /// The members or elements of one container that were gone through so far.
    private struct Items {
        var rest = Rest()
        private var mark = 0
        private var start = 0
        /// Where the last kept one ends.
        private var keptEnd: Int?
        /// Those that go, one after the other, since then.
        private var gone: ByteRange?

        mutating func begin(at start: Int, _ edits: inout ByteEdits) {
            mark = edits.count
            self.start = start
            // As it will be if this one stays: with the comma behind them.
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

        /// With nothing behind them they go with the comma in front.
        func finish(_ edits: inout ByteEdits) {
            guard let gone else { return }
            edits.remove(from: keptEnd ?? Int(gone.lower), to: Int(gone.upper))
        }
    }
}

// MARK: - Containers

extension JSONEditor {
    /// Goes through the object that comes next: `body` stands at a value, whose key it is handed,
    /// and must leave it behind. Anything else is skipped, and nil is the answer.
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

    /// Goes through the list that comes next, likewise; `body` is handed each element's place among
    /// them. A lone object is a list of one, as for every reader.
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
        // Without brackets around it nothing may be left in a lone object's stead.
        if !isLone { items.finish(&edits) }
        return items.rest
    }

    /// Skips the value that comes next, which has this fate.
    mutating func pass(
        _ bytes: Span<UInt8>, depth: Int, _ fate: Fate
    ) throws(Malformed) -> Fate {
        try cursor.skip(bytes, depth: depth)
        return fate
    }

    /// Skips the value that comes next and returns its place, quotes and brackets included.
    mutating func place(_ bytes: Span<UInt8>, depth: Int) throws(Malformed) -> ByteRange {
        _ = cursor.next(bytes)
        let start = cursor.at
        try cursor.skip(bytes, depth: depth)
        return ByteRange(start, cursor.at)
    }

    /// Puts `new` in place of the value that comes next, unless it is there already.
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
    /// The name a key spells, `unknown` for those nobody here looks for.
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
