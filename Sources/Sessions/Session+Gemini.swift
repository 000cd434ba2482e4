import Basics
import Policies
import Wire

// Gemini's messages, and how much of them the client sees. When a rule hides a part from the
// client, the rest of the message is still sent: usage, transcripts, and unknown fields.
extension Session {
    mutating func geminiSent(
        _ inbound: InboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let message = inbound.message
        let members = message.members
        bill(message, payload, into: &out)
        if members.contains(.setupComplete) {
            setupCompleted(inbound, payload: payload, at: now, into: &out)
        } else if members.isDisjoint(with: [.sessionResumptionUpdate, .goAway]) {
            relay(inbound, payload: payload, at: now, into: &out)
        } else {
            attendConnection(inbound, payload: payload, at: now, into: &out)
        }
        if phase == .talking, upstream.isUp { openToolGateIfDue(at: now, into: &out) }
        if members.contains(.sessionResumptionUpdate) { leaveIfQuiet(at: now, into: &out) }
        leaveIfIdle(at: now, into: &out)
    }

    private mutating func bill(
        _ message: ServerMessage, _ payload: Span<UInt8>, into out: inout Actions
    ) {
        guard message.members.contains(.usageMetadata) else { return }
        let usage = out.isScanned ? out.scanned : Usage.read(payload, message.usage)
        if turns.state == .answering { turns.reported = usage.response }
        out.noteUsed(message.usage, usage)
        if !setup.compresses { context.billed(usage) }
    }

    /// A message on a connection that is being replaced. The new connection will be asked for the
    /// reply, so the client gets only the rest: usage, and unknown fields.
    mutating func geminiSentLate(
        _ message: ServerMessage, _ payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        bill(message, payload, into: &out)
        out.note(.byproductKept(.late))
        if message.content.contains(.inputTranscription), profile.flush == nil {
            uplink.journal.transcribedAtLeaving(message.inputText, payload)
            keepForOthers(into: &out)
        }
        let edits: [ServerEdit] = [
            .removeContent(
                .reply.union(.inputTranscription).union(setup.ownTranscripts)),
            .remove([
                .setupComplete, .toolCall, .toolCallCancellation, .sessionResumptionUpdate, .goAway,
            ]),
        ]
        guard phase == .talking,
            let rest = InboundMessage(of: InboundMessage(message), payload, edits),
            let bytes = rest.kept
        else { return }
        downlink.pass(rest, bytes.span, room: roomForClient, at: now, into: &out)
    }

    /// Handles and announcements of the end are for the proxy; other parts of the message are not.
    private mutating func attendConnection(
        _ inbound: InboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let message = inbound.message
        var hidden: ServerMessage.Members = []
        var edits: [ServerEdit] = []
        let isUpdate = message.members.contains(.sessionResumptionUpdate)
        // If it comes together with the end of a turn, it covers that turn.
        let isOfEnd = isUpdate && message.content.contains(.turnComplete)
        if isUpdate, !isOfEnd { keepHandle(message, payload, at: now, into: &out) }
        if isUpdate, setup.resumptionInserted {
            // The client asked for none. The rule was applied to the setup, once.
            hidden.insert(.sessionResumptionUpdate)
        } else if isUpdate {
            edits += handleEdits(message)
        }
        if message.members.contains(.goAway), hideGoAway(message, at: now, into: &out) {
            hidden.insert(.goAway)
        }
        guard phase != .closed, message.members != hidden else { return }
        defer {
            if isOfEnd { keepHandle(message, payload, at: now, into: &out) }
            if !hidden.contains(.sessionResumptionUpdate) { offerHandle(message, into: &out) }
        }
        if !hidden.isEmpty { edits.append(.remove(hidden)) }
        guard !edits.isEmpty else {
            return relay(inbound, payload: payload, at: now, into: &out)
        }
        guard let rest = InboundMessage(of: inbound, payload, edits), let bytes = rest.kept
        else { return }
        relay(rest, payload: bytes.span, at: now, into: &out)
    }

