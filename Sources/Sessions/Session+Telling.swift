import Basics
import Policies
import Wire

// What we tell the model by ourselves, in words: results whose calls its connection does not know,
// and the story for a model that has forgotten it. Any of this cuts off what is being said, and is a
// second question beside what is asked, so it is told between turns, and here only. What a new
// connection is told before anything is said there is in `Session+Resuming`.
extension Session {
    /// Results for calls of a lost connection. If their turn is asked again, the calls will come
    /// again; otherwise the model, which does not wait for them, is told the results.
    mutating func answerDeadCalls(
        _ ids: [String], at now: Instant, into out: inout Actions
    ) {
        // If the model has spoken since it called, it does not wait.
        let isAwaited =
            !turns.isIdle && !turns.awaitsRest && turns.spokeAt <= tools.calledAt
            && tools.isDue(ids, since: turns.began)
        // The open turn needs them, or the client wants them heard at once.
        if isAwaited || tools.interrupts(ids) && mayCutIn(at: now) {
            guard !isToolAtWork || tools.interrupts(ids) else { return }
            return askAboutResults(at: now, into: &out)
        }
        tellWhatWaits(at: now, into: &out)
    }

    /// Tells what waits to be told, if nobody speaks and nothing is asked.
    mutating func tellWhatWaits(at now: Instant, into out: inout Actions) {
        guard context.hasForgotten || tools.hasWords, isBetweenTurns(at: now) else { return }
        if context.hasForgotten { recap(at: now, into: &out) }
        if unasked.cause == .context { return }
        tellResultsLeft(into: &out)
        askAboutResults(at: now, into: &out)
    }

    /// Nobody speaks, no question is open, and no call that something else waits for.
    func isBetweenTurns(at now: Instant) -> Bool {
        phase == .talking && upstream.isUp && turns.isIdle && !isUserSaying(at: now)
            && !downlink.reply.isOpen && !downlink.reply.isInterrupted
            && unasked.cause != .context && !isToolAtWork && !toolGate.isShut
    }

    /// The turn, or the latest one, waits for another result.
    private var isToolAtWork: Bool {
        tools.isHoldingTurn(on: upstream.current, since: turns.began)
    }

    /// The client asked for an interruption. Only an answer may be interrupted by it: not the user,
    /// and not a question, which would go unanswered.
    private func mayCutIn(at now: Instant) -> Bool {
        upstream.isUp && turns.state != .asked && !isUserSaying(at: now) && !toolGate.isShut
            && unasked.cause != .context && !tools.block(upstream.current)
    }

    /// The user speaks, or has spoken since the last answer and may have asked.
    private func isUserSaying(at now: Instant) -> Bool {
        if gate.isOpen || noiseHold.isHolding || uplink.early.asks || uplink.early.voiced > .zero {
            return true
        }
        guard hasUnansweredVoice else { return false }
        return voiceIsNoQuestion.map { now < $0 } ?? true
    }

    /// When a voice too short for a question has certainly led to nothing; nil if it is not known.
    private var voiceIsNoQuestion: Instant? {
        guard let clocks = rules.clocks, !isVoiceAQuestion, let until = uplink.journal.voicedUntil
        else { return nil }
        return until + setup.silenceDuration + clocks.soft
    }

    /// When to try again, if nothing happens before.
    mutating func tellingDeadline() -> Instant? {
        guard context.hasForgotten || tools.hasWords, hasUnansweredVoice,
            let due = voiceIsNoQuestion, isBetweenTurns(at: due)
        else { return nil }
        return due
    }

    private mutating func askAboutResults(at now: Instant, into out: inout Actions) {
        let asides = tools.due(isAside: true)
        if !asides.isEmpty {
            tools.told(asides, at: uplink.journal.end)
            tell(tools.left(asides), into: &out)
        }
        let due = tools.due(isAside: false)
        guard let results = tools.words(of: due) else { return }
        tools.told(due, at: uplink.journal.end)
        if rules.cuts(results) { out.note(.contextLost(.zero)) }
        uplink.sayAside(rules.ask(results), into: &out)
        toolAnswered(at: now, into: &out)
    }

    /// Results whose question was answered without them: sent in a form that asks nothing.
    mutating func tellResultsLeft(into out: inout Actions) {
        guard
            let left = tools.takeLeft(at: uplink.journal.end, besides: uplink.knowledgeToCome)
        else { return }
        tell(left, into: &out)
    }

    private mutating func tell(_ left: ToolCalls.Left, into out: inout Actions) {
        let words = ToolCalls.aside(left.sentences.map(\.sentence))
        let parts = left.results.flatMap(\.words.parts)
        // If nothing marks the next question, no other form would reach the model.
        let isSilent = profile.takesSilentContext || !rules.isManual && !rules.rejectsContent
        if isSilent, !gate.isOpen {
            let turn = Compose.Turn(.user, words, and: parts)
            uplink.tellSilently(
                Compose.content([turn], turnComplete: false), about: left.about, into: &out)
        } else {
            if !parts.isEmpty { out.note(.contextLost(.zero)) }
            // Until then the connection lacks it, and a later one is told.
            uplink.preface(
                Preface.Entry(results: left.sentences),
                about: left.about + [uplink.journal.saidAside()])
        }
        noteResults(isAnswered: true)
    }

    /// Adds the results of calls to the conversation.
    ///
    /// - Parameter isAnswered: The model has answered without them.
    mutating func noteResults(isAnswered: Bool) {
        for taken in tools.takeResults() {
            // Nothing will ever answer one that the model is not to mention.
            if taken.isSilent { uplink.journal.settle(result: taken.id) }
            uplink.journal.words.noteResult(
                taken.sentence, hasParts: taken.hasParts, at: taken.id,
                isAnswered: isAnswered || taken.isSilent)
        }
    }
}
