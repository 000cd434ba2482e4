public import Wire

/// What went wrong on gemini's side and made recovery necessary.
public enum Trouble: Equatable, Sendable {
    /// The connection ended although the client did not ask for it.
    case closed(CloseCause)
    /// No sign of life within `upstream.dead`.
    case dead
    case stalled(Stall)
    /// `goAway`, or a connection that is known to end soon: replaced before it does.
    case goAway

    /// The value of the `reason` label; from a fixed set.
    public var label: String {
        switch self {
        case .closed(let cause): cause.rawValue
        case .dead: "dead"
        case .stalled(let stall): stall.rawValue
        case .goAway: "go_away"
        }
    }
}

/// The ways in which a turn fails to get its answer in time.
public enum Stall: String, CaseIterable, Sendable {
    /// Nothing came after the end of the user's turn.
    case noOutput = "no_output"
    /// Only a transcript of the user's words came.
    case transcribedOnly = "transcribed_only"
    /// The turn completed without output.
    case emptyTurn = "empty_turn"
    /// A few tokens of text although audio was requested.
    case textOnly = "text_only"
    case afterInterrupt = "after_interrupt"
    case firstReplyNever = "first_reply_never"
    case toolResultIgnored = "tool_result_ignored"
    /// The answer began, and broke off before `generationComplete`.
    case outputFroze = "output_froze"
    case inProgressStuck = "in_progress_stuck"
    /// Two turns in a row ended as `RESPONSE_REJECTED`.
    case rejectedRun = "rejected_run"
    /// A reply of ordinary length in which every sample is zero, or almost.
    case silentAudio = "silent_audio"
    case setupUnanswered = "setup_unanswered"
    /// One silent turn after a phantom `interrupted`, or two in a row.
    case wedged
    /// Two turns in a row without a word, from a model that may be silent: shown, because it may be
    /// wedged, and not remedied, because it may not.
    case silentRun = "silent_run"
    /// A resume lost the conversation, and the model started over.
    case forgotten
}

/// The cause of gemini's close in a few categories. Codes are ambiguous and reasons vary, so the
/// reason is checked first (wire reference, close codes).
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
    /// 3000 to 4999: sent by an application, not by the service.
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

    /// Who is responsible, and what would happen to a retry.
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

/// What is known about a cause of trouble: the table used by retries, breaker and fallback.
struct Verdict: Equatable {
    /// Who is responsible.
    enum Source: CaseIterable {
        /// The model, or the service that runs it.
        case model
        /// The service, on purpose.
        case plan
        case network
        /// The key, its quota, or where it may be used.
        case tenant
        /// This session's input or setup.
        case session
        case unknown
    }
    /// When a retry may succeed.
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

    /// A retry would get the same answer.
    var isFinal: Bool { retry == .never || retry == .elsewhere }
    /// It counts against the model: neither the client, its key nor the network failed.
    var isOutage: Bool { source == .model }
    /// Another model may work; quotas are counted per model.
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
    /// Gemini is available, and refuses what the client, or its policy, requests.
    var isOfTheRequest: Bool {
        guard case .refused(let status, _, _, _) = self else { return false }
        return (400..<500).contains(status) && status != 429
    }

    /// The code that closes the client's connection.
    var closeCode: UInt16 {
        switch self {
        case .refused(400, _, _, _): 1007
        case .refused(401, _, _, _), .refused(403, _, _, _), .refused(404, _, _, _): 1008
        case .refused, .unreachable, .timedOut: 1011
        }
    }

    var verdict: Verdict {
        switch self {
        case .refused(429, _, _, _): Verdict(.tenant, .later)
        case .refused(500..., _, _, _): Verdict(.network, .now)
        case .refused: Verdict(.session, .never)
        case .unreachable, .timedOut: Verdict(.network, .now)
        }
    }
}