    private mutating func relay(
        _ inbound: InboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let message = inbound.message
        if keepsFlushByproduct(inbound, payload: payload, at: now, into: &out) { return }
        if isUnasked(inbound, payload, at: now, into: &out) { return }
        if message.speaks { releaseFlushPairs(at: now, into: &out) }
        if message.members.contains(.toolCallCancellation) {
            let count = ToolCalls.count(cancelled: message.cancellation, in: payload)
            out.note(.toolCancelled(inbound.inHand.cancellation, calls: count))
            turns.callsWithdrawn()
            if !rules.isManual { uplink.journal.callWithdrawn() }
        }
        notePause(before: message, at: now, into: &out)
        let content = message.content
        if setup.isDetectionOpen, content.contains(.inputTranscription) || message.speaks,
            turns.isIdle, uplink.journal.voiced > .zero
        {
            // It detected a voice that is not between boundaries.
            settleDetection(isManual: false)
        }
        // A model that must not be interrupted works through earlier questions first.
        if content.contains(.thought) || !content.isDisjoint(with: [.inProgress, .otherPart])
            || setup.forbidsInterruption && message.speaks && turns.isRest(at: now)
        {
            turns.sawWork(at: now)
        }
        turns.progressed(content)
        if content.contains(.interrupted),
            isOfSayingAgain() || isInterruptedAgain() || isOfSecondReply(at: now)
        {
            out.note(.byproductKept(.answer))
            return showRest(of: inbound, payload, without: .interrupted, at: now, into: &out)
        }
        if content.contains(.interrupted), isPhantom(at: now, into: &out) {
            guard downlink.reply.playedUntil > now else {
                return showRest(of: inbound, payload, without: .interrupted, at: now, into: &out)
            }
            // A client that is still playing stops; no turn ends by that.
            downlink.pass(inbound, payload, room: room, at: now, into: &out)
            return downlink.mark { $0.phantomShown() }
        }
        show(inbound, payload: payload, at: now, into: &out)
    }

    /// Sends the client what is left of a message after some content was hidden.
    mutating func showRest(
        of inbound: InboundMessage, _ payload: Span<UInt8>, without content: ServerMessage.Content,
        at now: Instant, into out: inout Actions
    ) {
        guard let rest = InboundMessage(of: inbound, payload, [.removeContent(content)]),
            let bytes = rest.kept
        else { return }
        show(rest, payload: bytes.span, at: now, into: &out)
    }

    /// Shows the message, or what is left of it, to the client, and updates the session's state.
    mutating func show(
        _ inbound: InboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let message = inbound.message
        let content = message.content
        guard content.isDisjoint(with: setup.ownTranscripts) else {
            return keepWords(inbound, payload, at: now, into: &out)
        }
        var edits: [ServerEdit] = []
        var hidden: ServerMessage.Content = []
        if content.contains(.inputTranscription),
            !heardUser(inbound, payload, at: now, into: &out)
        {
            hidden.insert(.inputTranscription)
        }
        var calls: ToolCalls.Reception?
        if message.members.contains(.toolCall) {
            let reception = called(message, payload, at: now, into: &out)
            if reception.isEdited {
                edits.append(reception.fresh > 0 ? .calls(reception.edits) : .noCalls)
            }
            calls = reception
        }
        if message.members.contains(.toolCallCancellation) {
            let renamed = tools.cancelled(
                message.cancellation, in: payload, connection: upstream.current)
            if let renamed {
                let isEmpty = renamed.allSatisfy { $0 == .drop }
                edits.append(isEmpty ? .noneCancelled : .cancelled(renamed))
            }
        }
        let isKnownCall = calls.map { $0.fresh == 0 && $0.known + $0.held > 0 } ?? false
        if message.speaks, !isKnownCall || !content.isDisjoint(with: OpenReply.speech),
            !turns.isRest(at: now)
        {
            spoke(message, at: now, into: &out)
        }
        if let calls { received(calls, inbound, at: now, into: &out) }
        if message.speaks, downlink.reply.isInterrupted, !content.contains(.interrupted) {
            // The end of the interrupted answer never came, and this is the next one.
            if downlink.reply.interruptionEnd == .owed { makeUpEnd(at: now, into: &out) }
            downlink.mark { $0.interruptionsEnded() }
            turns.interruptionCompleted()
        }
        if content.contains(.turnComplete), turns.state == .asked, !turns.owesTurnComplete,
            content.contains(.outputTranscription)
                || downlink.reply.isOpen && !downlink.reply.words.isEmpty
        {
            // A reply in text only; its usage report tells whether it was meant to be heard.
            spoke(message, at: now, into: &out)
        }
        if !content.isDisjoint(with: [.generationComplete, .turnComplete]) {
            hidden.formUnion(holdEnd(message, payload, at: now, into: &out))
            if phase == .closed { return }
        }
        let endsInterruption = turns.owesTurnComplete || downlink.reply.isInterrupted
        let wasInterrupted = downlink.reply.isInterrupted || content.contains(.interrupted)
        pass(inbound, payload, edits, hidden, at: now, into: &out)
        if !content.isDisjoint(with: [.outputTranscription, .text]) {
            keepAnswer(inbound, payload, at: now, into: &out)
        }
        if content.contains(.interrupted) { interrupted(at: now, into: &out) }
        if content.contains(.waitingForInput), turns.state == .asked, !tools.isWaiting {
            // It listens: the clocks run again from the user's next word.
            finishTurn(.silent, at: now, into: &out)
            return tellWhatWaits(at: now, into: &out)
        }
        // One message may contain both; then what it completes is not the question asked since.
        guard content.contains(.turnComplete), !hidden.contains(.turnComplete), !goesOn(content)
        else { return }
        if endsInterruption || content.contains(.interrupted) {
            turns.interruptionCompleted()
            // The reply that the user moved on from ended whole nevertheless.
            if !wasInterrupted { answered(at: now) }
            tellWhatWaits(at: now, into: &out)
        } else {
            turnCompleted(content, at: now, into: &out)
        }
    }

