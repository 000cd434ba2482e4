import Basics
import Policies
import Wire

// Turns without the answer they should have had by now, and what is done about them: asked again,
// moved to another connection, moved to a fresh session, reported lost.
extension Session {
    /// When something has to be looked at again, if nothing happens before.
    var stallDeadline: Instant? {
        guard phase == .talking, line.isUp else { return nil }
        var due = heldEnd?.until ?? .distantFuture
        if let interrupted = view.interruptedAt { due = min(due, interrupted + Self.endGrace) }
        if let leaveBy, !line.isMoving || line.isNextOpen { due = min(due, leaveBy) }
        if let silence = silenceDeadline { due = min(due, silence) }
        return due == .distantFuture ? nil : due
    }

    /// A model that says it is at work is believed: it may research for minutes without a word.
    static let longestThought = Interval.seconds(300)

    /// An `interrupted` is followed by its `turnComplete` at once, or not at all.
    static let endGrace = Interval.seconds(3)

    private var silenceDeadline: Instant? {
        guard let clocks = terms.clocks, !turns.isIdle, !tools.isWaiting, !isUserSpeaking,
            // A connection that is ready, and waits for a better moment, holds no clock.
            !line.isMoving || line.isNextOpen, !clientIsBehind
        else { return nil }
        var since = turns.waitingSince
        if !terms.isManual, let voiced = unanswered.lastVoiced {
            // The service waits for a pause before it takes a turn for complete.
            since = max(since, voiced + setup.silenceDuration)
        }
        switch turns.state {
        case .idle: return nil
        case .asked:
            return since + (mayNudge ? clocks.nudge(after: turns.nudges) : clocks.hard)
        case .answering:
            if view.isGenerated {
                return max(view.playedUntil, since) + clocks.hard
            }
            if turns.awaitsAfterTool { return since + (mayNudge ? clocks.soft : clocks.hard) }
            if turns.isInProgress { return since + max(clocks.hard * 2, Self.longestThought) }
            return since + clocks.hard
        }
    }

    /// In manual VAD the client says so, unless its track died; in automatic VAD the clock waits for
    /// a pause instead.
    private var isUserSpeaking: Bool { gate.isOpen }

    private var mayNudge: Bool {
        guard let clocks = terms.clocks, turns.nudges < policy.stalls.nudges else { return false }
        if turns.state == .answering, !turns.awaitsAfterTool { return false }
        return clocks.nudges && clocks.nudge(after: turns.nudges) < clocks.hard
    }

