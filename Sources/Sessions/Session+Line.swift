import Basics
import Policies
import Wire

// The connection to gemini: lost, moved, set up again, and what is sent over the new one.
extension Session {
    /// A new connection could take up the conversation. Before its setup there is none, and the
    /// client loses nothing by hearing of the close as it came.
    var canReturn: Bool { !setup.sent.isEmpty }

    // MARK: Leaving

    /// The connection in use is gone.
    mutating func lost(
        _ trouble: Trouble, _ close: Close?, at now: Instant, into out: inout Actions
    ) {
        var isRefused = false
        if case .settingUp = line.state { isRefused = true }
        recovery.failed(&handles, trouble, isRefused: isRefused)
        line.state = .down
        geminiKeepalive.stop()
        heldEnd = nil
        mute = .none
        cutReply(at: now, into: &out)
        recovery.begin(trouble, close: close, isAwaited: !turns.isIdle, at: now)
        out.note(.troubled(trouble, close))
        if line.next != nil {
            // One is on its way already: it takes over.
            if line.isNextOpen { takeOver(at: now, into: &out) }
            return
        }
        // A model that is gone does not come back by being asked again.
        if trouble == .closed(.model), fallBack(at: now, into: &out) { return }
        tryAgain(at: now, into: &out)
    }

    /// What becomes of a reply that had begun, as far as that is known yet.
    private mutating func cutReply(at now: Instant, into out: inout Actions) {
        guard view.isSpeaking else { return }
        if view.isGenerated {
            // Nothing of it is missing but its end.
            completeForClient(into: &out)
            if turns.state == .answering { finishTurn(.answered, into: &out) }
        } else if turns.state == .asked {
            // The rest of an answer to an earlier question will not come any more.
            view.owesInterruption = true
        }
    }

    /// Changes the connection while the old one still stands: the new one is dialed first.
    mutating func move(_ trouble: Trouble, at now: Instant, into out: inout Actions) {
        guard !line.isMoving || line.isNextOpen else { return }
        recovery.begin(trouble, close: nil, isAwaited: !turns.isIdle, at: now)
        out.note(.troubled(trouble, nil))
        if trouble != .goAway { turns.moves += 1 }
        line.isNextOpen ? takeOver(at: now, into: &out) : tryAgain(at: now, into: &out)
    }

    /// At an idle moment a connection that is about to end is left for another.
    mutating func leaveIfQuiet(at now: Instant, into out: inout Actions) {
        guard leaveBy != nil, phase == .talking, line.isUp, isQuiet(at: now) else { return }
        if line.isNextOpen { return takeOver(at: now, into: &out) }
        // The handle of the last turn comes soon after its end.
        guard !line.isMoving, let handle = handles.newest(before: now + .seconds(1), at: now),
            handle.isComplete, handle.turn == turns.number
        else { return }
        move(.goAway, at: now, into: &out)
    }

    private func isQuiet(at now: Instant) -> Bool {
        let isTalking = unanswered.lastVoiced.map { now - $0 < .seconds(1) } ?? false
        return turns.isIdle && !gate.isOpen && !tools.isWaiting
            && !view.isSpeaking && view.interruptedAt == nil && (terms.isManual || !isTalking)
    }

    /// How long the old connection may take to say goodbye (wire reference 10.4).
    private static let goodbye = Interval.seconds(1)

    /// What the line itself waited for.
    mutating func wakeLine(at now: Instant, into out: inout Actions) {
        if let due = line.dialAt, now >= due { dialNext(at: now, into: &out) }
        switch line.state {
        case .down, .bare, .up: break
        case .parting(let until):
            if now >= until {
                // It had its chance to say goodbye.
                out.append(.close(.gemini, .abnormal))
                connect(at: now, into: &out)
            }
        case .settingUp(let until):
            if now >= until { setupUnanswered(at: now, into: &out) }
        case .seeding(let until):
            if now >= until { seeded(at: now, into: &out) }
        }
    }

    private mutating func setupUnanswered(at now: Instant, into out: inout Actions) {
        let reason = words("gemini does not answer the setup")
        out.note(.stalled(.setupUnanswered, turn: turns.number))
        out.note(.closed(.gemini, Close(1000), by: .turnkeeper))
        out.append(.close(.gemini, Close(1000)))
        let close = Close(1011, reason)
        guard policy.recovery.attempts > 0, canReturn else {
            line.state = .down
            return end(.geminiClosed, client: close, gemini: nil, into: &out)
        }
        lost(.stalled(.setupUnanswered), close, at: now, into: &out)
    }

