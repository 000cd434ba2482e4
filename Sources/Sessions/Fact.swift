public import Basics
public import Policies
public import Wire

/// Something worth counting, logging or recording. One observer turns it into a metric, a timeline
/// entry and a log line, so that these always agree. Ranges point into the current message.
public enum Fact: Equatable, Sendable {
    case dialing(ConnectionID)
    case connected(ConnectionID, isWarm: Bool = false)
    case dialFailed(ConnectionID, DialFailure)
    /// Connection number `ConnectionID` is in use from here on, because of trouble or to prevent
    /// it.
    case reconnected(ConnectionID, Trouble, Means, after: Interval)
    /// A model other than the requested one, because of `models.pin`; ids.
    case pinned(from: String, to: String)
    /// Another model, because this one fails: for a new session, or from here on; ids.
    case fellBack(from: String, to: String)
    /// The setup was sent to gemini: the model, in the client's spelling, and who detects the
    /// turns.
    case setUp(model: String, vad: VAD)
    /// The policy does not allow the model that the client's setup names; the beginning of its id.
    case modelRefused(String)
    case setupCompleted(ConnectionID)
    /// A rule applied, or with `.observe` would have.
    case ruleApplied(Rule, Mode, detail: Detail)
    case activityStarted(by: Author)
    /// `audio` is what gemini received between start and end.
    case activityEnded(by: Author, audio: Interval)
    case turnStarted(Int, TurnInput)
    /// Time from the end of the user's input, or from a call's result, to the first sound of the
    /// answer.
    case firstAudio(Int, after: Interval)
    /// The same, to the first word of a text answer.
    case firstText(Int, after: Interval)
    /// The model went on with its answer, after so long a pause that it might have frozen.
    case outputPaused(Int, for: Interval)
    case turnEnded(Int, TurnOutcome)
    /// Audio that waited no longer fitted, or gemini refused it once too often.
    case inputDropped(Interval)
    /// In automatic detection, so much silence of long pauses was not kept for the new connection.
    case silenceSkipped(Interval)
    /// This many held pictures were dropped, for newer ones or for room.
    case picturesReplaced(Int)
    /// A message that is not JSON; the client's ends the session, gemini's is passed on unchanged.
    case malformed(Peer, Malformed)
    case transcribed(Peer, ByteRange)
    /// The model answers in text: the text in the current message is its words.
    case wrote
    /// The words of the question that a turn is about to begin with, if the current message does
    /// not have them: they had to wait, or were written before it.
    case typed(String)
    /// `after`: as for `firstAudio`, if this is the model's first reaction.
    case toolCalled(ByteRange, calls: Int, after: Interval?)
    case toolAnswered(ByteRange, results: Int)
    case toolCancelled(ByteRange, calls: Int)
    /// The report itself is in `Actions.usage`.
    case used(ByteRange)
    case goAwayReceived(timeLeft: Interval)
    case handleReceived(resumable: Bool)
    case pinged(Peer, roundTrip: Interval)
    /// A limit of the policy was reached; the consequence follows, or is described with its key.
    case limitReached(Limit)
    /// A turn's answer is overdue.
    case stalled(Stall, turn: Int)
    /// The model was asked again to speak.
    case nudged(turn: Int, Stall)
    case nudgeEnded(NudgeResult)
    /// Recovery began; with gemini's close, if there was one.
    case troubled(Trouble, Close?)
    /// The next attempt follows after this delay.
    case retrying(attempt: Int, after: Interval)
    /// An attempt failed.
    case reconnectFailed(Trouble)
    /// Unanswered input was replayed; `missing` is audio that did not fit.
    case replayed(messages: Int, audio: Interval, missing: Interval)
    /// A fresh session was told the conversation so far, in this many pieces.
    case contextRestored(Int)
    /// This much of the conversation, without a transcript, could not be passed to the new
    /// connection, so the model has forgotten it. Zero if the amount is unknown.
    case contextLost(Interval)
    /// Input waited while there was no connection.
    case inputHeld(messages: Int)
    /// The model speaks, or calls a tool, again; the time since the trouble began.
    case recovered(Trouble, after: Interval)
    /// No remedy is left.
    case gaveUp(Trouble, String)
    /// What happens to a reply that had begun.
    case replyCut(Policy.CutReply)
    /// Output that gemini repeated because of a remedy was hidden from the client.
    case byproductKept(Byproduct)
    /// A message that gemini owed the client was made here.
    case madeUp(MadeUp)
    /// A call was answered from memory, or given the id of the client's older one.
    case callRemembered(Int)
    /// Results that no connection waits for.
    case toolResultsDropped(Int)
    /// This many calls or results were not what they seem.
    case toolNoted(ToolNote, Int)
    /// The client vanished; the session waits this long for it.
    case parked(Interval)
    /// It is back; this many messages were kept for it, and this much audio did not fit.
    case unparked(after: Interval, messages: Int, missing: Interval)
    /// The session continues an earlier one, for a client that came with its handle.
    case clientResumed(Means)
    /// The client continued in its parked session.
    case clientMoved
    /// A handle of our form that is unknown, or belongs to another tenant.
    case handleRefused(isForeign: Bool)
    /// `by` is the side that ended it first.
    case closed(Peer, Close, by: Author)
    /// Nothing follows.
    case ended(SessionOutcome)

