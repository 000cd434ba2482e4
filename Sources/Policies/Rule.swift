/// Something the proxy does to a message. The raw values are used in policy files, metrics and
/// timelines.
public enum Rule: String, CaseIterable, Sendable {
    case audioOutsideActivity = "audio_outside_activity"
    case secondSetup = "second_setup"
    case repeatedActivity = "repeated_activity"
    case emptyActivity = "empty_activity"
    case shortActivity = "short_activity"
    case streamEndInManual = "stream_end_in_manual"
    case earlyInput = "early_input"
    case deadAir = "dead_air"
    case noiseHold = "noise_hold"
    case streamEndOnPause = "stream_end_on_pause"
    case flush = "flush"
    case setupFields = "setup_fields"
    case resumptionInserted = "resumption_inserted"
    case keepalive = "keepalive"
    case emptyTurn = "empty_turn"
    case phantomInterrupted = "phantom_interrupted"
    case goAway = "go_away"
    /// The parts of a `realtimeInput` that combines an activity boundary with other input have no
    /// order; they are sent as one message each, in the only order that makes sense.
    case combinedInput = "combined_input"
    /// Real-time input during a tool call, on families that close on it.
    case toolGate = "tool_gate"
    /// The resumption handle that a client sees is the proxy's own.
    case handleReplaced = "handle_replaced"
    /// On families that close on content, a user's lone text is sent in its other form.
    case contentAsText = "content_as_text"
    /// Without transcripts a fresh connection cannot be told the conversation; they cost tokens.
    case transcriptionInserted = "transcription_inserted"
}

/// What a rule does when it applies: act, only count, or nothing.
public enum Mode: String, CaseIterable, Sendable {
    case enforce
    case observe
    case off
}

/// The mode of every rule.
public struct Rules: Equatable, Sendable {
    private var modes: [Mode]

    /// The defaults.
    public init() {
        modes = Rule.allCases.map { rule in
            switch rule {
            case .shortActivity, .transcriptionInserted: .observe
            default: .enforce
            }
        }
    }

    public subscript(rule: Rule) -> Mode {
        get { modes[rule.index] }
        set { modes[rule.index] = newValue }
    }
}

extension Rule {
    /// Position in `allCases`, for tables: searching it would cost a hundred instructions.
    public var index: Int {
        switch self {
        case .audioOutsideActivity: 0
        case .secondSetup: 1
        case .repeatedActivity: 2
        case .emptyActivity: 3
        case .shortActivity: 4
        case .streamEndInManual: 5
        case .earlyInput: 6
        case .deadAir: 7
        case .noiseHold: 8
        case .streamEndOnPause: 9
        case .flush: 10
        case .setupFields: 11
        case .resumptionInserted: 12
        case .keepalive: 13
        case .emptyTurn: 14
        case .phantomInterrupted: 15
        case .goAway: 16
        case .combinedInput: 17
        case .toolGate: 18
        case .handleReplaced: 19
        case .contentAsText: 20
        case .transcriptionInserted: 21
        }
    }
}
