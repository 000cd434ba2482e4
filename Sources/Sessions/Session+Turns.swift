import Basics
import Policies
import Wire

// How a turn ends.
extension Session {
    mutating func turnCompleted(
        _ content: ServerMessage.Content, at now: Instant, into out: inout Actions
    ) {
        leaveCalls()
        if tools.isWaiting { downlink.mark { $0.endedAtCall() } }
        if turns.isIdle, wasLetPass(at: now) {
            // The model heard the user to the end, and has nothing to say.
            voiceAsked(isProven: false, at: now, into: &out)
        }
        let isSilent = turns.state == .asked && !turns.isAtRememberedCall
        guard !turns.isIdle else { return }
        if context.isFirstSinceResume, !isSilent {
            context.answered(isGreeting: uplink.journal.words.isGreetedAgain)
        }
        turns.sawEnd()
        // If a call ends its turn, the answer to its result is spoken in a separate turn.
        let owesResult = turns.awaitsAfterTool && !tools.isWaiting
        if uplink.isQuestionUnsaid { return answeredEarlier(isSilent: isSilent, at: now) }
        if isSilent { noteSilence(into: &out) }
        finishTurn(isSilent ? .silent : .answered, at: now, into: &out)
        if isSilent { recovery.answered() }
        if owesResult { return ask(.tool, at: now, into: &out) }
        tellWhatWaits(at: now, into: &out)
    }

    /// A model that may be silent is not asked again; if it stays silent, this is shown once, until
    /// the model is heard again. If nothing was said, nothing is missing.
    mutating func noteSilence(into out: inout Actions) {
        guard rules.mayBeSilent, !profile.isContinuous, turns.state == .asked,
            turns.input != .audio || !rules.replays || uplink.journal.isVoiced,
            turns.isSilentRun()
        else { return }
        out.note(.stalled(.silentRun, turn: turns.number))
    }

    /// The question was asked again, and is answered without the calls that it led to before;
    /// unless the answer is still to come, which may lead to more of them.
    mutating func leaveCalls() {
        guard turns.state == .answering, !turns.awaitsAfterTool,
            tools.mayLeave(on: upstream.current), !tools.isWaiting(on: upstream.current)
        else { return }
        tools.leave(on: upstream.current, isMovedOn: false)
    }

    /// While the conversation is still being replayed, an answer covers the part already sent; the
    /// turn waits for the answer to the rest.
    private mutating func answeredEarlier(isSilent: Bool, at now: Instant) {
        if isSilent { uplink.replyBegan() }
        turns.judgedUnanswered()
        tools.isWaiting(since: turns.began) ? uplink.confirmReply() : answered(at: now)
    }

    /// In automatic detection, if silence is legal, an empty turn results from a voice without a
    /// transcript.
    private func wasLetPass(at now: Instant) -> Bool {
        guard !rules.isManual, rules.mayBeSilent, let voiced = uplink.journal.lastVoiced
        else { return false }
        return uplink.journal.voiced > .zero && now >= voiced + setup.silenceDuration
    }

    /// The turn has everything it will get.
    ///
    /// - Parameter isByVoice: The user's speech during the answer is unanswered.
    mutating func finishTurn(
        _ outcome: TurnOutcome, isByVoice: Bool = false, at now: Instant, into out: inout Actions
    ) {
        // Without interruptions, speech during an answer is the next question.
        let isAlsoAsked =
            outcome == .answered && setup.forbidsInterruption && !rules.isManual
            && uplink.journal.voicedAnew > .zero
        let isByVoice = isByVoice || isAlsoAsked
        // Given up, or answered by silence: nothing more will come.
        if turns.state == .asked, !turns.isAtRememberedCall { uplink.replyBegan() }
        let isOpen = tools.isWaiting(since: turns.began) || turns.awaitsAfterTool
        turns.completed(outcome, into: &out)
        // The answer to its result is part of the answer.
        let isOver = !isOpen || outcome != .answered && outcome != .silent
        isOver
            ? answered(at: now, isWhole: outcome == .answered && !isByVoice, isByVoice: isByVoice)
            : uplink.confirmReply()
        if unasked.mayCallAgain {
            tools.spare()
        } else if isOver, !uplink.journal.isReplyToPart {
            tools.turnEnded(connection: upstream.current, open: handles.callsOpen)
        }
        if outcome == .answered {
            // In automatic detection a spoken question has no end with which this could be sent.
            if !rules.isManual, uplink.forgetPreface() { out.note(.contextLost(.zero)) }
            recovery.answered()
            changesAccepted(bySetup: false)
            unasked.turnAnswered(at: now)
        }
        if isOver { keepForOthers(into: &out) }
    }

    /// The question is answered and need not be asked again.
    ///
    /// - Parameters:
    ///   - isWhole: The user did not speak during the answer.
    ///   - isByVoice: They did, and that speech is unanswered: the next question.
    mutating func answered(at now: Instant, isWhole: Bool = false, isByVoice: Bool = false) {
        // A reply to a part answers nothing: if the question is asked again, its calls are expected.
        if !uplink.journal.isReplyToPart { noteResults(isAnswered: false) }
        uplink.answered(
            ring: rules.isManual || isByVoice ? nil : Self.ring, spoken: downlink.takeSpoken(),
            isWhole: isWhole, isByVoice: isByVoice,
            isUserSpeaking: isUserHeard(at: now))
        if !uplink.journal.isReplyToPart { downlink.question.begin() }
        downlink.mark { $0.forgotCalls() }
    }

    /// In automatic detection: neither has their pause passed, nor was the end of their stream heard.
    func isUserInUtterance(at now: Instant) -> Bool {
        guard !rules.isManual, let voiced = uplink.journal.lastVoiced else { return false }
        let pause = setup.shortestSilence
        return now - voiced < pause && !uplink.journal.isHeardOut(after: pause)
    }

    /// In automatic detection: so soon after the user's last sound that no answer can belong to it.
    private func isUserHeard(at now: Instant) -> Bool {
        guard !rules.isManual, let voiced = uplink.journal.lastVoiced else { return false }
        let pause = setup.shortestSilence
        return !uplink.journal.isHeardOut(after: pause) || now - voiced < pause + Self.shortestWait
    }

    /// No model begins to answer sooner after a pause.
    private static let shortestWait = Interval.milliseconds(500)

    /// Without speech, only the beginning of the next word is worth keeping.
    static let ring = Interval.seconds(2)
}
