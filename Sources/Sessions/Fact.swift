public import Basics
public import Policies
public import Wire

/// Something worth counting, logging or keeping. One observer turns it into metric, timeline and
/// log line, so that these cannot disagree. Ranges point into the message in hand.
public enum Fact: Equatable, Sendable {
    case dialing(ConnectionID)
    case connected(ConnectionID)
    case dialFailed(ConnectionID, DialFailure)
    /// A connection is in use from here on, as number `ConnectionID`, after trouble or to forestall it.
    case reconnected(ConnectionID, Trouble, Means, after: Interval)
    /// Another model than the client asked for, because `models.pin` says so; ids.
    case pinned(from: String, to: String)
    /// Another model, because this one fails: a new session's, or from here on; ids.
    case fellBack(from: String, to: String)
    /// The setup went to gemini: the model it names, in the client's spelling, and who finds the
    /// turns.
    case setUp(model: String, vad: VAD)
    case setupCompleted(ConnectionID)
    /// A rule applied; with `.observe` it only would have.
    case ruleApplied(Rule, Mode, detail: Detail)
    case activityStarted(by: Author)
    /// `audio` is what gemini heard between start and end.
    case activityEnded(by: Author, audio: Interval)
    case turnStarted(Int, TurnInput)
    /// From the end of the user's input to the first sound of the answer.
    case firstAudio(Int, after: Interval)
    /// The same, to the first word of an answer in text.
    case firstText(Int, after: Interval)
    case turnEnded(Int, TurnOutcome)
    /// Audio that was held did not fit any more.
    case inputDropped(Interval)
    /// So many pictures that were held gave way to newer ones.
    case picturesReplaced(Int)
    /// A message that is not JSON; the client's ends the session, gemini's goes on untouched.
    case malformed(Peer, Malformed)
    case transcribed(Peer, ByteRange)
    case toolCalled(ByteRange)
    case toolAnswered(ByteRange)
    case toolCancelled(ByteRange)
    case used(ByteRange)
    case goAwayReceived(timeLeft: Interval)
    case handleReceived(resumable: Bool)
    case pinged(Peer, roundTrip: Interval)
    /// A bound of the policy was met; what it did about it follows, or stands in its key's meaning.
    case limitReached(Limit)
    /// A turn has no answer though it should have one by now.
    case stalled(Stall, turn: Int)
    /// The model was asked again to speak.
    case nudged(turn: Int, Stall)
    case nudgeEnded(NudgeResult)
    /// The climb up the ladder began; with a close of gemini's, if there was one.
    case troubled(Trouble, Close?)
    /// The next attempt is made that much later.
    case retrying(attempt: Int, after: Interval)
    /// An attempt led nowhere.
    case reconnectFailed(Trouble)
    /// What gemini had not answered was sent to it again; `missing` is sound that did not fit.
    case replayed(messages: Int, audio: Interval, missing: Interval)
    /// A fresh session was told what was said so far, in so many pieces.
    case contextRestored(Int)
    /// Nothing was there to tell it of what was said, or of so much of it: the model has forgotten
    /// that. Zero where nobody knows how much.
    case contextLost(Interval)
    /// Input waited while the line was down.
    case inputHeld(messages: Int)
    /// The model speaks, or calls a tool, again; since the trouble was seen.
    case recovered(Trouble, after: Interval)
    /// No step of the ladder is left.
    case gaveUp(Trouble, String)
    /// A reply that had begun: what became of it.
    case replyCut(Policy.CutReply)
    /// What a remedy made gemini say a second time was kept from the client.
    case byproductKept(Byproduct)
    /// A message of gemini's that was owed to the client, made here.
    case madeUp(MadeUp)
    /// A call was answered from memory, or handed to the client's older one.
    case callRemembered(Int)
    /// Results nobody waits for any more.
    case toolResultsDropped(Int)
    /// The client vanished; it is waited for that long.
    case parked(Interval)
    /// It is back; so many messages waited for it, and so much sound had no room.
    case unparked(after: Interval, messages: Int, missing: Interval)
    /// The session takes up an earlier one, for a client that came with its handle.
    case clientResumed(Means)
    /// The client went on in its parked session.
    case clientMoved
    /// A handle of our form that nothing is known of, or that is another tenant's.
    case handleRefused(isForeign: Bool)
    /// `by` is who ended it first.
    case closed(Peer, Close, by: Author)
    /// Nothing follows.
    case ended(SessionOutcome)

    /// How a new connection came by the conversation.
    public enum Means: String, CaseIterable, Sendable { case resumed, rebuilt, redialed }

    public enum NudgeResult: String, CaseIterable, Sendable {
        case answered
        /// Nothing came of it before the next step.
        case ignored
        /// The answer came, and another one for the nudge.
        case duplicate
    }

    public enum Byproduct: String, CaseIterable, Sendable {
        case transcript, answer, emptyTurn = "empty_turn", setupComplete = "setup_complete"
        /// Came over a connection that was being left.
        case late
        /// A call in answer to context, or the beginning of one that may have been made before.
        case call
    }

    public enum MadeUp: String, CaseIterable, Sendable {
        case interrupted, turnComplete = "turn_complete"
    }

    public enum VAD: String, Sendable { case automatic, manual }

    /// Who did a thing.
    public enum Author: String, Sendable { case client, gemini, turnkeeper }

    /// What a rule did with what, for timelines: bytes of audio, or a field's path.
    public enum Detail: Equatable, Sendable {
        case none
        case audio(Interval)
        case field(String)
        case messages(Int)
        /// A boundary that came after its activity had been closed for it.
        case late
    }
}

/// What kind of user input a turn began with.
public enum TurnInput: String, Sendable, CaseIterable { case audio, text, tool, none }

/// How a turn ended; every turn ends as exactly one of these.
public enum TurnOutcome: String, Sendable, CaseIterable { case answered, interrupted, silent, lost }

/// How a session ended, for `turnkeeper_sessions_total`.
public enum SessionOutcome: String, Sendable, CaseIterable {
    /// The client closed it, or left.
    case completed
    /// The client left before it had sent a setup.
    case clientClosed = "client_closed"
    /// Gemini closed it and nothing could be done.
    case geminiClosed = "gemini_closed"
    /// Gemini left the client without an answer, and all that could be done was; closed here.
    case unanswered
    /// No connection to gemini could be opened.
    case unreachable
    /// The client broke the protocol or a limit.
    case clientFault = "client_fault"
    /// A bound of its policy or token, or of the process, was met.
    case limit
    /// A drain or an operator ended it.
    case stopped
}