    // MARK: Dialing

    mutating func tryAgain(at now: Instant, into out: inout Actions) {
        switch recovery.next(policy.recovery, at: now) {
        case .exhausted(let why): exhausted(why, at: now, into: &out)
        case .at(let due):
            guard due > now else { return dialNext(at: now, into: &out) }
            line.dialAt = due
            out.note(.retrying(attempt: recovery.attempts + 1, after: due - now))
        }
    }

    mutating func dialNext(at now: Instant, into out: inout Actions) {
        recovery.attempted(at: now)
        line.dial(into: &out)
    }

    /// The new connection is open.
    mutating func dialed(at now: Instant, into out: inout Actions) {
        line.nextOpened()
        // Only a planned change can wait for a better moment.
        if line.isUp, recovery.trouble == .goAway, let leaveBy, now < leaveBy,
            !isQuiet(at: now)
        {
            return
        }
        takeOver(at: now, into: &out)
    }

    private mutating func takeOver(at now: Instant, into out: inout Actions) {
        switch line.state {
        case .up, .bare, .settingUp, .seeding:
            cutReply(at: now, into: &out)
            heldEnd = nil
            mute = .none
            out.note(.closed(.gemini, Close(1000), by: .turnkeeper))
            out.append(.close(.gemini, Close(1000)))
            geminiKeepalive.stop()
            line.state = .parting(until: now + Self.goodbye)
            if recovery.trouble != .goAway { recovery.close = nil }
        case .parting: break
        case .down: connect(at: now, into: &out)
        }
    }

    /// Puts the new connection in use, and sets it up as the old one was.
    mutating func connect(at now: Instant, into out: inout Actions) {
        line.use(into: &out)
        geminiKeepalive.begin(ping: policy.upstream.ping, dead: policy.upstream.dead, at: now)
        switch phase {
        case .dialing:
            phase = .awaitingSetup
            line.state = .bare
            out.append(.accept)
            limits.begin(policy.limits, at: now)
            clientKeepalive.begin(ping: policy.client.ping, dead: policy.client.dead, at: now)
        case .awaitingSetup:
            line.state = .bare
            recallLate(at: now, into: &out)
            releaseSetup(at: now, into: &out)
        case .settingUp, .talking:
            setUpAgain(at: now, into: &out)
        case .closed: break
        }
    }

    private mutating func setUpAgain(at now: Instant, into out: inout Actions) {
        leaveBy = nil
        recovery.setUp(at: now)
        var handle =
            recovery.mustBeFresh || !profile.resumes
            ? nil
            : handles.newest(
                before: recovery.suspectSince ?? recovery.since + .milliseconds(1), at: now)
        // A model that is told everything beats one that has forgotten what it said last.
        if let kept = handle, kept.answers < transcript.answers, policy.recovery.rebuild,
            phase == .talking
        {
            handle = nil
        }
        guard handle != nil || policy.recovery.rebuild || phase == .settingUp else {
            return exhausted("no handle is left, and recovery.rebuild is off", at: now, into: &out)
        }
        recovery.handle = handle
        recovery.isFresh = handle == nil
        var edits: [SetupEdit] = []
        if let handle {
            edits.append(.setHandle(handle.text))
        } else if phase == .talking || returning.memory != nil {
            edits.append(.remove("sessionResumption.handle"))
            // What is asked again anyway is no part of the story so far.
            seed = !turns.isIdle && policy.recovery.replay ? transcript.answered : transcript
            if profile.seed == .initialHistory, !seed.isEmpty {
                edits.append(.setInitialHistory(true))
            }
        }
        let bytes = (try? Setup.edit(setup.sent.span, edits))?.bytes ?? setup.sent
        out.append(.send(.gemini, bytes, clientOpcode))
        line.state = .settingUp(until: now + policy.upstream.setup)
    }

    // MARK: Arriving

