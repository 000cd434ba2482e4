import Basics
import Policies
import Wire

// What a new connection is told so that it knows what the old one knew, and what is replayed to it.
extension Session {
    /// Tells the new connection the answered input that it does not know, in a form that asks
    /// nothing.
    mutating func tellPlan(at now: Instant, into out: inout Actions) {
        uplink.toldAnswered(plan.told, later: plan.withNextQuestion)
        if plan.lost > .zero || plan.isIncomplete && recovery.isFresh
            || uplink.journal.hasDroppedWords
        {
            out.note(.contextLost(plan.lost))
        }
        if !plan.withNextQuestion.isEmpty {
            uplink.preface(
                plan.withNextQuestion.recap, pieces: plan.withNextQuestion.count,
                about: plan.withNextQuestion.map(\.id))
        }
        guard !plan.told.isEmpty else {
            if recovery.isFresh, plan.lost == .zero, turns.number > 1,
                uplink.journal.words.isEmpty
            {
                out.note(.contextLost(.zero))
            }
            return resume(at: now, into: &out)
        }
        guard plan.opening == .fresh else {
            if let story = plan.told.content(closing: nil, turnComplete: false) {
                uplink.tellSilently(story, into: &out)
                out.note(.contextRestored(plan.told.count))
            }
            return resume(at: now, into: &out)
        }
        switch profile.contextForm {
        case .initialHistory:
            // The client may still be sending the rest of its own history.
            let isWhole = !setup.awaitsHistory
            // A context that ends with the user's words may be taken for a question.
            if let story = plan.told.content(
                closing: isWhole && plan.told.isOpen ? Words.answer : nil, by: .model,
                turnComplete: isWhole)
            {
                uplink.sayAside(story, into: &out)
                out.note(.contextRestored(plan.told.count))
            }
            resume(at: now, into: &out)
        case .userTurn:
            // This family answers its history; that answer is hidden.
            if let story = plan.told.content(closing: Self.goOn, turnComplete: true) {
                uplink.sayAside(story, into: &out)
                out.note(.contextRestored(plan.told.count))
            }
            unasked.expect(.context)
            upstream.state = .restoringContext(
                until: now + .seconds(4), latest: now + .seconds(12))
        }
    }

    private static let goOn =
        "(The line was interrupted. This is the conversation so far. Do not greet again; "
        + "reply only \"ok\" and wait.)"

    /// The context was answered, or will not be.
    mutating func contextAnswered(
        isKnown: Bool, at now: Instant, into out: inout Actions
    ) {
        if isKnown {
            unasked.end()
        } else {
            unasked.expect(.late, until: now + Self.late)
            // No model answers a question so soon.
            unasked.mayCross(until: now + .seconds(1))
            if !turns.isIdle { unasked.asked() }
        }
        guard case .restoringContext = upstream.state else { return }
        if isKnown { uplink.toldIsKnown() }
        upstream.state = .up
        resume(at: now, into: &out)
    }

    /// Continues where the conversation stopped: replays unanswered input, then sends the client's
    /// input from meanwhile.
    private mutating func resume(at now: Instant, into out: inout Actions) {
        uplink.keepPace(profile.burst, at: now)
        if let handle = recovery.handle {
            tools.carriedOver(by: handle.calls, to: upstream.current)
        } else {
            tools.mayKnowOthers = false
        }
        if !policy.recovery.replay { plan.again = [] }
        // A question replayed from its beginning makes its calls again.
        let first = plan.again.first { uplink.journal.kind(of: $0)?.asks ?? false }
        tools.saidAgain(from: first, on: upstream.current, knowing: uplink.memory.known)
        if turns.awaitsAfterTool || turns.input == .tool, !turns.isIdle { tools.forgetTelling() }
        if first != nil {
            downlink.mark { $0.askedAgain() }
            // If asked again, a service that still waits for a result gives up the call.
            if tools.mayHaveComeOver { unasked.expect(.carriedCall) }
        }
        guard policy.recovery.replay else {
            uplink.tell(&plan.between, into: &out)
            return said(again: (0, .zero), at: now, into: &out)
        }
        var request: [UInt8]?
        // Also if the rest was requested, and this connection is lost before it came.
        if turns.state == .answering || turns.state == .asked && turns.awaitsRest {
            switch continuation() {
            case .close:
                out.note(.replyCut(.close))
                let reason = words("gemini was lost in the middle of a reply (recovery.cut_reply)")
                return end(
                    .unanswered, client: Close(1011, reason), gemini: Close(1000), into: &out)
            case .continue(let bytes, let isAlone):
                out.note(.replyCut(.continue))
                turns.continued()
                downlink.mark { $0.judgedAnew(goesOn: true) }
                // The request contains the replayed input, and the words so far.
                uplink.memory.sent(uplink.journal.reply)
                if isAlone {
                    uplink.tell(&plan.between, into: &out)
                    uplink.sayAside(bytes, about: plan.again, into: &out)
                    plan.again = []
                    plan.isAskedToGoOn = true
                } else {
                    request = bytes
                }
            case .restart:
                if downlink.reply.isCut { out.note(.replyCut(.restart)) }
                turns.beganAnew()
                uplink.journal.replyRestarted()
                downlink.mark { $0.judgedAnew() }
                _ = downlink.takeSpoken()
            }
        }
        turns.interruptionsSaidAgain = interruptionsOf(first)
        tellBeginning(into: &out)
        if plan.skipped > .zero { out.note(.silenceSkipped(plan.skipped)) }
        uplink.sayAgain(plan.again, beforeLast: request, between: plan.between)
        upstream.state = .catchingUp
        goOnSaying(at: now, into: &out)
    }

