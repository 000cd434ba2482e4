import Basics

// What gemini closed on as invalid.
extension Journal {
    /// It closed on unanswered input.
    ///
    /// - Parameter first: The first of it that the connection was sent.
    /// - Returns: It had closed on the same before.
    mutating func isRefusedAgain(from first: ID) -> Bool {
        defer { refused = end }
        return first < refused
    }

    /// It does not accept this message, which is neither replayed nor told in other words.
    mutating func refuse(_ id: ID) {
        let index = kept.index(of: id)
        if index < kept.entries.count, kept.entries[index].id == id { drop(index) }
        words.drop(at: id)
    }

    /// Nothing will answer this result: from now on it is part of the words.
    mutating func settle(result id: ID) {
        let index = kept.index(of: id)
        guard index < kept.entries.count, kept.entries[index].id == id,
            kept.entries[index].kind == .result
        else { return }
        drop(index)
    }

    /// The same for all unanswered input.
    ///
    /// - Returns: The sound among it.
    mutating func refuseUnanswered() -> Interval {
        words.dropUnanswered(.user)
        kept.removeAll()
        picture = nil
        defer { audio = .zero }
        return audio
    }
}
