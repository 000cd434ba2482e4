import Basics

extension Record {
    /// Without the values of credentials in what peers said besides the conversation: reasons,
    /// names of models, reports of usage, entries of the timeline. Here, because every record
    /// passes here, whatever it was made from.
    func scrubbed(_ scrubber: Scrubber) -> Record {
        switch self {
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
        case .sessionEnded(var ending):
            ending.model = scrubber.scrub(ending.model)
            ending.closeReason = scrubber.scrub(ending.closeReason)
            return .sessionEnded(ending)
        case .policyLoaded, .sessionOpened, .connectionResumed, .turnStarted, .turnEnded, .turnUsed,
            .toolCall, .returnKept, .noted, .noteSettled, .notePostponed, .notesDropped:
            return self
        }
    }
}
