import Basics
import Policies
import Wire

// Turns without the answer they should have had by now, and what is done about them: asked again,
// moved to another connection, moved to a fresh session, reported lost.
extension Session {
    /// When something has to be looked at again, if nothing happens before.
    mutating func stallDeadline() -> Instant? {
        guard phase == .talking, upstream.isUp else { return nil }
        var due = downlink.heldUntil ?? .distantFuture
        if let voice = voiceDeadline() { due = min(due, voice) }
        if let leaveBy = upstream.leaveBy, !upstream.isMoving || upstream.isNextOpen {
            due = min(due, leaveBy)
        }
        if let silence = silenceDeadline() { due = min(due, silence) }
        return due == .distantFuture ? nil : due
    }

    /// A model that says it is at work is believed: it may research for minutes without a word.
    static let longestThought = Interval.seconds(300)

    private mutating func silenceDeadline() -> Instant? {
        guard let clocks = rules.clocks, !turns.isIdle, !tools.isWaiting, !isUserSpeaking,
            // A connection that is ready, and waits for a better moment, holds no clock.
            !upstream.isMoving || upstream.isNextOpen, !clientIsBehind
        else { return nil }
        var since = turns.waitingSince
        if !rules.isManual, let voiced = uplink.journal.lastVoiced {
            // The service waits for a pause before it takes a turn for complete.
            since = max(since, voiced + setup.silenceDuration)
        }
        switch turns.state {
        case .idle: return nil
        case .asked:
            return since + (mayNudge() ? clocks.nudge(after: turns.nudges) : clocks.hard)
        case .answering:
            // All was said but the end, which comes when the reply has been played, or later.
            if downlink.reply.isGenerated { return nil }
            if turns.awaitsAfterTool { return since + (mayNudge() ? clocks.soft : clocks.hard) }
            if turns.isInProgress { return since + max(clocks.frozen * 2, Self.longestThought) }
            return since + clocks.frozen
        }
    }

    /// In automatic detection a voice is a question, whether it is transcribed or not: when the
    /// model should have answered it.
    private mutating func voiceDeadline() -> Instant? {
        guard !rules.isManual, let clocks = rules.clocks, turns.isIdle, !tools.isWaiting,
            !clientIsBehind, !downlink.reply.isOpen, unasked.cause == nil,
            uplink.journal.voicedAlone >= Self.question, let voiced = uplink.journal.lastVoiced
        else { return nil }
        return voiced + setup.silenceDuration + clocks.soft
    }

    /// Shorter sounds are doors and keys more often than words.
    static let question = Interval.milliseconds(400)

    /// In manual VAD the client says so, unless its track died, or has said so and waits to be heard;
    /// in automatic VAD the clock waits for a pause instead.
    private var isUserSpeaking: Bool {
        mutating get { gate.isOpen || rules.isManual && !uplink.early.isEmpty }
    }

    private mutating func mayNudge() -> Bool {
        guard let clocks = rules.clocks, turns.nudges < policy.stalls.nudges else { return false }
        if turns.state == .answering, !turns.awaitsAfterTool { return false }
        return clocks.nudges && clocks.nudge(after: turns.nudges) < clocks.hard
    }

    mutating func watch(at now: Instant, into out: inout Actions) {
        if let until = downlink.heldUntil, now >= until {
            heldLongEnough(at: now, into: &out)
            if phase != .talking { return }
        }
        if let due = voiceDeadline(), let clocks = rules.clocks, now >= due {
            uplink.journal.markAsked()
            turns.asked(.audio, isProven: false, at: due - clocks.soft, into: &out)
        }
        if let leaveBy = upstream.leaveBy, upstream.isUp, now >= leaveBy {
            move(.goAway, at: now, into: &out)
        }
        guard phase == .talking, upstream.isUp, let due = silenceDeadline(), now >= due else {
            return
        }
        if turns.state == .asked, turns.input == .audio, turns.nudges + turns.moves == 0,
            rules.isManual, rules.replays, !uplink.journal.isVoiced
        {
            // An activity without a voice in it is no question.
            return finishTurn(.silent, at: now, into: &out)
        }
        stalled(silence, at: now, into: &out)
    }

    /// A turn was completed without an answer, and the nudge has had its chance: the turn goes on
    /// with another connection, unless the user goes on from it.
    private mutating func heldLongEnough(at now: Instant, into out: inout Actions) {
        let isGoneOnFrom = isUserSpeaking || uplink.journal.isVoicedSinceAsked
        guard turns.state == .asked, !isGoneOnFrom else {
            return downlink.releaseHeld(room: room, at: now, into: &out)
        }
        moveTurn(.stalled(turns.muteness), at: now, into: &out)
    }

    /// Longer than any turn.
    private static let unwatched = Interval.seconds(86_400)

    /// What kind of silence it is.
    private var silence: Stall {
        if turns.awaitsAfterTool { return .toolResultIgnored }
        if turns.state == .answering { return turns.isInProgress ? .inProgressStuck : .outputFroze }
        if turns.input == .tool { return .toolResultIgnored }
        if turns.isTranscribed { return .transcribedOnly }
        if turns.followsInterruption { return .afterInterrupt }
        return turns.hasAnswered ? .noOutput : .firstReplyNever
    }

