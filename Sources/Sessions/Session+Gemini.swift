import Basics
import Policies
import Wire

// What gemini says, and how much of it the client is shown.
extension Session {
    mutating func geminiSent(
        _ message: ServerMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let members = message.members
        let first = out.list.count
        if members.contains(.usageMetadata) {
            out.note(.used(message.usage))
            watchContext(message.usage, payload)
        }
        if members.contains(.setupComplete) {
            setupCompleted(message, payload: payload, at: now, into: &out)
        } else if members.contains(.sessionResumptionUpdate),
            keepHandle(message, payload, at: now, into: &out)
        {
            // The client did not ask for handles and may not know the message.
        } else if members.contains(.goAway), hideGoAway(message, at: now, into: &out) {
            // Hidden: the connection is changed behind the client's back.
        } else {
            relay(message, payload: payload, at: now, into: &out)
            if members.contains(.sessionResumptionUpdate) {
                replaceHandle(message, payload, from: first, into: &out)
            }
        }
        if phase == .talking, line.isUp { openToolGateIfDue(at: now, into: &out) }
        if members.contains(.sessionResumptionUpdate) { leaveIfQuiet(at: now, into: &out) }
        leaveIfIdle(at: now, into: &out)
    }

    private mutating func relay(
        _ message: ServerMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        if keepsFlushByproduct(message, payload: payload, at: now, into: &out) { return }
        if isMuted(message, payload, at: now, into: &out) { return }
        if message.speaks { releaseFlushPairs(at: now, into: &out) }
        let isContent = !message.members.isDisjoint(with: [.serverContent, .toolCall])
        guard isContent else {
            if message.members.contains(.toolCallCancellation) {
                if mute == .seed { return out.note(.byproductKept(.call)) }
                tools.cancelled(message.cancellation, in: payload)
                out.note(.toolCancelled(message.cancellation))
            }
            turns.progressed(message.content)
            out.append(.forward)
            return
        }
        let content = message.content
        let speaks = message.speaks
        if content.contains(.thought) || !content.isDisjoint(with: [.inProgress, .otherPart]) {
            turns.sawWork(at: now)
        }
        turns.progressed(content)
        if speaks, !turns.isRest(at: now, patient: setup.forbidsInterruption) {
            spoke(message, at: now, into: &out)
        }
        if content.contains(.interrupted), isPhantom(at: now, into: &out) { return }
        if content.contains(.turnComplete),
            isHeld(message, payload: payload, at: now, into: &out)
        {
            return
        }
        show(message, payload: payload, at: now, into: &out)
    }

    /// Shows the message to the client, or what is left of it, and draws the conclusions.
    mutating func show(
        _ message: ServerMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        var shown = true
        let content = message.content
        let endsInterruption = turns.owesTurnComplete || view.interruptedAt != nil
        if content.contains(.inputTranscription) {
            turns.sawWork(at: now, transcript: true)
            if view.isRepeated(message.inputText, payload) {
                out.note(.byproductKept(.transcript))
                shown = false
                if let rest = ServerMessage.edit(payload, [.removeContent(.inputTranscription)]) {
                    out.append(.send(.client, rest, geminiOpcode))
                }
            } else {
                transcript.say(.user, message.inputText, payload)
                out.note(.transcribed(.client, message.inputText))
                if !terms.isManual { heardUser(at: now, into: &out) }
            }
        }
        if message.members.contains(.toolCall) {
            shown = receiveCalls(message, payload: payload, at: now, into: &out)
        }
        if message.speaks, view.interruptedAt != nil, !content.contains(.interrupted) {
            // The end of the interrupted answer never came, and this is the next.
            completeForClient(into: &out)
            turns.interruptionCompleted()
        }
        if shown { out.append(.forward) }
        if content.contains(.outputTranscription) {
            transcript.say(.model, message.outputText, payload)
            out.note(.transcribed(.gemini, message.outputText))
        }
        view.show(message, payload, at: now)
        if content.contains(.interrupted) {
            tools.abandon()
            let isStillAsking =
                terms.isManual
                ? gate.isOpen : unanswered.lastVoiced.map { $0 > turns.askedAt } ?? false
            let wasSpeaking = turns.state == .answering
            if turns.interrupted(isStillAsking: isStillAsking, into: &out) {
                // The user has heard enough of it.
                if wasSpeaking { recovery.answered() }
                settle(all: false)
            }
        }
        // One message may say both; then what it completes is not what was asked since.
        if content.contains(.turnComplete), endsInterruption || content.contains(.interrupted) {
            turns.interruptionCompleted()
        } else if content.contains(.turnComplete) {
            turnCompleted(content, at: now, into: &out)
        }
    }

