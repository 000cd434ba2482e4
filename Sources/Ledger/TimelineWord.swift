/// The dictionary of timelines: what each fact is called, what it means, how it is drawn and what
/// it changes. The inspector's page, the states of sessions and the counts of trouble all use it.
public enum TimelineWord: String, CaseIterable, Sendable {
    // Connections.
    case dialing, connected
    case dialFailed = "dial_failed"
    case setUp = "set_up"
    case setupCompleted = "setup_completed"
    case closed, ended
    case goAway = "go_away"
    case pinned
    // The conversation.
    case activityStarted = "activity_started"
    case activityEnded = "activity_ended"
    case turnStarted = "turn_started"
    case typed
    case heard = "input_transcription"
    case firstAudio = "first_audio"
    case firstText = "first_text"
    case said = "output_transcription"
    case turnEnded = "turn_ended"
    case toolCalled = "tool_called"
    case toolAnswered = "tool_answered"
    case toolCancelled = "tool_cancelled"
    // Trouble, and the remedies, in the order in which they are counted.
    case stalled, nudged, reconnecting
    case reconnectFailed = "reconnect_failed"
    case reconnected, replayed, rebuilt
    case contextLost = "context_lost"
    case replyCut = "reply_cut"
    case gaveUp = "gave_up"
    case parked, unparked
    case fellBack = "fell_back"
    case retrying, recovered
    case nudgeEnded = "nudge_ended"
    case contextRestored = "seeded"
    // Trouble without a turn that waits.
    case setupUnanswered = "setup_unanswered"
    case forgotten
    case silentRun = "silent_run"
    // Input that was held, dropped, made up or refused.
    case inputHeld = "input_held"
    case inputDropped = "input_dropped"
    case silenceSkipped = "silence_skipped"
    case picturesReplaced = "pictures_replaced"
    case malformed
    case limitReached = "limit_reached"
    case byproduct
    case madeUp = "made_up"
    case callRemembered = "call_remembered"
    case resultDropped = "result_dropped"
    case toolNoted = "tool_noted"
    case clientResumed = "client_resumed"
    case clientMoved = "client_moved"
    case handleRefused = "handle_refused"
}

extension TimelineWord {
    /// Whether the text of such an entry is speech.
    static func isSpeech(_ what: String) -> Bool {
        [heard, said].contains { $0.rawValue == what }
    }
}

/// How one word is shown.
public struct TimelineEntryForm: Equatable, Sendable {
    public enum Severity: String, CaseIterable, Sendable {
        case plain, good, warn, bad, user, gemini
    }

    /// The sign in the timeline: a shape of the page, a mere tick, or nothing.
    public enum Glyph: String, CaseIterable, Sendable {
        case none, tick, stall, nudge, reconnect, retry, recover, replay, rebuild, restore, forget
        case cut, cross, broken, away, back, fallback, leave, close, limit, bolt, drop
    }

    public enum Kind: String, CaseIterable, Sendable {
        case trouble, remedy, turn, step, note, rule
    }

    /// What an entry does in the drawing of a session.
    public enum Role: String, CaseIterable, Sendable {
        case none
        case userBegins = "user-begins"
        case userEnds = "user-ends"
        case asks, typed, heard, sounds, says
        case turnEnds = "turn-ends"
        /// Leads to a connection; only the last of several matters.
        case step
        case tool
    }

    /// A red or yellow band in the drawing, from the entry that begins it to one that ends it.
    public enum Band: String, CaseIterable, Sendable { case stall, link, away }

    public let word: String
    public let label: String
    public let kind: Kind
    public let severity: Severity
    public let glyph: Glyph
    public let sentence: String
    public var role = Role.none
    public var begins: Band?
    public var ends: [Band] = []

    public init(
        _ word: String, _ label: String, _ kind: Kind, _ severity: Severity, _ glyph: Glyph,
        _ sentence: String, role: Role = .none, begins: Band? = nil, ends: [Band] = []
    ) {
        self.word = word
        self.label = label
        self.kind = kind
        self.severity = severity
        self.glyph = glyph
        self.sentence = sentence
        self.role = role
        self.begins = begins
        self.ends = ends
    }
}

extension TimelineWord {
    /// Whether sessions count it: trouble and remedies, but not every step of them.
    var isCounted: Bool {
        switch self {
        case .retrying, .recovered, .nudgeEnded, .contextRestored, .dialFailed: false
        default: form.kind == .trouble || form.kind == .remedy
        }
    }

