import Basics
import Policies
import Wire

// Turns whose answer is overdue, and the remedies: ask again, move to another connection, move to a
// fresh session, report as lost.
extension Session {
    /// When to check again, if nothing happens before.
    mutating func stallDeadline() -> Instant? {
        guard phase == .talking, upstream.isUp else { return nil }
        var due = downlink.heldUntil ?? .distantFuture
        if let voice = voiceDeadline() { due = min(due, voice) }
        if let leaveBy = upstream.leaveBy, !upstream.isMoving || upstream.isNextOpen {
            due = min(due, leaveBy)
        }
        if turns.isIdle {
            if let telling = tellingDeadline() { due = min(due, telling) }
        } else if let silence = silenceDeadline() {
            due = min(due, silence)
        }
        return due == .distantFuture ? nil : due
    }

    /// Ends up to twenty seconds after the reply are still the service's own; only this clock finds
    /// a connection that froze before the end, because nothing is sent on it.
    static let longestEnd = Interval.seconds(30)

    /// A model that says it is working is believed: it may research for minutes without output.
    static let longestThought = Interval.seconds(300)

    /// Nil while the client is away: no user is waiting for the answer, and another node may ask
    /// for it.
    private mutating func silenceDeadline() -> Instant? {
        guard let clocks = rules.clocks, !isParked,
            !tools.isWaiting(on: upstream.current, since: turns.began), !isUserSpeaking,
            // While a connection is ready and waits for a better moment, the clocks run.
            !upstream.isMoving || upstream.isNextOpen, !clientIsBehind, !isHalfAnswered
        else { return nil }
        var since = turns.waitingSince
        if !rules.isManual, let voiced = uplink.journal.voicedUntil {
            // The service waits for a pause before it considers a turn complete.
            since = max(since, voiced + setup.silenceDuration)
        }
        switch turns.state {
        case .idle: return nil
        case .asked:
            if turns.isInProgress { return since + max(clocks.frozen * 2, Self.longestThought) }
            return since + untilRemedy(clocks)
        case .answering:
            // Only the end is missing; it comes when the reply has been played, or later.
            if downlink.reply.isGenerated {
                let played = max(since, downlink.reply.playedUntil)
                return played + max(clocks.frozen, Self.longestEnd)
            }
            if awaitsReaction { return since + untilRemedy(clocks) }
            if turns.isInProgress { return since + max(clocks.frozen * 2, Self.longestThought) }
            return since + clocks.leave(after: turns.moves)
        }
    }

    /// The answer was left for a pause, and its rest was requested: the model pauses there again,
    /// if the pause was its own.
    private var awaitsRestAfterPause: Bool {
        turns.state == .asked && turns.awaitsRest && turns.moves > 0
    }

    /// To a tool's result; a model that says it is working has reacted.
    private var awaitsReaction: Bool { turns.awaitsAfterTool && !turns.isWorkingOnResult }

    /// A sign that the answer goes on, before it counts: a long pause was the model's own, and no
    /// freeze.
    mutating func notePause(
        before message: ServerMessage, at now: Instant, into out: inout Actions
    ) {
        guard turns.state == .answering || awaitsRestAfterPause && message.speaks,
            case let pause = now - turns.waitingSince,
            pause * 4 > profile.hard * 3, upstream.isUp, !turns.awaitsAfterTool,
            !turns.isInProgress, !tools.isWaiting, !downlink.reply.isGenerated,
            message.members.contains(.toolCall) || !message.content.isDisjoint(with: .reply),
            !message.content.contains(.interrupted)
        else { return }
        out.note(.outputPaused(turns.number, for: pause))
    }

    private mutating func untilRemedy(_ clocks: EffectiveRules.Clocks) -> Interval {
        if awaitsRestAfterPause { return clocks.leave(after: turns.moves) }
        return mayNudge() ? clocks.nudge(after: turns.nudges) : clocks.move(after: turns.moves)
    }

    /// In automatic detection a voice is a question, whether or not it is transcribed: when the
    /// model should have answered it.
    private mutating func voiceDeadline() -> Instant? {
        guard !rules.isManual, let clocks = rules.clocks, !isParked, turns.isIdle, !tools.isWaiting,
            !clientIsBehind, !downlink.reply.isOpen, unasked.cause == nil || unasked.cause == .late,
            isVoiceAQuestion, let voiced = uplink.journal.voicedUntil
        else { return nil }
        return voiced + setup.silenceDuration + clocks.soft
    }

    /// The speech since the last reply is long enough to be a question.
    var isVoiceAQuestion: Bool { uplink.journal.voicedAlone >= Self.question }

    /// Shorter sounds are more often doors and keys than words (failure catalogue 1.6); a "yes" takes
    /// a little longer.
    static let question = Interval.milliseconds(250)

    /// In manual VAD the client marks this, unless its track died or its input is still held; in
    /// automatic VAD the clock waits for a pause instead.
    private var isUserSpeaking: Bool {
        mutating get { gate.isOpen || rules.isManual && !uplink.early.isEmpty }
    }