    private mutating func turnCompleted(
        _ content: ServerMessage.Content, at now: Instant, into out: inout Actions
    ) {
        // A model that says so goes on working after its turn.
        if terms.idle == .interactionStatus, content.contains(.inProgress) { return }
        let isSilent = turns.state == .asked
        guard !turns.isIdle else { return }
        if isFirstSinceResume, !isSilent {
            isFirstSinceResume = false
            if transcript.isGreeting(view.words.span) { hasForgotten = true }
        }
        // Where a call ends its turn, what it led to is spoken in a turn of its own.
        let owesResult = turns.awaitsAfterTool && !tools.isWaiting
        finishTurn(isSilent ? .silent : .answered, into: &out)
        if isSilent { recovery.answered() }
        if owesResult { ask(.tool, at: now, into: &out) }
        if hasForgotten { recap(at: now, into: &out) }
    }

    /// The turn has what it will get.
    mutating func finishTurn(_ outcome: TurnOutcome, into out: inout Actions) {
        turns.completed(outcome, into: &out)
        settle(all: !terms.isManual)
        tools.turnEnded(isSpared: nudged != nil)
        transcript.turnEnded()
        if outcome == .answered {
            recovery.answered()
            awaitByproduct()
        }
    }

    /// What was asked needs not be asked again.
    mutating func settle(all: Bool) {
        unanswered.settle(all: all)
        transcript.settle()
        view.newQuestion()
    }

    private mutating func spoke(
        _ message: ServerMessage, at now: Instant, into out: inout Actions
    ) {
        if heldEnd != nil {
            // The answer came after all, for the nudge: one turn, as the client sees it.
            heldEnd = nil
            out.note(.byproductKept(.emptyTurn))
            // An answer that was whole, and yet none: it is spoken anew, not gone on with.
            if view.isGenerated { view.owesInterruption = true }
        }
        if turns.isIdle, !terms.isManual { unanswered.markAsked() }
        if let waiting = nudged, turns.state == .asked {
            out.note(.nudgeEnded(.answered))
            nudged = waiting
        }
        turns.spoke(at: now, hasAudio: message.content.contains(.audio), into: &out)
        view.answered()
        recovered(at: now, into: &out)
        if view.owesInterruption { cutShort(at: now, into: &out) }
    }

    /// The client is told to forget the stale half of an answer.
    mutating func cutShort(at now: Instant, into out: inout Actions) {
        view.owesInterruption = false
        out.append(.send(.client, Compose.interrupted, geminiOpcode))
        out.note(.madeUp(.interrupted))
        view.interruptedNow(at: now)
        completeForClient(into: &out)
    }

    /// The `turnComplete` gemini owes the client.
    mutating func completeForClient(into out: inout Actions) {
        out.append(.send(.client, Compose.serverTurnComplete, geminiOpcode))
        out.note(.madeUp(.turnComplete))
        view.turnEnded()
        view.interruptionsEnded()
    }

    /// In automatic VAD the transcript is what says that the user spoke; a late one, of words that
    /// have been answered, says nothing new.
    private mutating func heardUser(at now: Instant, into out: inout Actions) {
        guard turns.isIdle, unanswered.voiced > .zero else { return }
        tools.asked()
        unanswered.markAsked()
        turns.asked(.audio, at: now, into: &out)
        turns.sawWork(at: now, transcript: true)
    }

    /// The shortest thing worth answering.
    static let syllable = Interval.milliseconds(80)