    mutating func setupCompleted(
        _ message: ServerMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        guard case .settingUp = line.state else {
            // One too many: nobody waits for it, and the client has had its own.
            out.note(.byproductKept(.setupComplete))
            return
        }
        out.note(.setupCompleted(line.current))
        line.state = .up
        if phase == .settingUp {
            phase = .talking
            out.append(.forward)
            if recovery.trouble != nil { reconnected(.redialed, at: now, into: &out) }
            recovery.restored(at: now)
            if returning.memory != nil { return takenUp(at: now, into: &out) }
            return releaseHeld(at: now, into: &out)
        }
        out.note(.byproductKept(.setupComplete))
        reconnected(recovery.isFresh ? .rebuilt : .resumed, at: now, into: &out)
        recovery.restored(at: now)
        isFirstSinceResume = true
        guard recovery.isFresh else { return resume(at: now, into: &out) }
        contextAudio = nil
        sendSeed(at: now, into: &out)
    }

    private mutating func reconnected(
        _ means: Fact.Means, at now: Instant, into out: inout Actions
    ) {
        out.note(
            .reconnected(
                line.current, recovery.trouble ?? .goAway, means, after: now - recovery.since))
    }

    /// Tells a fresh session what was said so far, in the form its family takes.
    mutating func sendSeed(at now: Instant, into out: inout Actions) {
        switch profile.seed {
        case .initialHistory:
            if let story = seed.seed(closing: nil, turnComplete: true) {
                out.append(.send(.gemini, story, clientOpcode))
                out.note(.seeded(seed.count))
            } else if turns.number > 1 {
                out.note(.contextLost)
            }
            resume(at: now, into: &out)
        case .userTurn:
            guard let story = seed.seed(closing: Self.goOn, turnComplete: true) else {
                if turns.number > 1 { out.note(.contextLost) }
                return resume(at: now, into: &out)
            }
            // This family answers its seed; that answer is nobody's.
            out.append(.send(.gemini, story, clientOpcode))
            out.note(.seeded(seed.count))
            mute = .seed
            line.state = .seeding(until: now + .seconds(4))
        }
    }

    private static let goOn =
        "(The line was interrupted. This is the conversation so far. Do not greet again; "
        + "reply only \"ok\" and wait.)"

    /// The seed was answered, or will not be.
    mutating func seeded(at now: Instant, into out: inout Actions) {
        mute = .none
        line.state = .up
        resume(at: now, into: &out)
    }

    /// Goes on where the conversation stopped: what gemini has not answered is sent again, then
    /// what the client said meanwhile.
    private mutating func resume(at now: Instant, into out: inout Actions) {
        let covers = recovery.isFresh ? unanswered.start : recovery.handle?.covers ?? 0
        if let handle = recovery.handle { tools.carriedOver(by: handle.at, to: line.current) }
        var from = covers
        if turns.state == .answering {
            switch continuation(covers) {
            case .close:
                out.note(.replyCut(.close))
                let reason = words("gemini was lost in the middle of its reply")
                return end(
                    .geminiClosed, client: Close(1011, reason), gemini: Close(1000), into: &out)
            case .continue:
                from = max(covers, unanswered.asked)
                goOn(at: now, into: &out)
            case .auto, .restart, .interrupt:
                restart(into: &out)
            }
        }
        replay(from: from, at: now, into: &out)
        if turns.isIdle {
            if recovery.isFresh { handles.forget(before: recovery.since) }
            recovery.settled(isAwaited: !terms.isManual && unanswered.voiced > .zero)
        }
        openToolGateIfDue(at: now, into: &out)
        releaseHeld(at: now, into: &out)
    }

    private func continuation(_ covers: Int) -> Policy.CutReply {
        guard view.isSpeaking else { return .restart }
        switch policy.recovery.cutReply {
        case .auto, .continue: return covers >= unanswered.asked ? .continue : .restart
        case .restart, .interrupt, .close: return policy.recovery.cutReply
        }
    }

    private mutating func restart(into out: inout Actions) {
        guard view.isSpeaking else { return }
        view.owesInterruption = true
        out.note(.replyCut(.restart))
    }

    private mutating func goOn(at now: Instant, into out: inout Actions) {
        out.note(.replyCut(.continue))
        let last = transcript.lastWords(limit: 80)
        let ask =
            last.isEmpty
            ? "Go on exactly where you stopped; repeat nothing."
            : "Go on exactly after the words \"\(last)\"; repeat nothing."
        out.append(.send(.gemini, terms.ask(ask), clientOpcode))
        turns.continued(at: now)
    }