    /// In automatic detection: in the middle of the user's words, which a nudge would cut in two.
    private func isInSpeech(at now: Instant) -> Bool {
        guard !rules.isManual, let until = uplink.journal.voicedUntil else { return false }
        return now < until + Self.betweenMessages
    }

    /// For a microphone that sends in real time.
    private static let betweenMessages = Interval.milliseconds(150)

    private mutating func mayNudge() -> Bool {
        guard let clocks = rules.clocks, turns.nudges < policy.stalls.nudges else { return false }
        if turns.state == .answering, !turns.awaitsAfterTool { return false }
        if awaitsRestAfterPause { return false }
        return clocks.nudges && clocks.nudge(after: turns.nudges) < clocks.hard
    }

    mutating func watch(at now: Instant, into out: inout Actions) {
        if let until = downlink.heldUntil, now >= until {
            heldLongEnough(at: now, into: &out)
            if phase != .talking { return }
        }
        if let due = voiceDeadline(), now >= due {
            voiceAsked(isProven: false, at: now, into: &out)
        }
        if let leaveBy = upstream.leaveBy, upstream.isUp, now >= leaveBy {
            move(.goAway, at: now, into: &out)
        }
        guard phase == .talking, upstream.isUp, let due = silenceDeadline(), now >= due else {
            return
        }
        if turns.state == .asked, turns.input == .audio, turns.nudges + turns.moves == 0,
            rules.isManual, rules.replays, !uplink.journal.isVoicedSinceInterrupted
        {
            // An activity without a voice in it is not a question.
            return finishTurn(.silent, at: now, into: &out)
        }
        stalled(silence, at: now, into: &out)
    }

    /// A turn completed without an answer, and the nudge has had its chance: the turn moves to
    /// another connection, unless the user has moved on.
    private mutating func heldLongEnough(at now: Instant, into out: inout Actions) {
        let isGoneOnFrom = isUserSpeaking || uplink.journal.isVoicedSinceAsked
        if isHalfAnswered { return showEndOfHalf(at: now, into: &out) }
        guard turns.state == .asked, !isGoneOnFrom else {
            return downlink.releaseHeld(room: room, at: now, into: &out)
        }
        moveTurn(.stalled(turns.muteness), at: now, into: &out)
    }

    /// Longer than any turn.
    private static let unwatched = Interval.seconds(86_400)

    /// The kind of silence.
    private var silence: Stall {
        if awaitsReaction { return .toolResultIgnored }
        if turns.isInProgress { return .inProgressStuck }
        if turns.state == .answering || awaitsRestAfterPause { return .outputFroze }
        if turns.input == .tool { return .toolResultIgnored }
        if turns.isTranscribed { return .transcribedOnly }
        if turns.followsInterruption { return .afterInterrupt }
        return turns.hasAnswered ? .noOutput : .firstReplyNever
    }

    /// The next remedy for the waiting turn.
    mutating func stalled(_ kind: Stall, at now: Instant, into out: inout Actions) {
        out.note(.stalled(kind, turn: turns.number))
        // Reported once per turn: whether a remedy would have worked is unknown.
        if isObserving { return turns.isMissed(from: now + Self.unwatched) }
        // The end of the user's current input asks again.
        if isUserSpeaking || isInSpeech(at: now) { return }
        recovery.noticed(.stalled(kind), at: now)
        let isWedged =
            turns.mute >= Turns.muteRun || (turns.mute == 1 && recovery.suspectSince != nil)
            || kind == .rejectedRun
        if isWedged {
            if turns.mute >= 1 { out.note(.stalled(.wedged, turn: turns.number)) }
            return moveTurn(.stalled(kind == .rejectedRun ? kind : .wedged), at: now, into: &out)
        }
        let isHarmless = kind != .outputFroze && kind != .inProgressStuck
        if isHarmless, turns.nudges < policy.stalls.nudges, isHeardOut(kind, at: now) {
            return nudge(kind, at: now, into: &out)
        }
        moveTurn(.stalled(kind), at: now, into: &out)
    }

    /// Whether the clocks permit another nudge; an empty turn is nudged at once.
    private mutating func isHeardOut(_ kind: Stall, at now: Instant) -> Bool {
        switch kind {
        case .emptyTurn, .textOnly, .silentAudio: turns.nudges == 0
        case .noOutput, .transcribedOnly, .afterInterrupt, .firstReplyNever, .toolResultIgnored,
            .outputFroze, .inProgressStuck, .rejectedRun, .setupUnanswered, .wedged, .silentRun,
            .forgotten:
            mayNudge()
        }
    }

