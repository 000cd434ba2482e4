import Basics
import Policies
import Wire

// The client's messages after scanning.
extension Session {
    mutating func clientSent(
        _ outbound: OutboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let members = outbound.message.members
        if members.contains(.ambiguous) {
            refuse(Self.ambiguity, into: &out)
            return
        }
        switch phase {
        case .talking
        where upstream.isUp && !uplink.mustWait(outbound.message.audioDuration, at: now)
            || isResultDue(members):
            let isMore = isMoreOfStream(outbound.message)
            let wasQuestion = isVoiceAQuestion
            converse(outbound, payload: payload, at: now, into: &out)
            onlyPutsOff = isMore && wasQuestion == isVoiceAQuestion
        case .talking where members.contains(.setup), .settingUp where members.contains(.setup):
            refuseSetup(outbound, into: &out)
        case .awaitingSetup where members.contains(.setup):
            takeSetup(outbound, payload: payload, at: now, into: &out)
        case .dialing, .awaitingSetup, .settingUp, .talking:
            hold(outbound, payload: payload, at: now, into: &out)
        case .closed:
            break
        }
    }

    /// The result of a call on this connection does not wait behind speech that is replayed in real
    /// time.
    private func isResultDue(_ members: ClientMessage.Members) -> Bool {
        members == .toolResponse && (upstream.isUp || upstream.state == .catchingUp)
            && tools.isWaiting(on: upstream.current)
    }

    /// Audio after audio, in automatic detection: clocks of the client's silence start anew.
    private func isMoreOfStream(_ message: ClientMessage) -> Bool {
        message.isPlainSound && !rules.isManual && pause.isStreaming && !toolGate.isShut
            && limits.pausedUntil == nil
    }

    /// A duplicate field: it is unknown which one the service reads, so no rule could be enforced.
    static let ambiguity = "a field of the message is duplicated"

    /// For a message to which no rule can be applied; an observer applies rules to the setup only.
    mutating func refuse(_ why: String, into out: inout Actions) {
        if isObserving, phase != .awaitingSetup { return }
        end(.refused, client: Close(1007, words(why)), gemini: Close(1000), into: &out)
    }

    /// Input that gemini cannot take now is held until it can.
    private mutating func hold(
        _ outbound: OutboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        // While a connection is replaced, holding is the only option.
        let mode = phase == .talking ? .enforce : rules.earlyInput
        if mode != .off {
            out.note(.ruleApplied(.earlyInput, mode, detail: .messages(1)))
        }
        guard mode == .enforce else { return uplink.pass(outbound, payload, into: &out) }
        let calls = phase == .talking && !upstream.isUp && isCall(outbound, payload)
        if calls {
            recovery.called()
        } else if recovery.isResting, !clientIsSpeaking {
            // Without speech nothing is missing; it is only counted.
            out.note(.inputDropped(outbound.message.audioDuration))
            guard let rest = outbound.rest(without: .sound.union(.video), payload),
                let bytes = rest.kept
            else { return }
            return keepEarly(rest, payload: bytes.span, into: &out)
        }
        keepEarly(outbound, payload: payload, into: &out)
        if phase == .talking, !upstream.isUp { bargeIn(outbound.message, at: now, into: &out) }
        if calls, recovery.isResting, phase == .talking { climbAgain(at: now, into: &out) }
    }

    mutating func keepEarly(
        _ outbound: OutboundMessage, payload: Span<UInt8>, into out: inout Actions
    ) {
        if phase == .talking { makeRoom(for: outbound.weightOfWords(payload)) }
        let isSetUp = phase == .settingUp || phase == .talking
        let bound = isSetUp ? rules.buffer : min(rules.buffer, Policy.Limits.beforeSetup)
        let room = max(0, bound - heldBytes)
        let isOpening = phase != .talking
        if !uplink.hold(
            outbound.kept(payload), room: room, isOpening: isOpening,
            cutsPauses: isSetUp && !rules.isManual, into: &out)
        {
            endOverfull(bound, into: &out)
        }
    }

