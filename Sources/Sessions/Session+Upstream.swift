import Basics
import Policies
import Wire

// The connection to gemini: lost, moved, set up again, and what is sent over the new one.
extension Session {
    /// A new connection could continue the conversation. Before the setup there is no conversation,
    /// and the client loses nothing by getting the close unchanged.
    var canReturn: Bool { !setup.sent.isEmpty }

    // MARK: Leaving

    /// The connection in use is gone.
    mutating func lost(
        _ trouble: Trouble, _ close: Close?, at now: Instant, into out: inout Actions
    ) {
        var isRefused = false
        if case .settingUp = upstream.state { isRefused = true }
        recovery.failed(&handles, trouble, isRefused: isRefused)
        if dependsOnHandle(at: now) { handles.forgive() }
        upstream.state = .down
        handles.connectionEnded(at: now)
        geminiKeepalive.stop()
        cutReply(at: now, into: &out)
        recovery.begin(trouble, close: close, isAwaited: !turns.isIdle, at: now)
        // A question whose end is held lacks only its distance to the start.
        if gate.isEnding { recovery.called() }
        out.note(.troubled(trouble, close))
        if upstream.next != nil {
            // Another one is being dialed: it takes over.
            if upstream.isNextOpen { takeOver(at: now, into: &out) }
            return
        }
        // A model that no longer exists does not come back by retrying.
        if trouble == .closed(.model), fallBack(at: now, into: &out) { return }
        tryAgain(at: now, into: &out)
    }

    /// What happens to a reply that had begun, as far as that is known yet. Nothing is made up
    /// while the next connection can continue it.
    mutating func cutReply(at now: Instant, into out: inout Actions) {
        showEndOfHalf(at: now, into: &out)
        _ = downlink.forgetHeld()
        downlink.mark { $0.lostConnection() }
        unasked.end()
        uplink.stopSayingAgain()
        guard downlink.reply.isOpen else { return }
        if downlink.reply.isGenerated {
            // Only its end is missing.
            if tools.isWaiting { downlink.mark { $0.endedAtCall() } }
            makeUpEnd(at: now, into: &out)
            if turns.state == .answering {
                // Nothing else will show what the user has said since.
                let isByVoice = !rules.isManual && uplink.journal.voicedAlone >= Self.syllable
                finishTurn(.answered, isByVoice: isByVoice, at: now, into: &out)
            } else if turns.owesTurnComplete, !downlink.reply.isInterrupted {
                // It belongs to the earlier question: it does not answer what was asked since.
                turns.interruptionCompleted()
                answered(at: now)
            }
            return
        }
        downlink.mark { $0.cut() }
        if isSpokenOver {
            if gate.isContinuing { uplink.journal.replyWasToPart() }
            return interruptCut(isByVoice: false, at: now, into: &out)
        }
        if downlink.reply.isSuperseded || policy.recovery.cutReply == .interrupt {
            // The user has moved on from it already, or the policy wants it withdrawn.
            downlink.makeUpInterruption(
                rules.idle == .interactionStatus, room: room, at: now, into: &out)
        }
    }

    /// The user has heard the reply, and begun to speak over it; gemini did not get to say that this
    /// interrupts it.
    private var isSpokenOver: Bool {
        rules.isManual && gate.isOpen && turns.state == .answering && !isReplyUnheard
            && !setup.forbidsInterruption
            && uplink.journal.unfinished(isManual: true) > uplink.journal.reply
    }

    /// Changes the connection while the old one is still up: the new one is dialed first.
    ///
    /// - Parameter isAfresh: Without a handle.
    mutating func move(
        _ trouble: Trouble, isAfresh: Bool = false, at now: Instant, into out: inout Actions
    ) {
        guard !upstream.isMoving || upstream.isNextOpen else { return }
        recovery.begin(trouble, close: nil, isAwaited: !turns.isIdle, at: now)
        if isAfresh { recovery.startAfresh() }
        out.note(.troubled(trouble, nil))
        if trouble != .goAway { turns.moves += 1 }
        upstream.isNextOpen ? takeOver(at: now, into: &out) : tryAgain(at: now, into: &out)
    }

    /// At an idle moment, moves away from a connection that is about to end.
    mutating func leaveIfQuiet(at now: Instant, into out: inout Actions) {
        guard upstream.leaveBy != nil, phase == .talking, upstream.isUp, isQuiet(at: now) else {
            return
        }
        if upstream.isNextOpen { return takeOver(at: now, into: &out) }
        // The handle of the last turn comes soon after its end.
        guard !upstream.isMoving, let handle = handles.newest(before: now + .seconds(1), at: now),
            handle.isComplete, handle.turn == turns.number
        else { return }
        move(.goAway, at: now, into: &out)
    }