    mutating func watch(at now: Instant, into out: inout Actions) {
        if let held = heldEnd, now >= held.until { releaseEnd(at: now, into: &out) }
        if let interrupted = view.interruptedAt, now >= interrupted + Self.endGrace {
            completeForClient(into: &out)
            view.expectsSpareEnd = true
            turns.interruptionCompleted()
        }
        if let leaveBy, line.isUp, now >= leaveBy { move(.goAway, at: now, into: &out) }
        guard phase == .talking, line.isUp, let due = silenceDeadline, now >= due else { return }
        if turns.state == .answering, view.isGenerated {
            // All was said but the end, and it will not come any more.
            completeForClient(into: &out)
            view.expectsSpareEnd = true
            finishTurn(.answered, into: &out)
            return
        }
        if turns.state == .asked, turns.input == .audio, turns.nudges + turns.moves == 0,
            terms.isManual, terms.replays, !unanswered.isVoiced
        {
            // An activity without a voice in it is no question.
            return finishTurn(.silent, into: &out)
        }
        stalled(silence, at: now, into: &out)
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
    private func isHeardOut(_ kind: Stall, at now: Instant) -> Bool {
        switch kind {
        case .emptyTurn, .textOnly, .silentAudio: turns.nudges == 0
        case .noOutput, .transcribedOnly, .afterInterrupt, .firstReplyNever, .toolResultIgnored,
            .outputFroze, .inProgressStuck, .rejectedRun, .setupUnanswered, .wedged, .forgotten:
            mayNudge
        }
    }

    private mutating func nudge(_ kind: Stall, at now: Instant, into out: inout Actions) {
        turns.nudges += 1
        nudged = now
        out.note(.nudged(turn: turns.number, kind))
        let isForeign = turns.moves > 0 || tools.lastResultMayBeForeign
        let result = kind == .toolResultIgnored && isForeign ? tools.lastResultInWords : nil
        out.append(.send(.gemini, terms.nudge(saying: result), clientOpcode))
    }

    /// Puts the turn to another connection, then to a fresh session, then gives it up.
    private mutating func moveTurn(
        _ trouble: Trouble, at now: Instant, into out: inout Actions
    ) {
        if nudged != nil, turns.state == .asked {
            out.note(.nudgeEnded(.ignored))
            nudged = nil
        }
        guard policy.recovery.attempts > 0, canReturn, turns.moves < Self.movesPerTurn else {
            return giveUpTurn(
                trouble, "gemini does not answer: \(trouble.label)", at: now, into: &out)
        }
        if turns.moves > 0 { recovery.startAfresh() }
        move(trouble, at: now, into: &out)
    }

    /// First with a handle, then without.
    private static let movesPerTurn = 2

    /// The turn is lost, and said so; the conversation may go on, but not if that happens twice
    /// running.
    mutating func giveUpTurn(
        _ trouble: Trouble, _ why: String = "the turn has no answer", at now: Instant,
        into out: inout Actions
    ) {
        out.note(.gaveUp(trouble, why))
        let outcome: TurnOutcome = terms.answersWithSilence && line.isUp ? .silent : .lost
        if heldEnd != nil {
            releaseEnd(at: now, into: &out)
        } else if view.isSpeaking {
            cutShort(at: now, into: &out)
        } else if outcome == .lost, !turns.isIdle {
            // Programs that read up to the end of the turn would wait for ever.
            completeForClient(into: &out)
            view.expectsSpareEnd = line.isUp
        }
        finishTurn(outcome, into: &out)
        nudged = nil
        // Where silence is legal it is no failure of the ladder.
        guard outcome == .lost else { return }
        recovery.exhausted()
        guard recovery.exhaustions >= 2, policy.recovery.attempts > 0 else { return }
        end(.geminiClosed, client: exhaustion(why), gemini: Close(1000), into: &out)
    }

    /// The client gets the empty end of its turn; should an answer come yet, it follows.
    private mutating func releaseEnd(at now: Instant, into out: inout Actions) {
        guard let held = heldEnd else { return }
        heldEnd = nil
        out.append(.send(.client, held.bytes, geminiOpcode))
        view.turnEnded()
    }

    // MARK: Context

    /// A model that has forgotten the conversation bills for less of it (failure catalogue 5.8).
    mutating func watchContext(_ range: ByteRange, _ payload: Span<UInt8>) {
        guard !setup.compresses else { return }
        let audio = Usage.read(payload, range).promptDetails.audio
        guard audio >= 0 else { return }
        if let last = contextAudio, last >= 200, audio * 10 < last * 4 { hasForgotten = true }
        contextAudio = audio
    }

    /// Tells a model that has forgotten the conversation what it was about; what it says to that is
    /// kept from the client.
    mutating func recap(at now: Instant, into out: inout Actions) {
        hasForgotten = false
        out.note(.stalled(.forgotten, turn: turns.number))
        guard recaps < Self.recapsPerSession, line.isUp, policy.recovery.rebuild,
            !transcript.isEmpty
        else { return out.note(.contextLost) }
        recaps += 1
        contextAudio = nil
        if profile.rejectsClientContent {
            out.append(.send(.gemini, Compose.text(transcript.recap), clientOpcode))
            mute = .answer
            muteUntil = now + .seconds(15)
        } else if let turns = transcript.seed(closing: nil, turnComplete: false) {
            out.append(.send(.gemini, turns, clientOpcode))
        }
        out.note(.seeded(transcript.count))
    }

    private static let recapsPerSession = 2
}

/// The end of an empty turn that is kept for a moment.
struct HeldEnd {
    var bytes: [UInt8]
    var until: Instant
}

/// Whose answer is kept from the client.
enum Mute { case none, seed, answer }