    /// Whether the user, or the client's program, wants something: everything except a quiet
    /// microphone and pictures. Continuing speech wants nothing before its end.
    private func isCall(_ outbound: OutboundMessage, _ payload: Span<UInt8>) -> Bool {
        guard outbound.message.isRealtimeInput else { return true }
        let input = outbound.message.input
        if !input.isDisjoint(with: [.activityStart, .text]) { return true }
        if input.contains(.activityEnd), clientIsSpeaking { return true }
        guard input.contains(.audio), !rules.isManual else { return false }
        let loudness = Loudness.ofPCM16(
            base64: payload, outbound.message.audio, limit: Loudness.glance)
        return loudness.peak >= Journal.voice
    }

    /// The user speaks over a reply that broke off: only we can end it now.
    private mutating func bargeIn(
        _ message: ClientMessage, at now: Instant, into out: inout Actions
    ) {
        guard downlink.reply.isCut, turns.state == .answering, !isReplyUnheard else { return }
        let input = message.input
        let isVoice =
            !rules.isManual && !setup.forbidsInterruption && uplink.early.voiced >= Self.question
        let isQuestion =
            isVoice || rules.isManual && input.contains(.activityStart)
            || input.contains(.text) && !gate.clientIsSpeaking
            || message.members.contains(.clientContent) && message.turnComplete
        if isQuestion { interruptCut(isByVoice: isVoice, at: now, into: &out) }
    }

    mutating func interruptCut(isByVoice: Bool, at now: Instant, into out: inout Actions) {
        downlink.makeUpInterruption(
            rules.idle == .interactionStatus, room: room, at: now, into: &out)
        finishTurn(.interrupted, isByVoice: isByVoice, at: now, into: &out)
    }

    mutating func converse(
        _ outbound: OutboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let message = outbound.message
        if message.isRealtimeInput {
            if toolGate.isShut, heldByToolGate(outbound, payload: payload, at: now, into: &out) {
                return
            }
            takeInput(outbound, payload: payload, at: now, into: &out)
        } else if message.members.contains(.setup) {
            refuseSetup(outbound, into: &out)
        } else if message.members.contains(.toolResponse) {
            answerCalls(outbound, payload: payload, at: now, into: &out)
            openToolGateIfDue(at: now, into: &out)
        } else {
            takeOther(outbound, payload: payload, at: now, into: &out)
        }
    }

    /// Real-time input that may be sent now.
    mutating func takeInput(
        _ outbound: OutboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        if setup.isDetectionOpen, outbound.message.input.contains(anyOf: .boundaries) {
            settleDetection(isManual: true)
        }
        rules.isManual
            ? converseManually(outbound, payload: payload, at: now, into: &out)
            : converseAutomatically(outbound, payload: payload, at: now, into: &out)
    }

    private mutating func converseManually(
        _ outbound: OutboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        if outbound.message.input.isSingle || rules.combinedInput == .off {
            return admit(outbound, payload: payload, at: now, into: &out)
        }
        out.note(.ruleApplied(.combinedInput, rules.combinedInput, detail: .none))
        // An activity that was ended on the client's behalf, and answered, is not what the message
        // ends.
        let isOpen =
            clientIsSpeaking && (gate.isOpen || turns.state == .asked || !flushPairs.isIdle)
        let parts = CombinedInput.parts(of: outbound, payload: payload, isOpen: isOpen)
        for (index, part) in parts.enumerated() {
            if index > 1, index == parts.count - 1, part.message.isPlainStart,
                !gate.isOpen || gate.isEnding && !gate.isFollowed
            {
                // With its words before it, the activity may belong to them. It would interrupt
                // their answer, so it waits for speech in it.
                gate.clientGoesOn()
            } else {
                admit(part, payload: payload, at: now, into: &out)
            }
        }
    }

    /// From the client's view: an end that is being held has been sent.
    private var clientIsSpeaking: Bool {
        (gate.clientIsSpeaking || noiseHold.isHolding) && !flushPairs.isAfterEnd
    }