    /// How often replayed input that was interrupted before its answer may be interrupted again.
    private func interruptionsOf(_ first: Journal.ID?) -> Int {
        let journal = uplink.journal
        guard let first, first < journal.interrupted else { return 0 }
        // Activities become one.
        return rules.isManual && journal.kind(of: first) == .sound ? 0 : journal.interruptions
    }

    private enum Continuation {
        case close, restart
        /// One input asks for the rest: alone, or before the last replayed message.
        case `continue`([UInt8], isAlone: Bool)
    }

    /// Whether the reply can be continued: only if question, words so far and request reach gemini
    /// as one input that asks once.
    private func continuation() -> Continuation {
        switch policy.recovery.cutReply {
        case .close: return downlink.reply.isCut ? .close : .restart
        case .restart, .interrupt: return .restart
        case .auto, .continue: break
        }
        // The user has not heard the beginning of a reply without sound.
        guard downlink.reply.isCut, !isReplyUnheard, turns.continuations < 2
        else { return .restart }
        let spoken = uplink.journal.words.unfinishedReply
        guard !spoken.isEmpty else { return .restart }
        let text = rules.request(toGoOnFrom: spoken, isWritten: !setup.mustSpeak)
        let kinds = uplink.journal.kinds(of: plan.again)
        if kinds.isEmpty { return .continue(rules.ask(text), isAlone: true) }
        if kinds == [.text], let question = uplink.journal.typedQuestion {
            return .continue(Compose.text("\(question)\n\n\(text)"), isAlone: true)
        }
        if kinds == [.content], !rules.rejectsContent,
            let bytes = uplink.journal.words.unanswered.content(closing: text, turnComplete: true)
        {
            return .continue(bytes, isAlone: true)
        }
        if rules.isManual, kinds.last == .end, rules.takesTextInActivity {
            return .continue(Compose.text(text), isAlone: false)
        }
        return .restart
    }

    /// If the question is longer than the family accepts at once, its beginning is sent as words,
    /// as far as they are known.
    private mutating func tellBeginning(into out: inout Actions) {
        guard uplink.journal.sound(of: plan.again) > profile.burst,
            let part = uplink.journal.transcribedPart(leaving: profile.burst), part.length > 0
        else { return }
        let words = uplink.journal.words.beginningOfQuestion(part.length)
        plan.again.removeAll { id in
            id < part.id && uplink.journal.kind(of: id) == .sound
        }
        let text = JSONText.unescape(words.span, ByteRange(0, words.count))
        if profile.takesSilentContext {
            uplink.tellSilently(
                Compose.content([.init(.user, text)], turnComplete: false), into: &out)
        } else {
            uplink.preface(text)
        }
    }

