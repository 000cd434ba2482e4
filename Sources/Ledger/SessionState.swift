/// What a live session is doing, as its timeline tells it.
public enum SessionState: String, CaseIterable, Sendable {
    /// Before gemini's `setupComplete`.
    case connecting
    /// Nobody's turn.
    case idle
    /// The user speaks.
    case listening
    /// The user has asked, and nothing has come yet.
    case thinking
    /// The model waits for a tool of the client's.
    case tool
    case speaking
    /// A turn went without its answer for too long.
    case stalled
    /// The connection to gemini is being replaced.
    case recovering
    /// The client is away and may come back.
    case parked
    /// All remedies were used up.
    case failing
    /// The session has ended, and its books are being closed.
    case ending

    /// The state that a timeline's word leads to; nil for words that change nothing.
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

    /// Words of the timeline that tell of trouble or of what was done about it.
    public static let words = [
        "stalled", "nudged", "reconnecting", "reconnect_failed", "reconnected", "replayed",
        "rebuilt", "context_lost", "reply_cut", "gave_up", "parked", "unparked", "fell_back",
    ]

    /// The same as a condition. The index of such events has it too, and SQLite uses the index only
    /// where a query says it in the same words.
    /// Of files before version 5.
    static let condition =
        "what IN ('stalled', 'nudged', 'reconnecting', 'reconnect_failed', 'reconnected', "
        + "'replayed', 'rebuilt', 'context_lost', 'reply_cut', 'gave_up', 'parked', 'unparked', "
        + "'fell_back')"
}
