public import Basics
public import Policies
public import Wire

/// Something worth counting, logging or keeping. One observer turns it into metric, timeline and
/// log line, so that these cannot disagree. Ranges point into the message in hand.
public enum Fact: Equatable, Sendable {
    case dialing(Link)
    case connected(Link)
    case dialFailed(Link, DialFailure)
    /// The setup went to gemini: model id as the client named it, and who finds the turns.
    case setUp(model: String, vad: VAD)
    case setupCompleted(Link)
    /// A rule applied; with `.observe` it only would have.
    case ruleApplied(Rule, Mode, detail: Detail)
    case activityStarted(by: Author)
    /// `audio` is what gemini heard between start and end.
    case activityEnded(by: Author, audio: Interval)
    case turnStarted(Int, TurnInput)
    /// From the end of the user's input to the first sound of the answer.
    case firstAudio(Int, after: Interval)
    case turnEnded(Int, TurnOutcome)
    /// Audio that was held did not fit any more.
    case inputDropped(Interval)
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
    /// `by` is who ended it first.
    case closed(Peer, Close, by: Author)
    /// Nothing follows.
    case ended(SessionOutcome)

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
    /// Gemini closed it and nothing could be done.
    case geminiClosed = "gemini_closed"
    /// No connection to gemini could be opened.
    case unreachable
    /// The client broke the protocol or a limit.
    case clientFault = "client_fault"
    /// A policy or a drain ended it.
    case stopped
}