    private func isQuiet(at now: Instant) -> Bool {
        let isTalking = uplink.journal.lastVoiced.map { now - $0 < .seconds(1) } ?? false
        return turns.isIdle && !gate.isOpen && !tools.isWaiting
            && !downlink.reply.isOpen && !downlink.reply.isInterrupted
            && (rules.isManual || !isTalking)
    }

    /// How long the old connection may take for its closing handshake (wire reference 10.4).
    private static let goodbye = Interval.seconds(1)

    /// Timers of the connection itself.
    mutating func wakeUpstream(at now: Instant, into out: inout Actions) {
        if let due = upstream.dialAt, now >= due { dialNext(at: now, into: &out) }
        switch upstream.state {
        case .down, .bare, .up: break
        case .parting(let until):
            if now >= until {
                // It has had its chance for a closing handshake.
                out.append(.close(.gemini, .abnormal))
                connect(at: now, into: &out)
            }
        case .settingUp(let until):
            if now >= until { setupUnanswered(at: now, into: &out) }
        case .restoringContext(let until, _):
            if now >= until { contextAnswered(isKnown: false, at: now, into: &out) }
        case .catchingUp: goOnSaying(at: now, into: &out)
        }
    }

    private mutating func setupUnanswered(at now: Instant, into out: inout Actions) {
        upstream.setupFailed()
        let reason = words("gemini does not answer the setup (upstream.setup)")
        out.note(.stalled(.setupUnanswered, turn: turns.number))
        out.note(.closed(.gemini, Close(1000), by: .turnkeeper))
        out.append(.close(.gemini, Close(1000)))
        let close = Close(1011, reason)
        guard policy.recovery.attempts > 0, canReturn else {
            upstream.state = .down
            return end(.unanswered, client: close, gemini: nil, into: &out)
        }
        lost(.stalled(.setupUnanswered), close, at: now, into: &out)
    }

    // MARK: Dialing

    mutating func tryAgain(at now: Instant, into out: inout Actions) {
        switch recovery.next(policy.recovery, at: now) {
        case .exhausted(let why):
            if dependsOnHandle(at: now) { return putOff(at: now, into: &out) }
            exhausted(why, at: now, into: &out)
        case .at(let due):
            guard due > now else { return dialNext(at: now, into: &out) }
            if due > recovery.since + Self.returnPatience, dependsOnHandle(at: now) {
                return putOff(at: now, into: &out)
            }
            upstream.dialAt = due
            out.note(.retrying(attempt: recovery.attempts + 1, after: due - now))
        }
    }

    mutating func dialNext(at now: Instant, into out: inout Actions) {
        recovery.attempted(at: now)
        upstream.dial(at: now, into: &out)
    }

    /// Gemini did not wait for the session: a connection of the session's own takes the place of the
    /// one that was opened before, as if that had never been. Nothing was said on it that the next
    /// is not told, so this is no trouble of the session's and costs no attempt.
    mutating func dialInstead(at now: Instant, into out: inout Actions) {
        upstream.state = .down
        geminiKeepalive.stop()
        recovery.opened(at: now)
        upstream.dial(at: now, into: &out)
        upstream.warmth = .stale
    }

    /// The new connection is open.
    mutating func dialed(isWarm: Bool, at now: Instant, into out: inout Actions) {
        upstream.nextOpened(isWarm: isWarm, at: now)
        if upstream.isUp, recovery.trouble == nil || recovery.trouble == .goAway {
            // The model has resumed speaking meanwhile.
            guard let leaveBy = upstream.leaveBy else { return upstream.dropNext(into: &out) }
            // Only a planned change can wait for a better moment.
            if now < leaveBy, !isQuiet(at: now) { return }
        }
        takeOver(at: now, into: &out)
    }

    private mutating func takeOver(at now: Instant, into out: inout Actions) {
        switch upstream.state {
        case .up, .bare, .settingUp, .restoringContext, .catchingUp:
            cutReply(at: now, into: &out)
            out.note(.closed(.gemini, Close(1000), by: .turnkeeper))
            out.append(.close(.gemini, Close(1000)))
            handles.connectionEnded(at: now)
            geminiKeepalive.stop()
            upstream.state = .parting(until: now + Self.goodbye)
            if recovery.trouble != .goAway { recovery.close = nil }
        case .parting: break
        case .down: connect(at: now, into: &out)
        }
    }

