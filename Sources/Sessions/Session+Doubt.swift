import Basics
import Policies
import Wire

// Output that gemini does not mean: interruptions of nothing, ends of turns without an answer,
// unasked answers.
extension Session {
    /// `interrupted` although nothing could be interrupted and no user could have done so: the sign
    /// of a wedge (failure catalogue 2.1). A client that may still be playing gets it anyway.
    mutating func isPhantom(at now: Instant, into out: inout Actions) -> Bool {
        let mode = policy.turns.rules[.phantomInterrupted]
        let journal = uplink.journal
        guard mode != .off, turns.isIdle, !downlink.reply.isOpen, !turns.owesTurnComplete,
            !downlink.reply.isInterrupted, turns.number > 0, !gate.isOpen,
            downlink.question.heard.isEmpty, journal.voiced == .zero,
            !rules.isManual || journal.isEmpty,
            turns.supersededAt.map({ now - $0 > Self.crossing }) ?? true,
            journal.lastVoiced.map({ now - $0 > Self.crossing }) ?? true
        else { return false }
        out.note(.ruleApplied(.phantomInterrupted, mode, detail: .none))
        guard mode == .enforce else { return false }
        recovery.suspectSince = now
        return true
    }

    /// `interrupted` after a question was sent again or nudged for, without speech since: the later
    /// message cut off the work on the earlier one. The client is not told, and nothing ends.
    mutating func isOfSayingAgain() -> Bool {
        guard policy.turns.rules[.phantomInterrupted] == .enforce, turns.isSaidAgain,
            rules.isManual ? !gate.isOpen : !uplink.journal.isVoicedSinceAsked
        else { return false }
        turns.endsToHide += 1
        return true
    }

    /// `interrupted` for a question that is sent again although the user moved on from it, as the
    /// client was told when that happened.
    mutating func isInterruptedAgain() -> Bool {
        guard policy.turns.rules[.phantomInterrupted] == .enforce, turns.state != .answering,
            !downlink.reply.isOpen, turns.interruptionsSaidAgain > 0
        else { return false }
        turns.interruptionsSaidAgain -= 1
        turns.endsToHide += 1
        return true
    }

    /// `interrupted` for the answer to one nudge too many, of which nothing was heard.
    mutating func isOfSecondReply(at now: Instant) -> Bool {
        guard policy.turns.rules[.phantomInterrupted] == .enforce, turns.state != .answering,
            !turns.owesTurnComplete, !downlink.reply.isOpen, !downlink.reply.isInterrupted,
            unasked.isCutOff(at: now)
        else { return false }
        turns.endsToHide += 1
        return true
    }

    /// How long after a barge-in its `interrupted` may be on its way.
    static let crossing = Interval.seconds(5)

    /// The part of a turn's end that is hidden from the client, for a moment or for good: a turn
    /// that completes without an answer stays open, and the model is asked again.
    mutating func holdEnd(
        _ message: ServerMessage, _ payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) -> ServerMessage.Content {
        let end = ServerMessage.Content.end
        let isWhole = message.content.contains(.turnComplete)
        if isWhole, turns.endsToHide > 0 {
            // The end of what was cut off. A client that was told of an interruption takes it for
            // that one's.
            turns.endsToHide -= 1
            guard !downlink.reply.isInterrupted else { return [] }
            out.note(.byproductKept(.emptyTurn))
            return end
        }
        if downlink.reply.repeatedEnds > 0, turns.isAtRememberedCall {
            // The client saw this end when the call was first made.
            if isWhole {
                endedAgainAtCall(into: &out)
            }
            out.note(.byproductKept(.emptyTurn))
            return end
        }
        if holdsEndOfHalf(message, payload, at: now, into: &out) { return end }
        if isWhole, isSecondEnd(message, at: now) {
            out.note(.byproductKept(.emptyTurn))
            return end
        }
        if isWhole, hasNoRest(message) {
            turns.hadNoRest()
            downlink.releaseHeld(room: roomForClient, at: now, into: &out)
            return []
        }
        let mode = rules.emptyTurn
        guard mode != .off, upstream.isUp else { return [] }
        guard isWhole else {
            // It is not yet known whether the reply is an answer.
            guard mode == .enforce, isDoubtful(message, payload),
                let held = ServerMessage.split(payload, .generationComplete).named
            else { return [] }
            downlink.hold(held, until: nil)
            return .generationComplete
        }
        if isEndOfUntakenVoice(message) { voiceAsked(at: now, into: &out) }
        guard let stall = muteness(message, payload, at: now) else {
            downlink.releaseHeld(room: roomForClient, at: now, into: &out)
            return []
        }
        out.note(.ruleApplied(.emptyTurn, mode, detail: .none))
        guard mode == .enforce else { return [] }
        turns.mute += 1
        turns.muteness = stall
        // The partial output is not an answer to continue.
        turns.judgedUnanswered()
        uplink.journal.replyRestarted()
        if downlink.isHolding {
            // A second end of the same turn adds nothing.
            out.note(.byproductKept(.emptyTurn))
        } else if let held = ServerMessage.split(payload, end).named {
            downlink.hold(held, until: now + policy.stalls.emptyTurnHold)
        }
        stalled(stall, at: now, into: &out)
        return end
    }

