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
    /// The client is away and may return.
    case parked
    /// All remedies have been used up.
    case failing
    /// The session has ended, and its records are being closed.
    case ending

    /// The state after a timeline's word; nil for words that change nothing.
    init?(after what: String) {
        guard let state = TimelineWord(rawValue: what)?.state else { return nil }
        self = state
    }

    /// Every word that `init(after:)` knows, for a query.
    static let words = TimelineWord.allCases.filter { $0.state != nil }.map(\.rawValue)
}

/// A remedy, and how often a session needed it.
public struct RemedyCount: Equatable, Sendable {
    /// The timeline's word.
    public var what: String
    public var count: Int

    /// The timeline's words for trouble and remedies.
    public static let words = TimelineWord.allCases.filter(\.isCounted).map(\.rawValue)

    /// The words in files before version 5. A released step of the schema is never changed, so
    /// these differ from today's.
    static let condition =
        "what IN ('stalled', 'nudged', 'reconnecting', 'reconnect_failed', 'reconnected', "
        + "'replayed', 'rebuilt', 'context_lost', 'reply_cut', 'gave_up', 'parked', 'unparked', "
        + "'fell_back')"
}
