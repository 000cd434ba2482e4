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