    /// A bare end when nothing is open, and nothing was said whose end it could be: the service
    /// sometimes ends a turn twice. A model that may be silent ends in this way each question that
    /// it leaves unanswered.
    private mutating func isSecondEnd(_ message: ServerMessage, at now: Instant) -> Bool {
        rules.emptyTurn == .enforce && !rules.mayBeSilent && turns.number > 0
            && !turns.owesTurnComplete
            && !tools.isWaiting
            && !downlink.reply.isOpen && !downlink.reply.isInterrupted
            && !downlink.reply.isPhantomOpen
            && message.content.isDisjoint(with: OpenReply.speech.union(.interrupted))
            && (turns.isIdle
                ? rules.isManual || uplink.journal.voicedAnew == .zero
                : turns.state == .asked && unasked.hasCrossed(at: now))
    }

    /// The model was asked to go on with a reply that broke off, and ends it without another word:
    /// the reply was whole. If it was not, a tail is missing; asked once more, a model that has
    /// nothing to add would say something else, or all of it again. Only what is too short for a
    /// word, and has no second one, was no reply.
    private func hasNoRest(_ message: ServerMessage) -> Bool {
        turns.state == .asked && turns.awaitsRest && upstream.isUp && downlink.reply.isOpen
            && !turns.owesTurnComplete && !goesOn(message.content)
            && !(setup.mustSpeak && downlink.reply.spoken < Self.word && isOneWord)
    }

    private var isOneWord: Bool {
        uplink.journal.words.unfinishedReply.split(whereSeparator: \.isWhitespace).count < 2
    }

    /// The model's turn ended at a call that was made again. If only the words before it, said
    /// again, began a turn here, that ends with it, as the first one did: the next output is for
    /// the user's next question.
    private mutating func endedAgainAtCall(into out: inout Actions) {
        turns.isAtRememberedCall = false
        downlink.mark { $0.hidEnd() }
        guard turns.input == .none, tools.isWaiting else { return }
        turns.completed(.answered, into: &out)
        uplink.confirmReply()
        downlink.mark { $0.ended() }
    }

    /// In automatic detection without a transcript, a bare end is the first sign that the service
    /// took the user's speech for a question.
    private func isEndOfUntakenVoice(_ message: ServerMessage) -> Bool {
        !rules.isManual && !rules.mayBeSilent && turns.isIdle && !turns.owesTurnComplete
            && !downlink.reply.isOpen && !tools.isWaiting
            && !(downlink.reply.isInterrupted && downlink.reply.interruptionEnd != .none)
            && message.content.isDisjoint(with: OpenReply.speech.union(.interrupted))
            && uplink.journal.voicedAlone >= Self.syllable
    }

    /// The reply may turn out not to be an answer.
    private func isDoubtful(_ message: ServerMessage, _ payload: Span<UInt8>) -> Bool {
        guard setup.mustSpeak, !tools.isWaiting, !turns.isIdle,
            !turns.owesTurnComplete, !downlink.reply.isInterrupted,
            message.members.isDisjoint(with: .toolCall)
        else { return false }
        let isBare = message.content.isDisjoint(with: OpenReply.speech)
        if !downlink.reply.isOpen, isBare { return !rules.mayBeSilent }
        return downlink.reply.muteness(with: message, payload, tokens: -1) != nil
    }