    /// Puts the new connection in use, and sets it up like the old one.
    mutating func connect(at now: Instant, into out: inout Actions) {
        upstream.use(into: &out)
        geminiKeepalive.begin(
            ping: pingInterval(policy.upstream.ping), dead: policy.upstream.dead, at: now)
        switch phase {
        case .dialing:
            phase = .awaitingSetup
            upstream.state = .bare
            out.append(.accept)
            limits.begin(policy.limits, at: now)
            clientKeepalive.begin(
                ping: pingInterval(policy.client.ping), dead: policy.client.dead, at: now)
        case .awaitingSetup:
            upstream.state = .bare
            recallLate(at: now, into: &out)
            releaseSetup(at: now, into: &out)
        case .settingUp, .talking:
            if upstream.warmth != .stale { recovery.setUp(at: now) }
            setUpAgain(at: now, into: &out)
        case .closed: break
        }
        if upstream.warmth == .stale { upstream.warmth = .none }
    }

    private mutating func setUpAgain(at now: Instant, into out: inout Actions) {
        upstream.leaveBy = nil
        let mayBeginAnew = mayBeginAnew(at: now)
        var newest =
            recovery.mustBeFresh || !profile.resumes
            ? nil
            : handles.newest(
                before: recovery.suspectSince ?? recovery.since + .milliseconds(1), at: now)
        if newest == nil, !mayBeginAnew { newest = handles.living(at: now) }
        let handle = choosePlan(
            newest, mayRebuild: policy.recovery.rebuild && phase == .talking && mayBeginAnew)
        // A session that is new may begin anew.
        let isNew = phase == .settingUp && returning.memory == nil
        guard handle != nil || policy.recovery.rebuild || isNew else {
            // A connection that must not be set up is useless.
            out.note(.closed(.gemini, Close(1000), by: .turnkeeper))
            out.append(.close(.gemini, Close(1000)))
            geminiKeepalive.stop()
            upstream.state = .down
            return exhausted("no handle is left, and recovery.rebuild is off", at: now, into: &out)
        }
        recovery.handle = handle
        recovery.isFresh = handle == nil
        let edits =
            setup.changes.all.edits
            + (phase == .talking || returning.memory != nil || handle != nil
                ? openingEdits(handle) : [])
        let bytes = (try? Setup.edit(setup.sent.span, edits))?.bytes ?? setup.sent
        uplink.setUp(bytes, knowing: handle?.knowledge ?? Knowledge(), into: &out)
        upstream.setUp(at: now, within: policy.upstream.setup)
    }

    /// Whether a fresh session may be tried. If the credential may not open a second one, not while
    /// a handle may work: the conversation would be over.
    func mayBeginAnew(at now: Instant) -> Bool {
        !setup.opensOnce || !profile.resumes || handles.living(at: now) == nil
    }

    /// What to tell the next connection, and with which handle it begins, if any.
    mutating func choosePlan(_ handle: Handles.Kept?, mayRebuild: Bool) -> Handles.Kept? {
        // A voice whose beginning was too quiet to be noticed may be waiting.
        plan = uplink.journal.plan(
            for: handle?.knowledge, family: profile, isManual: rules.isManual,
            isAsking: !turns.isIdle || tools.isHoldingTurn || recovery.isCalled,
            mayRebuild: mayRebuild)
        return plan.opening == .resume ? handle : nil
    }

    /// The user may have moved on since the setup was sent, from a reply that was cut, which
    /// nothing will repeat.
    private mutating func renewPlan() {
        let isAnnounced = !plan.told.isEmpty || profile.contextForm != .initialHistory
        let again = plan.again
        _ = choosePlan(recovery.handle, mayRebuild: false)
        // Entries that are gone are left out when it is sent.
        if !again.isEmpty { plan.again = again }
        guard plan.opening == .fresh, !isAnnounced else { return }
        // The setup announced no history.
        plan.opening = .resume
        guard profile.rejectsClientContent else { return }
        plan.withNextQuestion = plan.told
        plan.told = []
    }

    /// The edits that make a setup begin with the handle, or announce a history.
    func openingEdits(_ handle: Handles.Kept?) -> [SetupEdit] {
        var edits: [SetupEdit] =
            handle.map { [.setHandle($0.text)] } ?? [.remove("sessionResumption.handle")]
        if handle == nil, profile.contextForm == .initialHistory, !plan.told.isEmpty {
            edits.append(.setInitialHistory(true))
        } else if setup.hasInitialHistory, !setup.awaitsHistory {
            // The client has already sent its history, and will not again.
            edits.append(.setInitialHistory(false))
        }
        return edits
    }

    // MARK: Arriving

