public import Wire

/// Why gemini's side has to be made good: what began the climb up the ladder.
public enum Trouble: Equatable, Sendable {
    /// The connection ended though the client did not ask for it.
    case closed(CloseCause)
    /// No sign of life within `upstream.dead`.
    case dead
    case stalled(Stall)
    /// `goAway`, or a connection that is known to end soon: moved before it does.
    case goAway

    /// Bounded: the value of the `reason` label.
    public var label: String {
        switch self {
        case .closed(let cause): cause.rawValue
        case .dead: "dead"
        case .stalled(let stall): stall.rawValue
        case .goAway: "go_away"
        }
    }
}

/// A turn without the answer it should have had by now, by the way it shows.
public enum Stall: String, CaseIterable, Sendable {
    /// Nothing at all came after the end of the user's turn.
    case noOutput = "no_output"
    /// The user's words came back as a transcript, and nothing else.
    case transcribedOnly = "transcribed_only"
    /// The turn was completed without a word.
    case emptyTurn = "empty_turn"
    /// A few tokens of text where sound was asked for.
    case textOnly = "text_only"
    case afterInterrupt = "after_interrupt"
    case firstReplyNever = "first_reply_never"
    case toolResultIgnored = "tool_result_ignored"
    /// The answer began, and broke off before `generationComplete`.
    case outputFroze = "output_froze"
    case inProgressStuck = "in_progress_stuck"
    /// Two turns in a row ended as `RESPONSE_REJECTED`.
    case rejectedRun = "rejected_run"
    /// A reply of ordinary length in which every sample is zero, or nearly so.
    case silentAudio = "silent_audio"
    case setupUnanswered = "setup_unanswered"
    /// One mute turn after a phantom `interrupted`, or two in a row.
    case wedged
    /// A resume lost the conversation, and the model began it anew.
    case forgotten
}

/// What a close of gemini's was about, in few words: codes repeat, reasons vary without end, and
/// one code stands for many causes (wire reference, close codes). So the reason is asked first.
public enum CloseCause: String, CaseIterable, Sendable {
    case normal
    case lost
    case invalid
    case policy
    case internalError = "internal"
    case credential
    case quota
    case handle
    case model
    case region
    case goAway = "go_away"
    case deadline
    case unavailable
    /// 3000 to 4999: said by somebody's program, not by the service.
    case application
    case other

    public init(_ close: Close) {
        let reason = close.reason.lowercased()
        for (words, cause) in Self.words where reason.contains(words) {
            self = cause
            return
        }
        self =
            switch close.code {
            case 1000, 1001, 1005: .normal
            case 1006: .lost
            case 1007: .invalid
            case 1008: .policy
            case 1011: .internalError
            case 1012, 1013, 1014: .unavailable
            case 3000...4999: .application
            default: .other
            }
    }

    private static let words: [(String, CloseCause)] = [
        ("api key", .credential), ("unregistered callers", .credential),
        ("permission denied", .credential), ("unauthenticated", .credential),
        ("exhausted", .quota), ("quota", .quota),
        ("session not found", .handle), ("session handle", .handle),
        ("requested entity was not found", .handle),
        ("is not found for api version", .model), ("is not supported in the live api", .model),
        ("publisher model", .model),
        ("goaway", .goAway), ("deadline", .deadline), ("unavailable", .unavailable),
        ("location is not supported", .region),
    ]

    /// Whose doing it is, and what another try would meet.
    var verdict: Verdict {
        switch self {
        case .normal, .goAway: Verdict(.plan, .now)
        case .lost: Verdict(.network, .now)
        case .internalError, .deadline, .unavailable: Verdict(.model, .now)
        case .model: Verdict(.model, .elsewhere)
        case .quota: Verdict(.tenant, .later)
        case .credential, .region: Verdict(.tenant, .never)
        case .invalid, .policy, .handle: Verdict(.session, .now)
        case .application: Verdict(.session, .never)
        case .other: Verdict(.unknown, .now)
        }
    }
}

/// What is known of a cause of trouble: the one table that retries, breaker and fallback ask.
struct Verdict: Equatable {
    /// Whose doing it is.
    enum Source: CaseIterable {
        /// The model, or the service that runs it.
        case model
        /// The service, on purpose.
        case plan
        case network
        /// The key, its quota, where it may be used.
        case tenant
        /// What this session said, or was set up with.
        case session
        case unknown
    }
    /// When another try may meet another answer.
    enum Retry: CaseIterable {
        case now
        /// After seconds, not milliseconds.
        case later
        /// With another model.
        case elsewhere
        case never
    }
    var source: Source
    var retry: Retry

    init(_ source: Source, _ retry: Retry) {
        self.source = source
        self.retry = retry
    }

    /// Another try would meet the same answer.
    var isFinal: Bool { retry == .never || retry == .elsewhere }
    /// It speaks against the model: not the client, its key or the network failed.
    var isOutage: Bool { source == .model }
    /// Another model may do better; a quota is counted for each model.
    var isModels: Bool { source == .model || source == .unknown || retry == .later }
}

extension Trouble {
    var verdict: Verdict {
        switch self {
        case .closed(let cause): cause.verdict
        case .dead: Verdict(.network, .now)
        case .stalled: Verdict(.model, .now)
        case .goAway: Verdict(.plan, .now)
        }
    }
}

extension DialFailure {
    var verdict: Verdict {
        switch self {
        case .refused(429, _, _, _): Verdict(.tenant, .later)
        case .refused(500..., _, _, _): Verdict(.network, .now)
        case .refused: Verdict(.session, .never)
        case .unreachable, .timedOut: Verdict(.network, .now)
        }
    }
}
