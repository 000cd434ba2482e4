import Basics

extension Record {
    /// Without the values of credentials in what peers said besides the conversation: reasons,
    /// names of models, tools and people, reports of usage, entries of the timeline. Here, because
    /// every record passes here, whatever it was made from.
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
            // What users and models say is kept as it came.
            guard !TimelineWord.isSpeech(event.what) else { return self }
            event.text = scrubber.scrub(event.text)
            return .event(event)
        case .toolCall(var call):
            // Gemini gives both. Arguments and results are conversation.
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
            // A handle with our key in it is none of gemini's that anybody could come back with.
            kept.handle = scrubber.scrub(kept.handle)
            kept.model = scrubber.scrub(kept.model)
            return .returnKept(kept)
        case .noted(let note): return .noted(note.scrubbed(scrubber))
        // Numbers, and words of ours; a turn's texts are conversation.
        case .connectionResumed, .turnStarted, .turnEnded, .turnUsed, .noteSettled, .notePostponed,
            .notesDropped:
            return self
        }
    }
}

extension Note {
    /// A client may have named the model that it tells of.
    fileprivate func scrubbed(_ scrubber: Scrubber) -> Note {
        var note = self
        note.id = scrubber.scrub(id)
        note.body = scrubber.scrub(body)
        return note
    }
}