    /// How a new connection got the conversation.
    public enum Means: String, CaseIterable, Sendable { case resumed, rebuilt, redialed }

    public enum NudgeResult: String, CaseIterable, Sendable {
        case answered
        /// It had no effect before the next step.
        case ignored
        /// The answer came, and another one for the nudge.
        case duplicate
    }

    public enum Byproduct: String, CaseIterable, Sendable {
        case transcript, answer, emptyTurn = "empty_turn", setupComplete = "setup_complete"
        /// Arrived on a connection that was being replaced.
        case late
        /// A call in response to context, or the beginning of one that may have been made before.
        case call
    }

    public enum ToolNote: String, CaseIterable, Sendable {
        /// Calls that the client is shown under another id: it knows an older call by theirs.
        case renamed
        /// Calls beyond those that are remembered: made again, they would not be recognised, so they
        /// are refused.
        case notKept = "not_kept"
        /// Gemini closed right behind these results: they are not sent again unchanged.
        case refused
    }

    public enum MadeUp: String, CaseIterable, Sendable {
        case interrupted, turnComplete = "turn_complete"
    }

    public enum VAD: String, Sendable { case automatic, manual }

    /// The side that did something.
    public enum Author: String, Sendable { case client, gemini, turnkeeper }

    /// What a rule acted on, for timelines: duration of audio, or a field's path.
    public enum Detail: Equatable, Sendable {
        case none
        case audio(Interval)
        case field(String)
        case messages(Int)
        /// A boundary that came after its activity had been ended on its behalf.
        case late
    }
}

/// What kind of user input a turn began with.
public enum TurnInput: String, Sendable, CaseIterable { case audio, text, tool, none }

/// How a turn ended; every turn ends as exactly one of these.
public enum TurnOutcome: String, Sendable, CaseIterable { case answered, interrupted, silent, lost }

/// A value for each way a turn can end.
public struct ByTurnOutcome<Value: Sendable>: Sendable {
    private var answered: Value
    private var interrupted: Value
    private var silent: Value
    private var lost: Value

    public init(repeating value: Value) {
        (answered, interrupted, silent, lost) = (value, value, value, value)
    }

    public subscript(outcome: TurnOutcome) -> Value {
        get {
            switch outcome {
            case .answered: answered
            case .interrupted: interrupted
            case .silent: silent
            case .lost: lost
            }
        }
        set {
            switch outcome {
            case .answered: answered = newValue
            case .interrupted: interrupted = newValue
            case .silent: silent = newValue
            case .lost: lost = newValue
            }
        }
    }
}

/// How a session ended, for `turnkeeper_sessions_total`.
public enum SessionOutcome: String, Sendable, CaseIterable {
    /// The client closed it, or left.
    case completed
    /// The client left before it had sent a setup.
    case clientClosed = "client_closed"
    /// Gemini closed it and no remedy was possible.
    case geminiClosed = "gemini_closed"
    /// Gemini left the client without an answer, or could not be reached, and every remedy had
    /// failed; closed here.
    case unanswered
    /// The client's request is impossible: its messages break the protocol, its model is not
    /// allowed, its handle is unknown, or gemini refuses its upgrade.
    case refused
    /// A limit of its policy or token, or of the process, was reached.
    case limit
    /// A drain or an operator ended it.
    case stopped
}