    /// What becomes of a session's state; nil if this changes nothing.
    var change: SessionProgress.Change? {
        switch self {
        case .setUp: .isOpened
        case .setupCompleted: .isSetUp
        case .activityStarted: .userBegins
        case .activityEnded: .userEnds
        case .turnStarted: .turns(to: .thinking)
        case .toolCalled: .turns(to: .tool)
        // A result for a call that is over changes nothing.
        case .toolAnswered, .toolCancelled: .leavesTool
        case .firstAudio, .firstText: .turns(to: .speaking)
        case .turnEnded: .turnEnds
        case .ended: .isOver
        case .stalled, .nudged: .begins(trouble: .stalled)
        case .setupUnanswered, .reconnecting, .retrying, .reconnectFailed:
            .begins(trouble: .recovering)
        case .gaveUp: .begins(trouble: .failing)
        case .parked: .begins(trouble: .parked)
        case .recovered: .recovers
        case .reconnected, .rebuilt: .isConnected
        case .unparked: .isBack
        case .dialing, .connected, .dialFailed, .closed, .goAway, .pinned, .typed, .heard, .said,
            .replayed, .fellBack, .contextLost, .replyCut, .nudgeEnded, .contextRestored,
            .forgotten, .silentRun, .inputHeld, .inputDropped, .silenceSkipped,
            .picturesReplaced, .malformed, .limitReached, .byproduct, .madeUp, .callRemembered,
            .resultDropped, .toolNoted, .clientResumed, .clientMoved, .handleRefused:
            nil
        }
    }

    public var form: TimelineEntryForm {
        switch self {
        case .stalled, .nudged, .reconnecting, .reconnectFailed, .reconnected, .replayed, .rebuilt,
            .contextLost, .replyCut, .gaveUp, .parked, .unparked, .fellBack, .retrying, .recovered,
            .nudgeEnded, .contextRestored, .dialFailed, .setupUnanswered, .forgotten, .silentRun:
            troubleForm
        case .activityStarted, .activityEnded, .turnStarted, .typed, .heard, .firstAudio,
            .firstText, .said, .turnEnded, .toolCalled, .toolAnswered, .toolCancelled:
            turnForm
        default: otherForm
        }
    }

    private func make(
        _ label: String, _ kind: TimelineEntryForm.Kind, _ severity: TimelineEntryForm.Severity,
        _ glyph: TimelineEntryForm.Glyph, _ sentence: String,
        role: TimelineEntryForm.Role = .none, begins: TimelineEntryForm.Band? = nil,
        ends: [TimelineEntryForm.Band] = []
    ) -> TimelineEntryForm {
        TimelineEntryForm(
            rawValue, label, kind, severity, glyph, sentence, role: role, begins: begins,
            ends: ends)
    }

    private var troubleForm: TimelineEntryForm {
        switch self {
        case .stalled:
            make(
                "Stalled", .trouble, .bad, .stall, "A turn's answer is overdue.",
                begins: .stall)
        case .nudged:
            make("Nudged", .remedy, .warn, .nudge, "Gemini was asked to go on with the turn.")
        case .nudgeEnded:
            make("Nudge ended", .note, .plain, .tick, "The result of a nudge.")
        case .reconnecting:
            make(
                "Connection lost", .trouble, .bad, .broken,
                "The connection to Gemini was lost or abandoned; a new one is needed.",
                begins: .link)
        case .retrying:
            make("Retrying", .remedy, .warn, .retry, "Another attempt to connect follows.")
        case .reconnectFailed:
            make(
                "Reconnect failed", .trouble, .bad, .cross, "An attempt to connect again failed.")
        case .dialFailed:
            make(
                "Dial failed", .trouble, .bad, .bolt,
                "Gemini cannot be reached, or refused the connection.")
        case .reconnected:
            make(
                "Resumed", .remedy, .good, .reconnect,
                "A new connection continues the conversation.", ends: [.link])
        case .rebuilt:
            make(
                "Rebuilt", .remedy, .warn, .rebuild,
                "A new connection was told the conversation so far.", ends: [.link])
        case .contextRestored:
            make(
                "Context restored", .remedy, .warn, .restore,
                "Gemini was told what it had forgotten.")
        case .contextLost:
            make("Context lost", .trouble, .bad, .forget, "Gemini has forgotten what was said.")
        case .setupUnanswered:
            make(
                "Setup unanswered", .trouble, .warn, .bolt,
                "Gemini opened the connection and did not answer the setup.", begins: .link)
        case .forgotten:
            make(
                "Started over", .trouble, .warn, .forget,
                "A resumed model does not know the conversation.")
        case .silentRun:
            make(
                "Silent run", .trouble, .warn, .stall,
                "Two turns in a row were not answered, by a model that may be silent.")
        case .replayed:
            make("Replayed", .remedy, .warn, .replay, "The unanswered turn was sent again.")
        case .recovered:
            make(
                "Recovered", .remedy, .good, .recover, "Gemini answers again.",
                ends: [.stall, .link])
        case .replyCut:
            make("Reply cut", .trouble, .warn, .cut, "Gemini broke off in the middle of a reply.")
        case .gaveUp:
            make("Gave up", .trouble, .bad, .limit, "No remedy is left.")
        case .parked:
            make(
                "Client away", .trouble, .warn, .away,
                "The client vanished without a close; its session waits for it.", begins: .away)
        case .unparked:
            make("Client back", .remedy, .good, .back, "The client came back.", ends: [.away])
        default:
            make(
                "Fell back", .remedy, .warn, .fallback,
                "Another model answers in place of the failing one.")
        }
    }

