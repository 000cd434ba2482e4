import Basics
import Wire

// What is no longer kept: for room, or because it has been answered.
extension Journal {
    mutating func discard(before id: ID) {
        let limit = kept.index(of: id)
        let first = activity(around: limit)
        guard limit > 0 else { return }
        // All of it, at the end of most turns.
        if first == kept.entries.count {
            audio = .zero
            return kept.removeAll()
        }
        for index in 0..<limit
        where index < first || !kept.entries[index].kind.isPartOfActivity {
            drop(index)
        }
        kept.compact()
    }

    /// The start of the activity that continues at `index`: it is kept whole, or the rest would
    /// have no start. `index` itself if there is no voice. A function call would copy the journal.
    @inline(__always) func activity(around index: Int) -> Int {
        let boundary = kept.entries[..<index].lastIndex { $0.kind == .start || $0.kind == .end }
        guard let boundary, kept.entries[boundary].kind == .start else { return index }
        return boundary
    }

    /// Drops the picture, then the oldest audio.
    mutating func makeRoom(in bounds: Bounds) {
        if size > bounds.bytes { kept.decode() }
        if size > bounds.bytes { dropPicture() }
        var index = kept.index(of: cursor)
        while index < kept.entries.count, audio > bounds.sound || size > bounds.bytes {
            if kept.entries[index].kind == .sound {
                dropped = dropped + kept.entries[index].audio
                drop(index)
            }
            cursor = kept.entries[index].id + 1
            index += 1
        }
        if size > bounds.bytes { words.shrink(to: max(0, bounds.bytes - kept.size)) }
        if size > bounds.bytes {
            // A little more than requested: making room costs a walk over all entries.
            var target = bounds
            target.bytes -= bounds.bytes / 16
            dropOldest(to: target)
        }
    }

    /// Entries that are neither seen nor heard go last: boundaries without their sound, then text.
    /// The open activity keeps its start, or the rest would have no boundary.
    private mutating func dropOldest(to bounds: Bounds) {
        let open = activity(around: kept.entries.count)
        for index in 0..<open where size > bounds.bytes {
            let entry = kept.entries[index]
            if !entry.isGone, !entry.kind.isPartOfActivity { hasDroppedWords = true }
            drop(index)
            // Whole activities only.
            if entry.kind == .start {
                var end = index + 1
                while end < open, kept.entries[end].kind != .end, kept.entries[end].kind != .start {
                    if kept.entries[end].kind == .text { hasDroppedWords = true }
                    drop(end)
                    end += 1
                }
                if end < open, kept.entries[end].kind == .end { drop(end) }
            }
        }
        kept.compact()
    }

    /// Memory is short: drops the audio of answered turns, which is kept for the first syllable of
    /// the next question, and releases unused capacity.
    mutating func shed() {
        let limit = kept.index(of: settled)
        for index in 0..<activity(around: limit) where kept.entries[index].kind == .sound {
            drop(index)
        }
        kept.tighten()
    }

    /// Only the newest picture is worth replaying, and no picture is worth a word. What is beside
    /// it stays.
    mutating func dropPicture(for newer: (id: ID, isPlain: Bool)? = nil) {
        defer { picture = newer }
        guard let picture else { return }
        let index = kept.index(of: picture.id)
        guard index < kept.entries.count, kept.entries[index].id == picture.id else { return }
        let message = picture.isPlain ? [] : kept.message(kept.entries[index])
        guard let rest = ClientMessage.edit(message.span, [.removePictures]), !rest.isEmpty,
            let scanned = try? ClientMessage.scan(rest.span)
        else { return drop(index) }
        kept.replace(index, with: rest.span, kind: Kind(scanned) ?? .other)
    }

    mutating func drop(_ index: Int) {
        guard !kept.entries[index].isGone else { return }
        audio = audio - kept.entries[index].audio
        kept.drop(index)
    }
}