    private mutating func pass(
        _ inbound: InboundMessage, _ payload: Span<UInt8>, _ edits: [ServerEdit],
        _ hidden: ServerMessage.Content, at now: Instant, into out: inout Actions
    ) {
        var edits = edits
        if !hidden.isEmpty { edits.append(.removeContent(hidden)) }
        guard !edits.isEmpty else {
            return downlink.pass(inbound, payload, room: roomForClient, at: now, into: &out)
        }
        guard let rest = InboundMessage(of: inbound, payload, edits), let bytes = rest.kept
        else { return }
        downlink.pass(rest, bytes.span, room: roomForClient, at: now, into: &out)
    }

    private mutating func interrupted(at now: Instant, into out: inout Actions) {
        tools.abandon()
        let isStillAsking = rules.isManual ? gate.isOpen : uplink.journal.isVoicedSinceAsked
        let wasSpeaking = turns.state == .answering
        let isOfQuestion = turns.supersededAt.map { now - $0 <= Self.crossing } ?? false
        if isOfQuestion || turns.state == .asked && isStillAsking {
            downlink.mark { $0.workWasInterrupted() }
        } else if turns.isIdle, isAnotherWorkedOn {
            downlink.mark { $0.workMayHaveBeenInterrupted() }
            uplink.journal.workInterrupted()
        }
        // Content interrupts even an uninterruptible model.
        let endsRest = turns.state == .asked && turns.rest.isSpoken
        if turns.interrupted(isStillAsking: isStillAsking, into: &out) {
            // If the question continues, the interrupted reply was to its first part.
            if wasSpeaking, isStillAsking, rules.isManual, gate.isContinuing {
                uplink.journal.replyWasToPart()
            }
            // The user has heard enough of it.
            wasSpeaking ? recovery.answered() : uplink.questionIsKnown()
            answered(at: now, isByVoice: !rules.isManual)
        } else if endsRest {
            answered(at: now)
        }
    }

    /// Gemini may be working on something beside what the user says now.
    private var isAnotherWorkedOn: Bool {
        uplink.journal.mayBeWorkedOn || !rules.isManual && uplink.journal.mayOweTyped
    }

    /// A model that signals this continues working after its turn.
    func goesOn(_ content: ServerMessage.Content) -> Bool {
        rules.idle == .interactionStatus && content.contains(.inProgress)
    }

    private mutating func spoke(
        _ message: ServerMessage, at now: Instant, into out: inout Actions
    ) {
        showEndOfHalf(at: now, into: &out)
        if downlink.forgetHeld() {
            // The answer came after all, in response to the nudge: one turn, as the client sees it.
            out.note(.byproductKept(.emptyTurn))
            downlink.mark { $0.judgedAnew() }
        }
        if turns.isIdle, !rules.isManual { uplink.journal.markAsked() }
        if unasked.nudged != nil, turns.state == .asked { out.note(.nudgeEnded(.answered)) }
        let begins = turns.state != .answering || uplink.journal.isReplyOver
        let goesOn = turns.awaitsAfterTool && !turns.isOldSentence(at: now)
        if begins || goesOn {
            uplink.replyBegan(isUserSpeaking: isUserInUtterance(at: now))
        }
        // Speech before the call is not an answer.
        if goesOn { downlink.mark { $0.judgedAnew(goesOn: true) } }
        questionHasEnded(at: now)
        if message.content.contains(.audio) { setup.hasSpoken = true }
        turns.spoke(
            at: now, hasAudio: message.content.contains(.audio),
            isWritten: !setup.respondsWithAudio, into: &out)
        downlink.question.answered()
        if downlink.reply.isCallEndLost, profile.endsTurnAtCall,
            !message.members.contains(.toolCall)
        {
            // The answer came without the call, whose turn the client would otherwise await for
            // ever. If only nonblocking calls may end a turn, no client counts on it.
            makeUpEnd(at: now, into: &out)
        }
        recovered(at: now, into: &out)
        if downlink.reply.owesEnd, downlink.reply.isCut {
            downlink.makeUpInterruption(
                rules.idle == .interactionStatus, room: room, at: now, into: &out)
        }
        downlink.mark { $0.wentOn() }
    }