    private var turnForm: TimelineEntryForm {
        switch self {
        case .activityStarted:
            make(
                "User starts", .turn, .user, .none, "The user begins to speak.", role: .userBegins)
        case .activityEnded:
            make("User ends", .turn, .user, .none, "The user has spoken.", role: .userEnds)
        case .turnStarted:
            make("User asked", .turn, .user, .none, "An answer is due from now on.", role: .asks)
        case .typed: make("User typed", .turn, .user, .none, "Text from the user.", role: .typed)
        case .heard:
            make("User said", .turn, .user, .none, "Gemini's transcript of the user.", role: .heard)
        case .firstAudio:
            make(
                "First sound", .turn, .gemini, .none, "The answer begins to sound.", role: .sounds,
                ends: [.stall, .link])
        case .firstText:
            make(
                "First word", .turn, .gemini, .none, "The answer begins, in text.", role: .sounds,
                ends: [.stall, .link])
        case .said:
            make("Gemini said", .turn, .gemini, .none, "The transcript of the answer.", role: .says)
        case .turnEnded:
            make(
                "Turn ended", .turn, .gemini, .none, "The turn is over.", role: .turnEnds,
                ends: [.stall, .link])
        case .toolCalled:
            make(
                "Tool called", .turn, .gemini, .none, "Gemini waits for one of the client's tools.",
                role: .tool)
        case .toolAnswered:
            make(
                "Tool answered", .turn, .user, .none, "The client sent a tool's result.",
                role: .tool)
        default:
            make("Tool cancelled", .note, .warn, .tick, "Gemini no longer wants a tool's result.")
        }
    }

    private var otherForm: TimelineEntryForm {
        switch self {
        case .dialing: make("Dialing", .step, .plain, .tick, "Connecting to Gemini.", role: .step)
        case .connected:
            make(
                "Connected", .step, .plain, .tick, "The connection to Gemini is open.", role: .step)
        case .setUp:
            make("Setup", .step, .plain, .tick, "The client named model and options.", role: .step)
        case .setupCompleted:
            make("Setup complete", .step, .plain, .tick, "Gemini accepted the setup.", role: .step)
        case .pinned:
            make(
                "Model pinned", .step, .plain, .tick, "The policy replaced the model.", role: .step)
        case .closed:
            make("Closed", .note, .plain, .close, "A socket was closed, with code and reason.")
        case .ended:
            make(
                "Ended", .step, .plain, .tick, "The session is over.", ends: [.stall, .link, .away])
        case .goAway:
            make("Go away", .note, .warn, .leave, "Gemini will close the connection soon.")
        case .inputHeld:
            make("Input held", .note, .plain, .tick, "Messages waited for the new connection.")
        case .inputDropped:
            make("Input dropped", .note, .warn, .drop, "It exceeded a limit, or Gemini refused it.")
        case .silenceSkipped:
            make(
                "Silence skipped", .note, .plain, .tick,
                "Silence of held pauses was not sent, so that speech is not late.")
        case .picturesReplaced:
            make("Pictures replaced", .note, .plain, .tick, "Newer pictures replaced held ones.")
        case .malformed: make("Malformed", .note, .bad, .drop, "A message was not valid JSON.")
        case .limitReached:
            make(
                "Limit reached", .note, .warn, .limit, "A limit or budget of the policy is reached."
            )
        case .byproduct:
            make(
                "Hidden", .note, .plain, .tick,
                "Output caused by a remedy was hidden from the client.")
        case .madeUp:
            make(
                "Made up", .note, .plain, .tick, "Turnkeeper sent a message on Gemini's behalf.")
        case .callRemembered:
            make(
                "Call remembered", .note, .plain, .tick,
                "A repeated tool call was answered with the known result.")
        case .resultDropped:
            make(
                "Result dropped", .note, .plain, .tick, "A result for a dead tool call was dropped."
            )
        case .toolNoted:
            make(
                "Tool note", .note, .plain, .tick,
                "Tool calls or results could not be passed on as they were.")
        case .clientResumed:
            make("Client resumed", .note, .plain, .tick, "The client continues an earlier session.")
        case .clientMoved:
            make(
                "Client moved", .note, .plain, .tick, "The client continued in its earlier session."
            )
        default:
            make(
                "Handle refused", .note, .warn, .cross,
                "The client presented a handle that is not valid here.")
        }
    }
}