    private mutating func replay(from position: Int, at now: Instant, into out: inout Actions) {
        let isIdleSound =
            turns.isIdle && !terms.isManual && unanswered.voiced < Self.syllable
        guard policy.recovery.replay, !isIdleSound else {
            // The sound is not sent again, but what comes next must still be legal.
            if gate.isOpen { gate.reopen(opcode: clientOpcode, into: &out) }
            if !turns.isIdle { turns.restarted(at: now) }
            return
        }
        var audio = Interval.zero
        let kept = unanswered.messages(from: position)
        var count = 0
        for message in kept {
            guard
                let bytes = tools.replayable(
                    message.bytes, link: line.current, callsComeAgain: turns.input != .tool,
                    ask: terms.ask)
            else { continue }
            out.append(.send(.gemini, bytes, message.opcode))
            audio = audio + message.audio
            count += 1
        }
        if count > 0 || !turns.isIdle && unanswered.dropped > .zero {
            out.note(.replayed(messages: count, audio: audio, missing: unanswered.dropped))
        }
        // The new connection has not heard yet that the microphone paused.
        if audio > .zero, !terms.isManual { pause.heardAudio(at: now) }
        view.replayed()
        if !turns.isIdle { turns.restarted(at: now) }
    }

    /// What the client said while nobody could hear it.
    mutating func releaseHeld(at now: Instant, into out: inout Actions) {
        let held = early.release()
        if turns.number > 0, !held.isEmpty { out.note(.inputHeld(messages: held.count)) }
        for passage in held {
            guard phase == .talking, let kept = passage.kept else { return }
            converse(passage, payload: kept.span, at: now, into: &out)
        }
    }

    /// The model speaks again: whatever the trouble was, it is over.
    mutating func recovered(at now: Instant, into out: inout Actions) {
        guard let trouble = recovery.trouble ?? recovery.unproven else { return recovery.proved() }
        out.note(.recovered(trouble, after: now - recovery.since))
        if let handle = recovery.handle { handles.worked(handle.text) }
        if recovery.isFresh { handles.forget(before: recovery.since) }
        recovery.ended()
    }

    // MARK: The end of the ladder

    /// No step is left for now. `why` names the policy's key.
    mutating func exhausted(_ why: String, at now: Instant, into out: inout Actions) {
        let trouble = recovery.trouble ?? .closed(.other)
        line.dropNext(into: &out)
        if line.isUp {
            // The line itself stands, until it is taken away: only the turn is lost.
            leaveBy = nil
            recovery.ended()
            if case .stalled = trouble { giveUpTurn(trouble, why, at: now, into: &out) }
            return
        }
        if trouble.verdict.isModels, fallBack(at: now, into: &out) { return }
        guard phase == .talking, policy.recovery.attempts > 0 else {
            return giveUp(trouble, why, exhaustion(why), into: &out)
        }
        let wasCalled = recovery.isCalled
        giveUpTurn(trouble, why, at: now, into: &out)
        guard phase == .talking else { return }
        recovery.rest()
        // The next question is here already.
        if wasCalled { climbAgain(at: now, into: &out) }
    }

    /// The ladder was exhausted and the turn given up, and now the user asks for something.
    mutating func climbAgain(at now: Instant, into out: inout Actions) {
        recovery.resume(.closed(.unavailable), at: now)
        out.note(.troubled(.closed(.unavailable), nil))
        tryAgain(at: now, into: &out)
    }

    /// Another try would meet the same answer.
    mutating func refused(_ why: String, at now: Instant, into out: inout Actions) {
        let trouble = recovery.trouble ?? .closed(.other)
        guard !line.isUp else { return exhausted(why, at: now, into: &out) }
        if trouble.verdict.isModels, fallBack(at: now, into: &out) { return }
        giveUp(trouble, why, exhaustion(why), into: &out)
    }

    mutating func giveUp(
        _ trouble: Trouble, _ why: String, _ close: Close, into out: inout Actions
    ) {
        if trouble != .dead, policy.recovery.attempts > 0 { out.note(.gaveUp(trouble, why)) }
        end(.geminiClosed, client: close, gemini: nil, into: &out)
    }

    /// What was exhausted, and what gemini said last, with its code.
    func exhaustion(_ why: String) -> Close {
        guard let last = recovery.close, last.code != Close.abnormal.code else {
            return Close(1011, words(why))
        }
        // A close frame has room for 123 bytes.
        let both = words("\(why); gemini: \(last.reason)")
        return Close(last.code, last.reason.isEmpty || both.utf8.count > 123 ? words(why) : both)
    }
}
