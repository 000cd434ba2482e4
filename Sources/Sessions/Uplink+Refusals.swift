import Basics

// What gemini may have closed on as invalid.
extension Uplink {
    /// The newest written message on this connection of which nothing shows that it was accepted.
    var newestWritten: SentMessages.Written? {
        sent.written.flatMap { isAccepted($0.id) ? nil : $0 }
    }

    /// Gemini closed on the unanswered input that it was sent on this connection.
    ///
    /// - Returns: Whether it had closed on the same before; nil if there is none.
    mutating func isRefusedAgain() -> Bool? {
        let first = journal.kept.entries.first { entry in
            !entry.isGone && sent.contains(entry.id) && !isAccepted(entry.id)
        }
        return first.map { journal.isRefusedAgain(from: $0.id) }
    }

    /// The model has spoken since.
    private func isAccepted(_ id: Journal.ID) -> Bool {
        memory.known.contains(id) || isReplyHere && id < journal.reply
    }
}

// Results that ask nothing.
extension Uplink {
    /// A result was sent that the model is not to mention: no answer will show that it arrived.
    mutating func sentSilently(_ id: Journal.ID, at now: Instant) {
        silent.append((id, now))
        if silent.count > Self.mostSilent { silent.removeFirst() }
    }

    /// Gemini has saved its state, and with it what it was sent until then.
    mutating func resultsWereSaved(by time: Instant) {
        if silent.isEmpty { return }
        for (id, at) in silent where at <= time { memory.known.insert(id) }
        silent.removeAll { $0.at <= time }
    }

    private static let mostSilent = 64
}
