/// The activity of a live session, derived from its timeline.
public enum SessionState: String, CaseIterable, Sendable {
    /// Before gemini's `setupComplete`.
    case connecting
    /// Between turns.
    case idle
    /// The user speaks.
    case listening
    /// The user has asked, and there is no answer yet.
    case thinking
    /// The model waits for one of the client's tools.
    case tool
    case speaking
    /// A turn has waited too long for its answer.
    case stalled
    /// The connection to gemini is being replaced.
    case recovering
    /// The client is away and may come back.
    case parked
    /// All remedies have been used up.
    case failing
    /// The session has ended, and its records are being closed.
    case ending

    /// The state after a timeline's word; nil for words that change nothing.
    init?(after what: String) {
        switch what {
        case "set_up": self = .connecting
        case "setup_completed", "turn_ended", "unparked", "reconnected", "rebuilt": self = .idle
        case "activity_started": self = .listening
        case "activity_ended", "turn_started", "tool_answered": self = .thinking
        case "tool_called": self = .tool
        case "first_audio", "recovered": self = .speaking
        case "stalled", "nudged": self = .stalled
        case "reconnecting", "retrying", "reconnect_failed", "replayed", "fell_back":
            self = .recovering
        case "parked": self = .parked
        case "gave_up": self = .failing
        case "ended": self = .ending
        default: return nil
        }
    }

    /// Every word that `init(after:)` knows, for a query.
    static let words = [
        "set_up", "setup_completed", "turn_ended", "unparked", "activity_started",
        "activity_ended", "turn_started", "tool_answered", "tool_called", "first_audio", "stalled",
        "nudged", "reconnecting", "retrying", "reconnect_failed", "reconnected", "recovered",
        "replayed", "rebuilt", "fell_back", "parked", "gave_up", "ended",
    ]
}

/// A remedy, and how often a session needed it.
public struct RemedyCount: Equatable, Sendable {
    /// The timeline's word.
    public var what: String
    public var count: Int

    /// The timeline's words for trouble and remedies.
    public static let words = [
        "stalled", "nudged", "reconnecting", "reconnect_failed", "reconnected", "replayed",
        "rebuilt", "context_lost", "reply_cut", "gave_up", "parked", "unparked", "fell_back",
    ]

    /// The same as a condition. The index of such events uses it, too, and SQLite uses the index
    /// only if a query has exactly the same condition. For files before version 5.
    static let condition =
        "what IN ('stalled', 'nudged', 'reconnecting', 'reconnect_failed', 'reconnected', "
        + "'replayed', 'rebuilt', 'context_lost', 'reply_cut', 'gave_up', 'parked', 'unparked', "
        + "'fell_back')"
}