    /// Whether the client gets the message as it came.
    private mutating func receiveCalls(
        _ message: ServerMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) -> Bool {
        let reception = tools.called(
            message.tool, in: payload, link: line.current, free: setup.freeTools, at: now)
        shutToolGate(at: now)
        switch reception {
        case .forward:
            out.note(.toolCalled(message.tool))
            return true
        case .known(let answers, let rest, let count):
            out.note(.callRemembered(count))
            for answer in answers { sendAgain(answer, into: &out) }
            if !answers.isEmpty {
                turns.toolAnswered(at: now)
                // What it makes of them may come as a turn of its own, and is no second answer.
                nudged = nil
            }
            if let rest { out.append(.send(.client, rest, geminiOpcode)) }
            return false
        }
    }

    private mutating func sendAgain(_ bytes: [UInt8], into out: inout Actions) {
        out.append(.send(.gemini, bytes, clientOpcode))
    }

    // MARK: By-products

    /// Whether a message belongs to an answer nobody asked for: to a seed, a recap, or a nudge that
    /// came too late.
    private mutating func isMuted(
        _ message: ServerMessage, _ payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) -> Bool {
        if mute == .none, let until = spareAnswerUntil, turns.isIdle, !view.isSpeaking,
            message.speaks, !message.members.contains(.toolCall)
        {
            spareAnswerUntil = nil
            if now < until, !wasHeard {
                mute = .answer
                muteUntil = now + Self.spareAnswer
                out.note(.nudgeEnded(.duplicate))
            }
        }
        if mute == .answer, now >= muteUntil { mute = .none }
        let words: ServerMessage.Content = [.inputTranscription, .interimInputTranscription]
        let isCall = message.members.contains(.toolCall)
        guard
            mute == .seed && isCall
                || mute != .none && message.members.contains(.serverContent)
                    && !message.content.subtracting(words).isEmpty
        else { return false }
        if isCall {
            // Nobody asked for anything, so nothing is to be done.
            out.note(.byproductKept(.call))
            out.append(
                .send(.gemini, ToolCalls.refusal(of: message.tool, in: payload), clientOpcode))
        }
        guard message.members.contains(.serverContent) else { return true }
        out.note(.byproductKept(.answer))
        if message.content.contains(.turnComplete) {
            let wasSeed = mute == .seed
            mute = .none
            if wasSeed { seeded(at: now, into: &out) }
        }
        return true
    }

    /// A nudge may have been one too many: then a second answer follows the first.
    private mutating func awaitByproduct() {
        guard let nudged else { return }
        spareAnswerUntil = nudged + Self.spareAnswer
        self.nudged = nil
    }

    private static let spareAnswer = Interval.seconds(20)

    /// The user said something since the last answer.
    private var wasHeard: Bool {
        terms.isManual ? gate.isOpen : unanswered.voiced >= Self.syllable
    }

    // MARK: Rules

    /// `interrupted` with nothing to interrupt and nobody who could have: the mark of a wedge
    /// (failure catalogue 2.1).
    private mutating func isPhantom(at now: Instant, into out: inout Actions) -> Bool {
        let mode = policy.turns.rules[.phantomInterrupted]
        guard mode != .off, turns.isIdle, !view.isSpeaking, !turns.owesTurnComplete,
            view.interruptedAt == nil, turns.number > 0, !gate.isOpen,
            view.heard.isEmpty, unanswered.voiced == .zero,
            !terms.isManual || unanswered.isEmpty,
            turns.supersededAt.map({ now - $0 > Self.crossing }) ?? true,
            unanswered.lastVoiced.map({ now - $0 > Self.crossing }) ?? true
        else { return false }
        out.note(.ruleApplied(.phantomInterrupted, mode, detail: .none))
        guard mode == .enforce else { return false }
        recovery.suspectSince = now
        return true
    }

    /// How long after a barge-in its `interrupted` may be under way.
    private static let crossing = Interval.seconds(5)