    /// Replays as much as may be sent now; the rest in real time.
    mutating func goOnSaying(at now: Instant, into out: inout Actions) {
        var tools = tools
        let (connection, rules) = (upstream.current, rules)
        let told = (plan.told + plan.withNextQuestion).filter(\.isResult).map(\.id)
        let isQuestionSaid = uplink.journal.kinds(of: plan.again).contains(where: \.asks)
        let results = plan.again.filter { uplink.journal.kind(of: $0) == .result }
        var (hasCut, dropped, isUnchanged) = (false, 0, false)
        let lastResult = results.last { id in
            uplink.journal.messages(of: [id]).contains { bytes in
                tools.again(
                    bytes, connection: connection, isQuestionSaid: isQuestionSaid, isLast: false,
                    ask: { rules.ask($0) }) == []
            }
        }
        let said = uplink.goOnSaying(at: now, into: &out) { entry, bytes in
            guard entry.kind == .result else { return bytes }
            let again = tools.again(
                bytes, connection: connection, told: told, isQuestionSaid: isQuestionSaid,
                isLast: entry.id == lastResult
            ) { results in
                if rules.cuts(results) { hasCut = true }
                return rules.ask(results)
            }
            // Others are part of the conversation's words.
            if !told.contains(entry.id) { dropped += tools.dropped(in: bytes, at: entry.id) }
            if let again {
                tools.sentAgain(bytes, at: entry.id)
                isUnchanged = isUnchanged || Journal.Kind(again) == .result
            }
            return again
        }
        self.tools = tools
        if hasCut { out.note(.contextLost(.zero)) }
        if dropped > 0 { out.note(.toolResultsDropped(dropped)) }
        if isUnchanged { uplink.resultAgainAt = now }
        self.said(again: said, at: now, into: &out)
    }

    private mutating func said(
        again: (count: Int, audio: Interval), at now: Instant, into out: inout Actions
    ) {
        let dropped = uplink.journal.dropped
        if again.count > 0 || !turns.isIdle && dropped > .zero {
            out.note(.replayed(messages: again.count, audio: again.audio, missing: dropped))
        }
        guard !uplink.isCatchingUp else { return }
        upstream.state = .up
        // An activity that is still open must still be legal.
        if plan.again.isEmpty, gate.isOpen { gate.reopen(through: &uplink, into: &out) }
        if uplink.isBare { gate.heardNothing() }
        // The new connection does not know yet that the microphone paused.
        if again.audio > .zero, !rules.isManual {
            pause.heardAudio(at: now)
            uplink.journal.voiceSaidAgain(at: now)
        }
        downlink.question.saidAgain()
        if !turns.isIdle { turns.restarted(at: now) }
        askForAnswer(at: now, into: &out)
        if turns.isIdle {
            if recovery.isFresh { handles.forget(before: recovery.since) }
            recovery.settled(isAwaited: hasUnansweredVoice)
        }
        openToolGateIfDue(at: now, into: &out)
        releaseHeld(at: now, into: &out)
    }

    /// If the new connection knows what it must answer, nothing makes it do so.
    private mutating func askForAnswer(at now: Instant, into out: inout Actions) {
        let isOwed =
            turns.state == .asked && policy.recovery.replay && !plan.isAskedToGoOn
            && !uplink.journal.kinds(of: plan.again).contains(where: \.wakes)
        guard isOwed || turns.isIdle, !gate.isOpen else { return }
        // The user has continued meanwhile, and that asks.
        if uplink.early.asks { return tellResultsLeft(into: &out) }
        guard isOwed || isBetweenTurns(at: now) else { return }
        if !isOwed, !tools.isLeftToAsk { return tellWhatWaits(at: now, into: &out) }
        let left = tools.takeLeft(at: uplink.journal.end, besides: uplink.knowledgeToCome)
        if rules.cuts(left?.words) { out.note(.contextLost(.zero)) }
        if isOwed {
            uplink.sayAside(
                rules.nudge(saying: left?.words), about: left?.about ?? [], into: &out)
        } else if let left, let results = left.words {
            uplink.sayAside(rules.ask(results), about: left.about, into: &out)
            ask(.tool, at: now, into: &out)
        }
        if turns.isIdle { tellWhatWaits(at: now, into: &out) }
    }

    /// The client's input from the time without a connection.
    mutating func releaseHeld(at now: Instant, into out: inout Actions) {
        if turns.number > 0, !uplink.early.isEmpty {
            out.note(.inputHeld(messages: uplink.early.count))
        }
        goOnReleasing(at: now, into: &out)
    }

    /// Releases as much as may be sent now. The rest waits, as does the client's further input.
    mutating func goOnReleasing(at now: Instant, into out: inout Actions) {
        uplink.early.tellDropped(into: &out)
        for outbound in uplink.release(at: now) {
            guard phase == .talking, let kept = outbound.kept else { return }
            converse(outbound, payload: kept.span, at: now, into: &out)
        }
    }
}