    private mutating func nudge(_ kind: Stall, at now: Instant, into out: inout Actions) {
        turns.nudged()
        // If asked twice, the model may call twice, and end its turn there twice.
        tools.spare()
        downlink.mark { $0.askedAgain() }
        unasked.nudged = now
        out.note(.nudged(turn: turns.number, kind))
        let isForeign = kind == .toolResultIgnored && tools.lastResultMayBeForeign
        let result = isForeign ? tools.resultsInWords : nil
        if rules.cuts(result) { out.note(.contextLost(.zero)) }
        uplink.sayAside(rules.nudge(saying: result), into: &out)
    }

    /// Moves the turn to another connection, then to a fresh session if one is permitted, then
    /// gives it up.
    private mutating func moveTurn(
        _ trouble: Trouble, at now: Instant, into out: inout Actions
    ) {
        if unasked.nudged != nil, turns.state == .asked {
            out.note(.nudgeEnded(.ignored))
            unasked.nudged = nil
        }
        let bound = turns.mute > 0 ? Self.movesPerMuteTurn : Self.movesPerTurn
        guard policy.recovery.attempts > 0, canReturn, turns.moves < bound else {
            let limit =
                policy.recovery.attempts > 0
                ? "on \(turns.moves + 1) connections" : "(recovery.attempts is 0)"
            return giveUpTurn(
                trouble, "no answer: \(trouble.label) \(limit)", at: now, into: &out)
        }
        downlink.holdOn()
        let isAfresh = turns.moves > 0 && policy.recovery.rebuild && mayBeginAnew(at: now)
        move(trouble, isAfresh: isAfresh, at: now, into: &out)
    }

    /// First with a handle, then without one, if that is permitted.
    private static let movesPerTurn = 2
    /// An empty answer comes at once, so that more can be tried before the user gives up.
    private static let movesPerMuteTurn = 4

    /// Reports the turn as lost: the client gets its end, and the conversation may continue, unless
    /// this happens twice in a row.
    mutating func giveUpTurn(
        _ trouble: Trouble, _ why: String, at now: Instant, into out: inout Actions
    ) {
        out.note(.gaveUp(trouble, why))
        // A voice alone may not have been meant for the model.
        let isUnproven = turns.isUnproven
        // A reply that has begun is not silence, and nor is nothing at all after a question: a model
        // that decides not to speak ends the turn.
        let isSilent =
            !downlink.reply.isOpen && rules.answersWithSilence && upstream.isUp
            && !isCertainQuestion
        let isCompleted = downlink.isHolding
        if isCompleted {
            downlink.releaseHeld(room: room, at: now, into: &out)
        } else if downlink.reply.isOpen || !isSilent && !turns.isIdle {
            // Programs that read up to the end of the turn would wait forever.
            makeUpEnd(at: now, into: &out)
            // Output that still comes for it is too late.
            if upstream.isUp { unasked.expect(.late, until: now + Self.late) }
        }
        if isSilent { noteSilence(into: &out) }
        finishTurn(isSilent ? .silent : .lost, at: now, into: &out)
        unasked.nudged = nil
        // Where silence is legal, recovery has not failed.
        guard !isSilent, !isUnproven || trouble == .closed(.invalid) else { return }
        recovery.exhausted()
        // A service that completes its turns is available, whatever it makes of this user.
        guard !isCompleted, recovery.exhaustions >= 2, policy.recovery.attempts > 0 else { return }
        // If there is room for it: a close frame has 123 bytes for its reason.
        let twice = "\(why), twice in a row (fixed)"
        let limit = words(twice).utf8.count > 123 ? why : twice
        // A live connection has not sent a close.
        let close = upstream.isUp ? Close(1011, words(limit)) : exhaustion(limit)
        end(.unanswered, client: close, gemini: Close(1000), into: &out)
    }

    /// The client says that this is a question: it was typed, or spoken between its own boundaries.
    private var isCertainQuestion: Bool {
        switch turns.input {
        case .text: true
        case .audio: rules.isManual && uplink.journal.isVoiced
        case .tool, .none: false
        }
    }

    static let late = Interval.seconds(60)

    // MARK: Context

    /// Tells a model that has forgotten the conversation what it was about; its reaction is hidden
    /// from the client.
    mutating func recap(at now: Instant, into out: inout Actions) {
        context.hasForgotten = false
        out.note(.stalled(.forgotten, turn: turns.number))
        _ = tools.takeLeft(at: uplink.journal.end, besides: uplink.knowledgeToCome)
        noteResults(isAnswered: true)
        let story = uplink.journal.words.pieces.filter(\.isAnswered)
        guard context.mayRecap, upstream.isUp, policy.recovery.rebuild, !story.isEmpty
        else { return out.note(.contextLost(.zero)) }
        context.recapped()
        let pending = uplink.withdrawStory()
        if rules.rejectsContent {
            uplink.sayAside(Compose.text(story.recap), about: pending, into: &out)
            unasked.expect(.context, until: now + .seconds(15))
        } else if let turns = story.content(closing: nil, turnComplete: false) {
            uplink.sayAside(turns, about: pending, into: &out)
        }
        out.note(.contextRestored(story.count))
    }
}
