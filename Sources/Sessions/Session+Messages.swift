import Basics
import Policies
import Wire

// The client's messages, once they are known to be such.
extension Session {
    mutating func clientSent(
        _ passage: Passage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let members = passage.message.members
        if members.contains(.ambiguous) {
            refuseAmbiguity(into: &out)
            return
        }
        switch phase {
        case .talking where line.isUp:
            converse(passage, payload: payload, at: now, into: &out)
        case .talking where members.contains(.setup), .settingUp where members.contains(.setup):
            refuseSetup(passage, into: &out)
        case .awaitingSetup where members.contains(.setup):
            takeSetup(passage, payload: payload, at: now, into: &out)
        case .dialing, .awaitingSetup, .settingUp, .talking:
            hold(passage, payload: payload, at: now, into: &out)
        case .closed:
            break
        }
    }

    /// A field that is there twice: nobody can say which one the service reads, so no rule could be
    /// kept.
    mutating func refuseAmbiguity(into out: inout Actions) {
        let reason = words("one field of the message is present twice")
        end(.clientFault, client: Close(1007, reason), gemini: Close(1000), into: &out)
    }

    /// Input that gemini cannot take now: it waits until it can.
    private mutating func hold(
        _ passage: Passage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        // While a connection is replaced there is nobody else to give it to.
        let mode = phase == .talking ? .enforce : terms.earlyInput
        if mode != .off {
            out.note(.ruleApplied(.earlyInput, mode, detail: .messages(1)))
        }
        guard mode == .enforce else { return passage.pass(into: &out) }
        if phase == .talking, isCall(passage, payload) {
            recovery.called()
        } else if recovery.isResting {
            // Of a room in which nobody speaks nothing is missed, but for the count.
            return out.note(.inputDropped(passage.message.audioDuration))
        }
        let kept = Passage(
            message: passage.message, kept: passage.bytes(payload), opcode: passage.opcode)
        let hold = phase == .talking ? terms.holdAudio : Interval(nanoseconds: .max)
        let isSetUp = phase == .settingUp || phase == .talking
        let limit = isSetUp ? terms.buffer : min(terms.buffer, Policy.Limits.beforeSetup)
        if !early.hold(kept, limit: limit, hold: hold, into: &out) {
            out.note(.limitReached(.buffer))
            let reason = words("more than \(limit) bytes of input wait for gemini")
            return end(
                .clientFault, client: Close(1008, reason), gemini: Close(1000), into: &out)
        }
        if recovery.isResting { climbAgain(at: now, into: &out) }
    }

    /// Whether the user, or the client's program, wants something: all but a quiet microphone, and
    /// pictures.
    private func isCall(_ passage: Passage, _ payload: Span<UInt8>) -> Bool {
        guard passage.message.members == .realtimeInput else { return true }
        let input = passage.message.input
        if !input.isDisjoint(with: [.activityStart, .text]) { return true }
        guard input.contains(.audio), !terms.isManual else { return false }
        let loudness = Loudness.ofPCM16(
            base64: payload, passage.message.audio, limit: Loudness.glance)
        return loudness.peak >= Unanswered.voice
    }

    mutating func converse(
        _ passage: Passage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let message = passage.message
        let before = out.list.count
        if message.members == .realtimeInput {
            if toolGate.isShut, heldByToolGate(passage, payload: payload, at: now, into: &out) {
                return
            }
            takeInput(passage, payload: payload, at: now, into: &out)
        } else if message.members.contains(.setup) {
            refuseSetup(passage, into: &out)
        } else if message.members.contains(.toolResponse) {
            answerCalls(passage, payload: payload, at: now, into: &out)
            openToolGateIfDue(at: now, into: &out)
        } else {
            passage.pass(into: &out)
            remember(message, payload: payload, from: before, out)
            if message.members.contains(.clientContent) {
                if message.turnComplete { ask(.text, at: now, into: &out) }
                quote(message, payload)
            }
        }
    }

    /// Real-time input whose time has come.
    mutating func takeInput(
        _ passage: Passage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        terms.isManual
            ? converseManually(passage, payload: payload, at: now, into: &out)
            : converseAutomatically(passage, payload: payload, at: now, into: &out)
    }

    private mutating func converseManually(
        _ passage: Passage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        if passage.message.input.isSingle || terms.combinedInput == .off {
            return admit(passage, payload: payload, at: now, into: &out)
        }
        out.note(.ruleApplied(.combinedInput, terms.combinedInput, detail: .none))
        for part in CombinedInput.parts(
            of: passage, payload: payload, isOpen: clientIsSpeaking)
        {
            admit(part, payload: payload, at: now, into: &out)
        }
    }

    /// As the client sees it: an end that waits for what follows has been said.
    private var clientIsSpeaking: Bool {
        (gate.clientIsSpeaking || noiseHold.isHolding) && !flushPairs.isAfterEnd
    }

