import Basics

// Queries about the kept entries.
extension Journal {
    /// Nil if it is not kept.
    private func place(of id: ID) -> Int? {
        let index = kept.index(of: id)
        return index < kept.entries.count && kept.entries[index].id == id ? index : nil
    }

    func kind(of id: ID) -> Kind? { place(of: id).map { kept.entries[$0].kind } }

    /// Their messages, as they were sent, except those of one kind.
    func messages(of ids: [ID], without kind: Kind? = nil) -> [[UInt8]] {
        ids.compactMap { id in
            guard let index = place(of: id), kept.entries[index].kind != kind else { return nil }
            return kept.message(kept.entries[index])
        }
    }

    func kinds(of ids: [ID]) -> [Kind] { ids.compactMap(kind(of:)) }

    func sound(of ids: [ID]) -> Interval {
        ids.reduce(.zero) { sum, id in
            sum + (place(of: id).map { kept.entries[$0].audio } ?? .zero)
        }
    }

    /// The question as typed by the user.
    var typedQuestion: String? {
        let text = words.question
        return text.isEmpty ? nil : text
    }

    /// The reply broke off and starts again: its words so far are dropped.
    mutating func replyRestarted() { words.dropUnanswered(.model) }

    /// Called for every message.
    @inline(__always) mutating func shrink(to bounds: Bounds) {
        if audio > bounds.sound || size > bounds.bytes { makeRoom(in: bounds) }
    }

    // MARK: Gaps

    /// Answered audio without a transcript that the memory does not contain.
    func lost(to memory: Knowledge) -> Interval {
        untold.reduce(.zero) { sum, gap in
            memory.known.contains(gap.id) ? sum : sum + gap.audio
        }
    }

    /// How much of the question the known words cover, and their length, for the last flush that
    /// leaves at most `bound` of audio after it.
    func transcribedPart(leaving bound: Interval) -> (id: ID, length: Int)? {
        for mark in flushes.marks {
            let rest = kept.entries[kept.index(of: mark.id)...].reduce(Interval.zero) {
                $0 + $1.audio
            }
            if rest <= bound { return mark }
        }
        return flushes.marks.last
    }
}
