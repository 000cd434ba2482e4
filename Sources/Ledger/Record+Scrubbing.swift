import Basics

extension Record {
    /// Removes credentials from peers' text other than the conversation: reasons, names of models,
    /// tools and people, usage reports, entries of the timeline. Done here because every record
    /// passes here, whatever it was made from.
    func scrubbed(_ scrubber: Scrubber) -> Record {
        switch self {
        case .policyLoaded(let tenant, let moment, let text):
            return .policyLoaded(tenant: tenant, at: moment, text: scrubber.scrub(text))
        case .sessionOpened(let id, let tenant, let moment, let endUser, let isReported):
            return .sessionOpened(
                id: id, tenant: tenant, at: moment, endUser: scrubber.scrub(endUser),
                isReported: isReported)
        case .modelNamed(let session, let model):
            return .modelNamed(session: session, model: scrubber.scrub(model))
        case .connectionOpened(var connection):
            connection.model = scrubber.scrub(connection.model)
            return .connectionOpened(connection)
        case .connectionClosed(let session, let number, let moment, let code, let reason, let by):
            return .connectionClosed(
                session: session, number: number, at: moment, code: code,
                reason: scrubber.scrub(quotation: reason), by: by)
        case .receipt(let session, let turn, let moment, let json):
            return .receipt(
                session: session, turn: turn, at: moment,
                json: scrubber.scrub(quotation: json))
        case .event(var event):
            // Speech of users and models is kept unchanged.
            guard !TimelineWord.isSpeech(event.what) else { return self }
            event.text = scrubber.scrub(event.text)
            return .event(event)
        case .toolCall(var call):
            // Gemini supplies both. Arguments and results are conversation.
            call.id = scrubber.scrub(quotation: call.id)
            call.name = scrubber.scrub(quotation: call.name)
            return .toolCall(call)
        case .sessionEnded(var ending):
            ending.model = scrubber.scrub(ending.model)
            ending.closeReason = scrubber.scrub(ending.closeReason)
            ending.endUser = scrubber.scrub(ending.endUser)
            ending.notes = ending.notes.map { $0.scrubbed(scrubber) }
            return .sessionEnded(ending)
        case .returnKept(var kept):
            // A handle that contains our key is not one that a client could return with.
            kept.handle = scrubber.scrub(kept.handle)
            kept.model = scrubber.scrub(kept.model)
            return .returnKept(kept)
        case .noted(let note): return .noted(note.scrubbed(scrubber))
        // Numbers, and our own words; a turn's texts are conversation.
        case .connectionResumed, .turnStarted, .turnEnded, .turnUsed, .noteSettled, .notePostponed,
            .notesDropped:
            return self
        }
    }
}

extension Note {
    /// A client may have named the model that the note is about.
    fileprivate func scrubbed(_ scrubber: Scrubber) -> Note {
        var note = self
        note.id = scrubber.scrub(id)
        note.body = scrubber.scrub(body)
        return note
    }
}