    mutating func setupCompleted(
        _ inbound: InboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        guard case .settingUp = upstream.state else {
            // One too many: the session does not wait for it, and the client has had its own.
            return hideSetupComplete(inbound, payload, at: now, into: &out)
        }
        out.note(.setupCompleted(upstream.current))
        upstream.setupAnswered(at: now)
        if let handle = recovery.handle { handles.resumed(with: handle.text) }
        if phase == .settingUp {
            phase = .talking
            if isParked {
                // The client gets one when it returns.
                hideSetupComplete(inbound, payload, at: now, into: &out)
            } else {
                downlink.pass(inbound, payload, room: room, at: now, into: &out)
            }
            if recovery.trouble != nil { reconnected(.redialed, at: now, into: &out) }
            recovery.restored(at: now)
            if returning.memory != nil { return takenUp(at: now, into: &out) }
            return releaseHeld(at: now, into: &out)
        }
        hideSetupComplete(inbound, payload, at: now, into: &out)
        reconnected(recovery.isFresh ? .rebuilt : .resumed, at: now, into: &out)
        renewPlan()
        recovery.restored(at: now)
        context.resumed()
        if recovery.isFresh { context.startOver() }
        changesAccepted(bySetup: true)
        tellPlan(at: now, into: &out)
    }

    private mutating func hideSetupComplete(
        _ inbound: InboundMessage, _ payload: Span<UInt8>, at now: Instant,
        into out: inout Actions
    ) {
        out.note(.byproductKept(.setupComplete))
        guard let rest = InboundMessage(of: inbound, payload, [.remove(.setupComplete)]),
            let bytes = rest.kept
        else { return }
        downlink.pass(rest, bytes.span, room: room, at: now, into: &out)
    }

    private mutating func reconnected(
        _ means: Fact.Means, at now: Instant, into out: inout Actions
    ) {
        out.note(
            .reconnected(
                upstream.current, recovery.trouble ?? .goAway, means, after: now - recovery.since))
    }

    /// The model speaks again: the trouble is over.
    mutating func recovered(at now: Instant, into out: inout Actions) {
        guard let trouble = recovery.trouble ?? recovery.unproven else { return recovery.proved() }
        out.note(.recovered(trouble, after: now - recovery.since))
        if let handle = recovery.handle { handles.worked(handle.text) }
        if recovery.isFresh { handles.forget(before: recovery.since) }
        recovery.ended()
    }

    // MARK: No remedy left

    /// No remedy is left for now. `why` names the policy's key.
    mutating func exhausted(_ why: String, at now: Instant, into out: inout Actions) {
        let trouble = recovery.trouble ?? .closed(.other)
        upstream.dropNext(into: &out)
        if upstream.isUp {
            // The connection remains until gemini closes it: only the turn is lost.
            upstream.leaveBy = nil
            recovery.ended()
            if case .stalled = trouble { giveUpTurn(trouble, why, at: now, into: &out) }
            return
        }
        if trouble.verdict.isModels, mayBeginAnew(at: now), fallBack(at: now, into: &out) { return }
        guard phase == .talking, policy.recovery.attempts > 0 else {
            return giveUp(trouble, why, .unanswered, exhaustion(why), into: &out)
        }
        let wasCalled = recovery.isCalled
        giveUpTurn(trouble, why, at: now, into: &out)
        guard phase == .talking else { return }
        recovery.rest()
        // The next question has already been asked.
        if wasCalled { climbAgain(at: now, into: &out) }
    }

    /// Recovery was exhausted and the turn given up, and now the user asks for something.
    mutating func climbAgain(at now: Instant, into out: inout Actions) {
        recovery.resume(.closed(.unavailable), at: now)
        out.note(.troubled(.closed(.unavailable), nil))
        tryAgain(at: now, into: &out)
    }

    /// Another attempt would get the same answer, with any model.
    mutating func refused(
        _ why: String, _ code: UInt16, at now: Instant, into out: inout Actions
    ) {
        guard !upstream.isUp else { return exhausted(why, at: now, into: &out) }
        let trouble = recovery.trouble ?? .closed(.other)
        giveUp(trouble, why, .unanswered, Close(code, words(why)), into: &out)
    }

    mutating func giveUp(
        _ trouble: Trouble, _ why: String, _ outcome: SessionOutcome, _ close: Close,
        into out: inout Actions
    ) {
        if trouble != .dead, policy.recovery.attempts > 0 { out.note(.gaveUp(trouble, why)) }
        end(outcome, client: close, gemini: nil, into: &out)
    }

    /// What was exhausted, and gemini's last close with its code.
    func exhaustion(_ why: String) -> Close {
        guard let last = recovery.close, last.code != Close.abnormal.code else {
            return Close(1011, words(why))
        }
        // A close frame has room for 123 bytes.
        let both = words("\(why); gemini: \(last.reason)")
        return Close(last.code, last.reason.isEmpty || both.utf8.count > 123 ? words(why) : both)
    }
}
