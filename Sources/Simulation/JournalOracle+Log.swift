import Basics
import Sessions
import Wire

// Looking things up in the log.
extension JournalOracle {
    /// What was reported as lost.
    enum Loss {
        /// The turn, or input of it: that settles what was asked before.
        case question
        /// Something that was answered, and cannot be told.
        case context
    }

    func shows(_ step: Step, _ isIt: (ServerMessage, [UInt8]) -> Bool) -> Bool {
        step.departures.contains { departure in
            guard case .toClient(let bytes) = departure,
                let message = try? ServerMessage.scan(bytes.span)
            else { return false }
            return isIt(message, bytes)
        }
    }

    static func isEnd(_ message: ServerMessage, _ bytes: [UInt8]) -> Bool {
        message.content.contains(.turnComplete)
    }

    static func isWhole(_ message: ServerMessage, _ bytes: [UInt8]) -> Bool {
        message.content.contains(.generationComplete)
    }

    static func isMurmur(_ message: ServerMessage, _ bytes: [UInt8]) -> Bool {
        !message.content.isDisjoint(with: [.audio, .text, .outputTranscription])
    }

    /// Hidden words and silent audio are not an answer.
    func isAudible(_ message: ServerMessage, _ bytes: [UInt8]) -> Bool {
        if message.content.contains(.otherPart) { return true }
        guard message.content.contains(.audio) else { return false }
        return Loudness.ofPCM16(base64: bytes.span, message.audio, limit: 48).peak > 160
    }

    /// The connection that issued the handle with which `link` began, and when.
    func origin(of link: ConnectionID) -> (issuer: ConnectionID, index: Int)? {
        var handle = ""
        for case .opened(link, let own) in log where !own.isEmpty { handle = own }
        guard !handle.isEmpty else { return nil }
        for (index, entry) in log.enumerated() {
            if case .handle(let issuer, handle, _) = entry { return (issuer, index) }
        }
        return nil
    }

    /// The handle of `link`, or the one its issuer began with, says that it covers the message.
    func isCounted(_ stamp: Int, _ link: ConnectionID) -> Bool {
        guard let (issuer, index) = origin(of: link), case .handle(_, _, let covers) = log[index]
        else { return false }
        var count: Int64 = 0
        for case .sent(issuer, let own, _) in log[..<index] {
            count += 1
            if own == stamp { return count <= covers }
        }
        return isCounted(stamp, issuer)
    }

    /// A request that is not the client's, such as a nudge: what the connection knows is answered
    /// then. The form of it depends on the family.
    static func asksForAnswer(_ text: String) -> Bool {
        text.mentions("\"text\"") || text.mentions("\"turnComplete\":true")
    }

    /// Words of ours ask it: they contain it, or the connection knows it.
    func isAsked(
        again question: Question, by text: String, on link: ConnectionID
    ) -> Bool {
        if !question.words.isEmpty, text.mentions(question.words) { return true }
        guard Self.asksForAnswer(text), let ask = ask(of: question) else { return false }
        return isCounted(ask, link)
    }

    /// A model that knows the question is asked for its answer: by a nudge, or with a later question
    /// that is said again, or waited for the connection.
    ///
    /// In automatic detection a count includes speech of which no end was found, so it excuses
    /// nothing that was spoken.
    func isKnownAndAsked(_ question: Question, _ ask: Int, _ link: ConnectionID) -> Bool {
        guard let ready = readyAt(link), isManual || isTyped(ask), isCounted(ask, link) else {
            return false
        }
        if wasNudged(link, after: ready) { return true }
        return log.indices[ready...].contains { index in
            guard case .sent(link, let stamp?, _) = log[index], !question.stamps.contains(stamp)
            else { return false }
            let hasWaited = times[index] == times[ready]
            return (isOfQuestion(stamp) || contents.contains(stamp))
                && (hasWaited || wasSent(stamp, before: ready))
        }
    }

    /// In automatic detection what is spoken in pieces is written down in pieces. The last of them,
    /// as gemini wrote it, is what a connection that knows the others is told.
    func isToldAsWritten(_ ask: Int, on link: ConnectionID) -> Bool {
        guard !isManual else { return false }
        var from: ConnectionID?
        var words = ""
        for entry in log {
            switch entry {
            case .sent(let own, ask, _): (from, words) = (own, "")
            case .transcribed(let own, let text) where own == from:
                if words.isEmpty { words = text }
            default: break
            }
        }
        guard !words.isEmpty else { return false }
        return log.contains { entry in
            if case .sent(link, nil, let text) = entry { text.mentions(words) } else { false }
        }
    }

    /// The same as it happens: the later question, said again there, asks for both answers.
    func isAsked(
        with later: Int, at index: Int, _ question: Question, on link: ConnectionID
    ) -> Bool {
        guard wasSent(later, before: index), let ask = ask(of: question),
            wasSent(ask, before: index), let from = saidAt(ask), let to = saidAt(later), from < to
        else { return false }
        return (isManual || isTyped(ask)) && isCounted(ask, link)
    }

    private func isTyped(_ stamp: Int) -> Bool {
        log.contains { if case .sent(_, stamp, let text) = $0 { !text.isEmpty } else { false } }
    }