    private mutating func converseAutomatically(
        _ outbound: OutboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let input = outbound.message.input
        input.contains(.text)
            ? uplink.passTyped(outbound, payload, into: &out)
            : uplink.pass(outbound, payload, into: &out)
        if input.contains(.audio) {
            pause.heardAudio(at: now)
            listen(outbound.message, payload, at: now)
        }
        if input.contains(.audioStreamEnd) {
            pause.streamEnded(rules, at: now, into: &out)
            uplink.journal.streamEnded()
            turns.isMissed(from: now)
        }
        if input.contains(.text) {
            typed(outbound.message, payload)
            tellTyped(outbound, payload, into: &out)
            ask(.text, at: now, into: &out)
        }
    }

    /// Whether there is speech: checks a few samples of each message.
    private mutating func listen(
        _ message: ClientMessage, _ payload: Span<UInt8>, at now: Instant
    ) {
        guard rules.replays || rules.clocks != nil else { return }
        let loudness = Loudness.ofPCM16(base64: payload, message.audio, limit: Loudness.glance)
        if loudness.peak >= Journal.voice {
            // The microphone may pick up an open reply; after its end, gemini would take that for a
            // question as well.
            let isAlone = !downlink.reply.isOpen || now >= downlink.reply.playedUntil
            uplink.journal.heardVoice(
                message.audioDuration, isAlone: isAlone, after: setup.shortestSilence, at: now)
        } else {
            uplink.journal.heardSilence(message.audioDuration)
        }
    }

    private mutating func answerCalls(
        _ outbound: OutboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let value = outbound.message.value
        out.note(.toolAnswered(value, results: ToolCalls.count(results: value, in: payload)))
        let isSilent = ToolCalls.isSilent(value, in: payload)
        let id = uplink.journal.end
        let verdict = tools.answered(value, in: payload, connection: upstream.current, end: id)
        if verdict.dropped > 0 { out.note(.toolResultsDropped(verdict.dropped)) }
        if !verdict.dead.isEmpty { answerDeadCalls(verdict.dead, at: now, into: &out) }
        if let edits = verdict.edits {
            guard let bytes = ClientMessage.edit(payload, [.answers(edits)]),
                let message = try? ClientMessage.scan(bytes.span)
            else { return }
            let edited = outbound.replaced(by: message, bytes)
            let dropped = edits.map { $0 == .drop ? ElementEdit.drop : .keep }
            let own = ClientMessage.edit(payload, [.answers(dropped)])
            uplink.pass(edited, keeping: own ?? bytes, into: &out)
        } else {
            uplink.pass(outbound, payload, into: &out)
        }
        if isSilent, verdict.goesOn, id < uplink.journal.end { uplink.sentSilently(id, at: now) }
        if verdict.goesOn { turns.sawWork(at: now) }
        guard verdict.goesOn, !isSilent, tools.wasAwaited, !tools.isWaiting else { return }
        toolAnswered(mayWait: tools.mayWait, at: now, into: &out)
    }

    /// A result was sent, and is to be answered.
    ///
    /// - Parameter mayWait: After whatever the model is saying.
    mutating func toolAnswered(
        mayWait: Bool = false, at now: Instant, into out: inout Actions
    ) {
        // If the sentence has been silent for longer, no part of it is on its way.
        let isRecent = now - turns.spokeAt < Self.underWay
        let isInSentence = isRecent && downlink.reply.isOpen && !downlink.reply.isGenerated
        let tail = min(upstream.roundTrip + Self.shortestWork, Self.longestTail)
        let isEnded = turns.isIdle
        // A family that ends its turn at the call may also have been in a sentence a moment ago.
        let isLeft = isRecent && isEnded && downlink.reply.isSentenceLeft
        if isEnded { ask(.tool, at: now, into: &out) }
        guard !isEnded || isLeft else { return }
        turns.toolAnswered(
            tail: isInSentence || isLeft ? tail : nil, isEnded: isLeft,
            mayGoOn: mayWait && isInSentence, at: now)
    }

    /// No model reads a result in less time.
    static let shortestWork = Interval.milliseconds(60)
    static let longestTail = Interval.milliseconds(250)