    /// The next step of the ladder for the turn that waits.
    mutating func stalled(_ kind: Stall, at now: Instant, into out: inout Actions) {
        out.note(.stalled(kind, turn: turns.number))
        // Told once a turn: what a remedy would have led to nobody knows.
        if isObserving { return turns.sawWork(at: now + Self.unwatched) }
        // The end of what the user says now asks again.
        if isUserSpeaking { return }
        recovery.noticed(.stalled(kind), at: now)
        let isWedged =
            turns.mute >= 2 || (turns.mute == 1 && recovery.suspectSince != nil)
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

    /// The clocks allow another nudge; an empty turn asks for one at once.
    private mutating func isHeardOut(_ kind: Stall, at now: Instant) -> Bool {
        switch kind {
        case .emptyTurn, .textOnly, .silentAudio: turns.nudges == 0
        case .noOutput, .transcribedOnly, .afterInterrupt, .firstReplyNever, .toolResultIgnored,
            .outputFroze, .inProgressStuck, .rejectedRun, .setupUnanswered, .wedged, .forgotten:
            mayNudge()
        }
    }

    private mutating func nudge(_ kind: Stall, at now: Instant, into out: inout Actions) {
        turns.nudged()
        unasked.nudged = now
        out.note(.nudged(turn: turns.number, kind))
        let isForeign = turns.moves > 0 || tools.lastResultMayBeForeign
        let result = kind == .toolResultIgnored && isForeign ? tools.resultsInWords : nil
        uplink.sayAside(rules.nudge(saying: result), into: &out)
    }

    /// Puts the turn to another connection, then to a fresh session, then gives it up.
    private mutating func moveTurn(
        _ trouble: Trouble, at now: Instant, into out: inout Actions
    ) {
        if unasked.nudged != nil, turns.state == .asked {
            out.note(.nudgeEnded(.ignored))
            unasked.nudged = nil
        }
        let bound = turns.mute > 0 ? Self.movesPerMuteTurn : Self.movesPerTurn
        guard policy.recovery.attempts > 0, canReturn, turns.moves < bound else {
            return giveUpTurn(
                trouble, "gemini does not answer: \(trouble.label)", at: now, into: &out)
        }
        if turns.moves > 0 { recovery.startAfresh() }
        downlink.holdOn()
        move(trouble, at: now, into: &out)
    }

    /// First with a handle, then without.
    private static let movesPerTurn = 2
    /// An empty answer comes at once, so that more can be tried before the user gives up.
    private static let movesPerMuteTurn = 4

    /// The turn is lost, and said so: the client gets its end, and the conversation may go on, but
    /// not if that happens twice running.
    mutating func giveUpTurn(
        _ trouble: Trouble, _ why: String = "the turn has no answer", at now: Instant,
        into out: inout Actions
    ) {
        out.note(.gaveUp(trouble, why))
        // A reply that began is no silence.
        let isSilent =
            !downlink.reply.isOpen
            && (rules.answersWithSilence && upstream.isUp || turns.isUnproven)
        let isCompleted = downlink.isHolding
        if isCompleted {
            downlink.releaseHeld(room: room, at: now, into: &out)
        } else if downlink.reply.isOpen || !isSilent && !turns.isIdle {
            // Programs that read up to the end of the turn would wait for ever.
            makeUpEnd(at: now, into: &out)
            // What still comes for it comes too late.
            if upstream.isUp { unasked.expect(.lostTurn, until: now + Self.late) }
        }
        finishTurn(isSilent ? .silent : .lost, at: now, into: &out)
        unasked.nudged = nil
        // Where silence is legal it is no failure of the ladder.
        guard !isSilent else { return }
        recovery.exhausted()
        // A service that completes its turns is there, whatever it makes of this user.
        guard !isCompleted, recovery.exhaustions >= 2, policy.recovery.attempts > 0 else { return }
        // A connection that stands has closed with nothing.
        let close = upstream.isUp ? Close(1011, words(why)) : exhaustion(why)
        end(.geminiClosed, client: close, gemini: Close(1000), into: &out)
    }

    private static let late = Interval.seconds(60)

    // MARK: Context

    /// Tells a model that has forgotten the conversation what it was about; what it says to that is
    /// kept from the client.
    mutating func recap(at now: Instant, into out: inout Actions) {
        context.hasForgotten = false
        out.note(.stalled(.forgotten, turn: turns.number))
        let story = uplink.journal.words.pieces.filter(\.isAnswered)
        guard context.mayRecap, upstream.isUp, policy.recovery.rebuild, !story.isEmpty
        else { return out.note(.contextLost) }
        context.recapped()
        if rules.rejectsContent {
            uplink.sayAside(Compose.text(story.recap), into: &out)
            unasked.expect(.context, until: now + .seconds(15))
        } else if let turns = story.content(closing: nil, turnComplete: false) {
            uplink.sayAside(turns, into: &out)
        }
        out.note(.contextRestored(story.count))
    }
}