    mutating func makeUpEnd(at now: Instant, into out: inout Actions) {
        downlink.makeUpEnd(
            rules.idle == .interactionStatus, room: room, at: now, into: &out)
    }

    /// In automatic VAD the transcript shows that the user spoke; a late one, of words that have
    /// been answered or led to the open call, says nothing new.
    mutating func userWasHeard(at now: Instant, into out: inout Actions) {
        guard turns.isIdle, uplink.journal.voicedAnew > .zero else { return }
        tools.asked(connection: upstream.current, open: handles.callsOpen)
        voiceAsked(at: now, into: &out)
        turns.sawTranscript(at: now)
    }

    /// In automatic VAD: the user's speech was a question, from their last sound on, however late
    /// that shows.
    ///
    /// - Parameter isProven: Shown by more than a voice.
    mutating func voiceAsked(
        isProven: Bool = true, at now: Instant, into out: inout Actions
    ) {
        downlink.mark { $0.forgotPhantom() }
        uplink.journal.markAsked()
        turns.asked(.audio, isProven: isProven, at: uplink.journal.lastVoiced ?? now, into: &out)
        unasked.asked()
    }

    /// In automatic VAD a transcript may come while the user still speaks: the model's delay counts
    /// from their last sound.
    mutating func questionHasEnded(at now: Instant) {
        guard turns.state == .asked, !rules.isManual, let voiced = uplink.journal.lastVoiced,
            now - voiced >= setup.shortestSilence
        else { return }
        turns.questionEnded(at: voiced)
    }

    /// In automatic detection, the user has spoken since the last answer, and may have asked, however
    /// long the transcript takes.
    var hasUnansweredVoice: Bool { !rules.isManual && uplink.journal.voiced > .zero }

    /// The shortest sound worth answering.
    static let syllable = Interval.milliseconds(80)
    /// The shortest word that answers a question takes as long.
    static let word = Interval.milliseconds(300)

    // MARK: Outside the turns

    /// Whether the update is for the proxy only.
    private mutating func keepHandle(
        _ message: ServerMessage, _ payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        out.note(.handleReceived(resumable: message.resumable))
        guard message.resumable, !message.handle.isEmpty else { return }
        stateWasSaved(at: now)
        let underWay = min(upstream.roundTrip + Self.shortestWork, Self.longestTail)
        uplink.resultsWereSaved(by: now - underWay)
        handles.keep(
            Handles.Kept(
                text: JSONText.unescape(payload, message.handle), at: now,
                turn: turns.number,
                knowledge: uplink.knowledge(
                    isGenerated: downlink.reply.isGenerated,
                    consumed: message.lastConsumed, isManual: rules.isManual),
                isComplete: turns.isIdle && !tools.isHoldingTurn && !hasUnansweredVoice,
                hasOpenCall: tools.isHoldingTurn, calls: tools.known(on: upstream.current)),
            suspect: recovery.suspectSince)
    }

    /// The service will soon close the connection.
    private mutating func hideGoAway(
        _ message: ServerMessage, at now: Instant, into out: inout Actions
    ) -> Bool {
        out.note(.goAwayReceived(timeLeft: message.timeLeft))
        guard policy.recovery.attempts > 0, canReturn else { return false }
        upstream.leaveBy = now + max(message.timeLeft - .seconds(5), .zero)
        leaveIfQuiet(at: now, into: &out)
        guard policy.recovery.goAway == .hide, policy.turns.rules[.goAway] == .enforce
        else { return false }
        out.note(.ruleApplied(.goAway, .enforce, detail: .none))
        return true
    }
}

extension ServerMessage {
    /// The model says something, or calls a tool.
    var speaks: Bool {
        !content.isDisjoint(with: [.audio, .text, .otherPart]) || members.contains(.toolCall)
    }
}

extension ServerMessage {
    /// An object without content, which would mean nothing to a client.
    var saysNothing: Bool { members.isEmpty || members == .serverContent && content.isEmpty }
}