    /// A turn that is completed without an answer is kept open for a moment, and the model asked
    /// again.
    private mutating func isHeld(
        _ message: ServerMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) -> Bool {
        if view.expectsSpareEnd, turns.state != .answering {
            view.expectsSpareEnd = false
            out.note(.byproductKept(.emptyTurn))
            return true
        }
        guard let stall = muteness(message, payload) else { return false }
        let mode = policy.turns.rules[.emptyTurn]
        guard mode != .off, line.isUp else { return false }
        out.note(.ruleApplied(.emptyTurn, mode, detail: .none))
        guard mode == .enforce else { return false }
        turns.mute += 1
        stalled(stall, at: now, into: &out)
        if phase == .closed { return true }
        if heldEnd != nil {
            // A second one for the same turn says no more than the first.
            out.note(.byproductKept(.emptyTurn))
            return true
        }
        heldEnd = HeldEnd(
            bytes: Passage(message: ClientMessage(), kept: nil, opcode: geminiOpcode)
                .bytes(payload), until: now + policy.stalls.emptyTurnHold)
        return true
    }

    /// How a turn fails to be an answer, if it does.
    private mutating func muteness(
        _ message: ServerMessage, _ payload: Span<UInt8>
    ) -> Stall? {
        let content = message.content
        if turns.owesTurnComplete || view.interruptedAt != nil || content.contains(.interrupted)
            || terms.mayBeSilent
            || content.contains(.waitingForInput) || tools.isWaiting
        {
            return nil
        }
        if terms.idle == .interactionStatus, content.contains(.inProgress) { return nil }
        if !message.turnCompleteReason.isEmpty {
            let isRejected = JSONText.equals(
                payload, message.turnCompleteReason, "RESPONSE_REJECTED")
            turns.rejected = isRejected ? turns.rejected + 1 : 0
            // The service gave its reason: asking the same again is of no use before the second.
            return turns.state == .asked && turns.rejected >= 2 ? .rejectedRun : nil
        }
        turns.rejected = 0
        switch turns.state {
        case .idle: return nil
        case .asked:
            let isVoiced = turns.input != .audio || !terms.replays || unanswered.isVoiced
            return isVoiced ? .emptyTurn : nil
        case .answering:
            if view.audio == .zero, setup.respondsWithAudio, view.isSpeaking,
                !message.usage.isEmpty
            {
                let tokens = Usage.read(payload, message.usage).response
                if tokens >= 0, tokens <= 10 { return .textOnly }
            }
            if view.isSpeaking, view.looksSilent, view.audio >= .seconds(1) { return .silentAudio }
            return nil
        }
    }

    // MARK: Beside the turns

    /// Whether the update is for the proxy alone.
    private mutating func keepHandle(
        _ message: ServerMessage, _ payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) -> Bool {
        out.note(.handleReceived(resumable: message.resumable))
        if message.resumable, !message.handle.isEmpty {
            handles.keep(
                Handles.Kept(
                    text: JSONText.unescape(payload, message.handle), at: now,
                    turn: turns.number,
                    covers: turns.state == .asked ? unanswered.start : unanswered.asked,
                    isComplete: turns.isIdle,
                    answers: transcript.answers + (view.isGenerated ? 1 : 0)),
                suspect: recovery.suspectSince)
        }
        let isAlone = message.members.subtracting(.usageMetadata) == .sessionResumptionUpdate
        guard setup.resumptionInserted, isAlone else { return false }
        out.note(.ruleApplied(.resumptionInserted, .enforce, detail: .none))
        return true
    }

    /// The service takes the connection away soon.
    private mutating func hideGoAway(
        _ message: ServerMessage, at now: Instant, into out: inout Actions
    ) -> Bool {
        out.note(.goAwayReceived(timeLeft: message.timeLeft))
        guard policy.recovery.attempts > 0, canReturn else { return false }
        leaveBy = now + max(message.timeLeft - .seconds(5), .zero)
        leaveIfQuiet(at: now, into: &out)
        let isAlone = message.members.subtracting(.usageMetadata) == .goAway
        guard policy.recovery.goAway == .hide, isAlone, policy.turns.rules[.goAway] == .enforce
        else { return false }
        out.note(.ruleApplied(.goAway, .enforce, detail: .none))
        return true
    }
}

extension ServerMessage {
    /// The model says something, or wants a tool.
    var speaks: Bool {
        !content.isDisjoint(with: [.audio, .text, .otherPart]) || members.contains(.toolCall)
    }
}