    /// Whether the turn ends with a call, and the answer to its result is another turn.
    var endsTurnsAtCalls: Bool {
        profile.endsTurnAtCall
            || profile.toolBehavior == .nonBlocking && rules.idle == .turnComplete
                && (setup.hasUndeclaredTools || !setup.freeTools.isEmpty)
    }

    // MARK: The conversation

    /// The user's input is complete and asks for an answer.
    mutating func ask(_ input: TurnInput, at now: Instant, into out: inout Actions) {
        showEndOfHalf(at: now, into: &out)
        downlink.releaseHeld(room: room, at: now, into: &out)
        downlink.mark { $0.forgotPhantom() }
        if input != .tool {
            // Without interruptions, the model works through earlier questions first.
            if turns.isIdle || !setup.forbidsInterruption {
                tools.asked(connection: upstream.current, open: handles.callsOpen)
            }
            downlink.mark { $0.forgotCalls() }
        }
        if downlink.reply.isCut { downlink.mark { $0.owesEnd = true } }
        let rest = restOfReply(under: input, at: now)
        let isPatient = setup.forbidsInterruption && !turns.isIdle
        if input != .tool, turns.state == .answering { goOnFromReply(at: now) }
        uplink.journal.markAsked()
        turns.asked(input, rest: rest, at: now, into: &out)
        unasked.asked(isPatient: isPatient)
        recovery.asked(at: now)
    }

    /// The part of the open reply that may still come when the user asks.
    private mutating func restOfReply(under input: TurnInput, at now: Instant) -> Turns.Rest {
        let isFlowing = downlink.reply.isOpen && !downlink.reply.isGenerated
        let last = turns.workedAt
        if setup.forbidsInterruption {
            let isWorking = turns.isInProgress || tools.isWaiting || turns.awaitsAfterTool
            let until = isWorking ? .distantFuture : isFlowing ? last + Self.lull : now
            let isSpoken = isEnoughOfReply && !downlink.reply.isGenerated
            return Turns.Rest(until: until, lull: Self.lull, isSpoken: isSpoken)
        }
        guard isFlowing || turns.isInProgress, now - last < Self.underWay else {
            return Turns.Rest()
        }
        // In manual detection the model is interrupted when the user begins to speak.
        let began = rules.isManual && input == .audio ? gate.openedAt : now
        return Turns.Rest(until: max(began, last) + Self.underWay)
    }

    /// Longer than a reply pauses.
    private static let lull = Interval.seconds(10)
    /// How long output from before a barge-in may be on its way.
    private static let underWay = Interval.milliseconds(1500)

    /// The user asks something else while a reply is open: they have heard enough of it, whether or
    /// not gemini sends `interrupted` in time.
    private mutating func goOnFromReply(at now: Instant) {
        downlink.mark { $0.superseded() }
        guard isEnoughOfReply else { return }
        if downlink.reply.isGenerated || !setup.forbidsInterruption { answered(at: now) }
    }

    /// What the user has heard of the reply answers their question, if it is cut short now. What
    /// follows a call is part of the answer, and still to come.
    private var isEnoughOfReply: Bool {
        (downlink.reply.isOpen || turns.isInProgress) && !isReplyUnheard
            && !tools.isWaiting && !turns.awaitsAfterTool
    }

    /// The user has heard nothing of the open reply, whatever transcript it has: a user who asks
    /// something else has had no answer.
    var isReplyUnheard: Bool {
        setup.respondsWithAudio && downlink.reply.isOpen && !downlink.reply.isHeard
    }

    mutating func typed(_ message: ClientMessage, _ payload: Span<UInt8>) {
        uplink.journal.typed(message.text, payload)
    }
}

extension ClientMessage {
    var isRealtimeInput: Bool { members.subtracting(.unknown) == .realtimeInput }
    fileprivate var isPlainStart: Bool { members == .realtimeInput && input == .activityStart }
}

extension ClientMessage.Input {
    /// At most one part that has a place in the order.
    var isSingle: Bool {
        let parts = rawValue & ~Self.mediaChunks.union(.unknown).rawValue
        return parts & (parts &- 1) == 0
    }
}