    private func wasNudged(_ link: ConnectionID, after ready: Int) -> Bool {
        log[ready...].contains { entry in
            if case .sent(link, nil, let text) = entry { Self.asksForAnswer(text) } else { false }
        }
    }

    /// The last of what is heard of it.
    func lastSound(of question: Question) -> Int? {
        question.stamps.last(where: isSound)
    }

    func wasSent(_ stamp: Int, on link: ConnectionID, after start: Int) -> Bool {
        log[start...].contains { entry in
            if case .sent(link, stamp, _) = entry { true } else { false }
        }
    }

    func wasSent(_ stamp: Int, before end: Int) -> Bool {
        log[..<end].contains { entry in
            if case .sent(_, stamp, _) = entry { true } else { false }
        }
    }

    func wasLost(_ loss: Loss, after start: Int, before end: Int) -> Bool {
        log[start..<end].contains { if case .lost(loss) = $0 { true } else { false } }
    }

    func nextUsed(after start: Int) -> Int {
        log[(start + 1)...].firstIndex { if case .used = $0 { true } else { false } } ?? log.count
    }

    func saidAt(_ stamp: Int) -> Int? {
        log.firstIndex { if case .said(stamp) = $0 { true } else { false } }
    }

    func openedAt(_ link: ConnectionID) -> Int? {
        log.firstIndex { if case .opened(link, _) = $0 { true } else { false } }
    }

    func readyAt(_ link: ConnectionID) -> Int? {
        log.firstIndex { if case .ready(link) = $0 { true } else { false } }
    }

    /// When the connection that is ready is told what is unanswered: a context that it answers comes
    /// first, and is waited for.
    func toldAt(_ link: ConnectionID, _ ready: Int) -> Int {
        let hasContext = log[ready...].enumerated().contains { offset, entry in
            guard case .sent(link, nil, let text) = entry else { return false }
            return times[ready + offset] == times[ready] && text.mentions("\"turns\"")
                && text.mentions("\"turnComplete\":true")
        }
        guard hasContext else { return ready }
        let over = log[ready...].enumerated().first { offset, entry in
            if times[ready + offset] - times[ready] > Self.contextLimit { return true }
            return switch entry {
            case .ended(link, _), .closed(link, _): true
            default: false
            }
        }
        return over.map { ready + $0.offset } ?? log.count
    }

    private static let contextLimit = Interval.seconds(4)

    func end(of link: ConnectionID) -> Instant {
        for case .closed(link, let at) in log { return at }
        return now
    }

    /// What was said before `start` is still being said again when the connection ends: more than a
    /// model takes at once is sent at the pace at which it was spoken.
    func isStillTold(on link: ConnectionID, what start: Int) -> Bool {
        let end = end(of: link)
        return log.indices[start...].contains { index in
            guard case .sent(link, let stamp?, _) = log[index], end - times[index] < .seconds(1)
            else { return false }
            return saidAt(stamp).map { $0 < start } ?? false
        }
    }

    func isMentioned(_ question: Question, on link: ConnectionID) -> Bool {
        mentions(question, on: link, before: log.count)
    }

    func mentions(_ question: Question, on link: ConnectionID, before end: Int) -> Bool {
        guard !question.words.isEmpty else { return false }
        return log[..<end].contains { entry in
            if case .sent(link, nil, let text) = entry {
                text.mentions(question.words)
            } else {
                false
            }
        }
    }

    func isSettled(_ question: Question, _ ask: Int, on link: ConnectionID) -> Bool {
        var isAsked = false
        for entry in log {
            switch entry {
            case .sent(link, ask, _): isAsked = true
            case .ended(link, _): if isAsked { return true }
            default: break
            }
        }
        return false
    }

    /// When the user began to speak after a question: words of gemini's that come later may be those
    /// of either.
    func nextVoice(after ask: Int) -> Int {
        guard let said = saidAt(ask) else { return log.count }
        return log[said...].indices.first { index in
            guard case .said(let stamp) = log[index], stamp != ask, isOfQuestion(stamp) else {
                return false
            }
            return isSound(stamp)
        } ?? log.count
    }

    private func isSound(_ stamp: Int) -> Bool {
        log.contains { if case .sent(_, stamp, let text) = $0 { text.isEmpty } else { false } }
    }

    /// Its words are known. Those of an earlier question, or what was typed, may be the same.
    func isTranscribed(_ question: Question, before end: Int) -> Bool {
        guard let first = question.stamps.first, let start = saidAt(first), start < end else {
            return false
        }
        return log[start..<end].contains { entry in
            switch entry {
            case .transcribed(_, let words):
                typed.reduce(words) { $0.replacing($1, with: "") }.mentions(question.words)
            case .sent(_, let stamp?, let text):
                question.stamps.contains(stamp) && text.mentions(question.words)
            default: false
            }
        }
    }

    /// Audio and typed words; a late boundary asks nothing by itself.
    func asks(_ stamp: Int) -> Bool {
        log.contains { entry in
            if case .sent(_, stamp, let text) = entry {
                text.isEmpty || text.mentions("\"text\"")
            } else {
                false
            }
        }
    }
}