    private mutating func converseAutomatically(
        _ passage: Passage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let input = passage.message.input
        let before = out.list.count
        passage.pass(into: &out)
        if input.contains(.audio) {
            pause.heardAudio(at: now)
            listen(passage.message, payload, at: now)
        }
        remember(passage.message, payload: payload, from: before, out)
        if input.contains(.audioStreamEnd) {
            pause.streamEnded(terms, at: now, into: &out)
            turns.sawWork(at: now)
        }
        if input.contains(.text) {
            ask(.text, at: now, into: &out)
            typed(passage.message, payload)
        }
    }

    /// Whether anybody speaks: a look at a few samples of each message.
    private mutating func listen(
        _ message: ClientMessage, _ payload: Span<UInt8>, at now: Instant
    ) {
        guard terms.replays || terms.clocks != nil else { return }
        let loudness = Loudness.ofPCM16(base64: payload, message.audio, limit: Loudness.glance)
        if loudness.peak >= Unanswered.voice {
            unanswered.heardVoice(message.audioDuration, at: now)
        }
    }

    private mutating func answerCalls(
        _ passage: Passage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let before = out.list.count
        let value = passage.message.value
        out.note(.toolAnswered(value))
        let isSilent = ToolCalls.isSilent(value, in: payload)
        switch tools.answered(value, in: payload, link: line.current) {
        case .forward: passage.pass(into: &out)
        case .rewrite(let bytes, let dropped):
            if dropped > 0 { out.note(.toolResultsDropped(dropped)) }
            out.append(.send(.gemini, bytes, passage.opcode))
        case .keep(let dead, let dropped):
            if dropped > 0 { out.note(.toolResultsDropped(dropped)) }
            if dead > 0 { answerDeadCalls(at: now, into: &out) }
            return
        }
        remember(passage.message, payload: payload, from: before, out)
        guard !isSilent, tools.wasAwaited, !tools.isWaiting else { return }
        turns.isIdle ? ask(.tool, at: now, into: &out) : turns.toolAnswered(at: now)
    }

    /// Results for calls of a dead connection. While their turn is asked again the calls will come
    /// again; otherwise the model, which waits for nothing, is told.
    private mutating func answerDeadCalls(at now: Instant, into out: inout Actions) {
        guard turns.isIdle, let result = tools.lastResultInWords else { return }
        out.append(.send(.gemini, terms.ask(result), clientOpcode))
        ask(.tool, at: now, into: &out)
    }

    // MARK: What the conversation is made of

    /// The user's input is complete and asks for an answer.
    mutating func ask(_ input: TurnInput, at now: Instant, into out: inout Actions) {
        if let held = heldEnd {
            heldEnd = nil
            out.append(.send(.client, held.bytes, geminiOpcode))
            view.turnEnded()
        }
        if !turns.isIdle { settle(all: false) }
        if input != .tool { tools.asked() }
        unanswered.markAsked()
        turns.asked(input, at: now, into: &out)
        nudged = nil
        spareAnswerUntil = nil
        recovery.asked(at: now)
    }

    /// Keeps a copy of whatever of a message went to gemini, until it is answered.
    mutating func remember(
        _ message: ClientMessage, payload: Span<UInt8>, from first: Int, _ out: borrowing Actions
    ) {
        guard terms.replays else { return }
        // Of a room in which nobody speaks no more is worth keeping than how the next word begins.
        let isQuiet = !terms.isManual && turns.isIdle && unanswered.voiced == .zero
        let hold = isQuiet ? min(terms.holdAudio, .seconds(2)) : terms.holdAudio
        for index in first..<out.list.count {
            switch out.list[index] {
            case .forward:
                unanswered.record(
                    message, payload, clientOpcode, limit: terms.buffer, hold: hold)
            case .send(.gemini, let bytes, let opcode):
                guard let made = try? ClientMessage.scan(bytes.span) else { continue }
                unanswered.record(made, bytes.span, opcode, limit: terms.buffer, hold: hold)
            case .send(.client, _, _), .dial, .use, .drop, .accept, .refuse, .ping, .pause, .resume,
                .limit, .close, .choose, .recall, .offer, .keep, .retire, .note:
                break
            }
        }
    }

    /// The same for what the session says of its own accord, in the client's place.
    mutating func rememberOwn(from first: Int, _ out: borrowing Actions) {
        remember(ClientMessage(), payload: Span(), from: first, out)
    }

    mutating func typed(_ message: ClientMessage, _ payload: Span<UInt8>) {
        transcript.say(.user, message.text, payload)
    }

    private mutating func quote(_ message: ClientMessage, _ payload: Span<UInt8>) {
        var reader = ContentReader(message.value, in: payload)
        while let turn = reader.nextTurn(in: payload) {
            switch turn.role {
            case .user: transcript.quote(content: turn.value, role: .user, payload)
            case .model: transcript.quote(content: turn.value, role: .model, payload)
            case .absent: transcript.say(.user, turn.text, payload)
            case .system, .other: break
            }
        }
    }
}

extension ClientMessage.Input {
    /// One part, so that the message says in which order it wants to be read.
    var isSingle: Bool {
        let parts = rawValue & ~Self.mediaChunks.rawValue
        return parts & (parts &- 1) == 0
    }
}