    /// How a turn fails to be an answer, if it does.
    mutating func muteness(
        _ message: ServerMessage, _ payload: Span<UInt8>, at now: Instant
    ) -> Stall? {
        let content = message.content
        if turns.owesTurnComplete || downlink.reply.isInterrupted
            || content.contains(.interrupted)
            || content.contains(.waitingForInput) || tools.isWaiting
            || turns.isAtRememberedCall
        {
            return nil
        }
        if rules.idle == .interactionStatus, content.contains(.inProgress) { return nil }
        if !message.turnCompleteReason.isEmpty {
            let isRejected = JSONText.equals(
                payload, message.turnCompleteReason, "RESPONSE_REJECTED")
            turns.rejected = isRejected ? turns.rejected + 1 : 0
            // The service gave its reason: asking again is pointless before the second time.
            return turns.state == .asked && turns.rejected >= 2 ? .rejectedRun : nil
        }
        turns.rejected = 0
        switch turns.state {
        case .idle: return nil
        case .asked:
            if rules.mayBeSilent { return nil }
            let isVoiced =
                turns.input != .audio || !rules.replays || uplink.journal.isVoiced
            return isVoiced ? .emptyTurn : nil
        case .answering:
            // The turn ended at the call; the answer to its result is another.
            if endsTurnsAtCalls, turns.awaitsAfterTool { return nil }
            // The result has led to nothing (failure catalogue 6.2).
            if content.isDisjoint(with: OpenReply.speech), !rules.mayBeSilent,
                turns.hasIgnoredResult(for: Self.longestTail, at: now)
            {
                return .emptyTurn
            }
            guard setup.mustSpeak, downlink.reply.mayBeMute else { return nil }
            let tokens =
                message.usage.isEmpty
                ? turns.reported : Usage.read(payload, message.usage).response
            return downlink.reply.muteness(with: message, payload, tokens: tokens)
        }
    }

    // MARK: Unasked replies

    /// Whether a message belongs to an unasked answer: to context, a recap, or a nudge that came
    /// too late. The client then gets only the rest of the message.
    mutating func isUnasked(
        _ inbound: InboundMessage, _ payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) -> Bool {
        let message = inbound.message
        if unasked.mayBeSpare, turns.isIdle, !downlink.reply.isOpen, message.speaks,
            !message.members.contains(.toolCall),
            unasked.isSpare(userWasHeard: wasHeardOut(at: now), at: now)
        {
            out.note(.nudgeEnded(.duplicate))
        }
        guard !unasked.isOver(at: now), let cause = unasked.cause else { return false }
        if cause == .late, turns.isIdle, wasHeardOut(at: now) {
            // It now answers what the user has said since.
            unasked.asked()
            return false
        }
        let isCall = message.members.contains(.toolCall)
        if cause == .carriedCall, message.speaks {
            unasked.end()
            return false
        }
        let isReply = !message.content.isDisjoint(with: .reply)
        guard cause == .context && isCall || isReply else {
            return cause == .context && message.members.contains(.toolCallCancellation)
        }
        var edits: [ServerEdit] = [.removeContent(.reply.union(setup.ownTranscripts))]
        if isCall, cause == .context {
            // There was no question, so nothing needs to be done.
            out.note(.byproductKept(.call))
            uplink.sayAside(ToolCalls.refusal(of: message.tool, in: payload), into: &out)
            edits.append(.remove(.toolCall))
        }
        if isReply {
            unasked.goesOn(at: now)
            if cause == .context { upstream.contextIsAnswered(at: now) }
            out.note(.byproductKept(.answer))
        }
        let isOver = message.content.contains(.turnComplete)
        if isOver { unasked.end() }
        // After the rest of the message, because the session may end with it.
        defer {
            if isOver, cause == .context, phase != .closed {
                contextAnswered(isKnown: true, at: now, into: &out)
                tellWhatWaits(at: now, into: &out)
            }
        }
        guard let rest = InboundMessage(of: inbound, payload, edits), let bytes = rest.kept
        else { return true }
        if rest.message.members.isDisjoint(with: [.toolCall, .toolCallCancellation]) {
            downlink.pass(rest, bytes.span, room: room, at: now, into: &out)
        } else {
            // A call in the rest of the message is judged like any other: the client may know it.
            show(rest, payload: bytes.span, at: now, into: &out)
        }
        return true
    }

    /// The user's speech since the last answer may have an answer by now: in manual detection not
    /// before it is asked, in automatic detection not before its pause, or the end of its stream,
    /// was heard. However short it was: hiding an answer is worse than showing a second one.
    func wasHeardOut(at now: Instant) -> Bool {
        !rules.isManual && uplink.journal.voiced > .zero && !isUserInUtterance(at: now)
    }
}
