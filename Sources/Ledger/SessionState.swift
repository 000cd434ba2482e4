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

    /// Every word that `SessionProgress` knows, for a query.
    static let words = TimelineWord.allCases.filter { $0.change != nil }.map(\.rawValue)
}

/// Follows a session's timeline. The state of the conversation and the trouble that hides it are
/// kept apart, so that ending a trouble needs no knowledge of what it interrupted.
struct SessionProgress {
    enum Change {
        case isOpened, isSetUp, isOver
        case userBegins, userEnds
        /// A side must answer, or answers; this ends any trouble.
        case turns(to: SessionState)
        case turnEnds
        /// Gemini no longer waits for a tool.
        case leavesTool
        case begins(trouble: SessionState)
        /// Gemini answers again.
        case recovers
        /// A new connection continues the conversation.
        case isConnected
        case isBack
    }

    private var rest = SessionState.connecting
    private var isUserSpeaking = false
    private var turn: SessionState?
    private var trouble: SessionState?

    var state: SessionState { trouble ?? (isUserSpeaking ? .listening : turn ?? rest) }

    /// Words that are not in the dictionary, such as those of rules, change nothing.
    mutating func follow(_ what: String) {
        switch TimelineWord(rawValue: what)?.change {
        case nil: break
        case .isOpened: rest = .connecting
        case .isSetUp: rest = .idle
        case .isOver: (rest, isUserSpeaking, turn, trouble) = (.ending, false, nil, nil)
        case .userBegins: (isUserSpeaking, trouble) = (true, nil)
        // What was said need not be a question.
        case .userEnds: (isUserSpeaking, trouble) = (false, nil)
        case .turns(let state): (isUserSpeaking, turn, trouble) = (false, state, nil)
        case .turnEnds: (turn, trouble) = (nil, nil)
        case .leavesTool: if turn == .tool { turn = .thinking }
        case .begins(let trouble): self.trouble = trouble
        case .recovers:
            if turn == .thinking { turn = .speaking }
            trouble = nil
        case .isConnected:
            // An answer that is due has yet to come.
            if turn != .thinking && turn != .speaking { trouble = nil }
        case .isBack: trouble = nil
        }
    }
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
