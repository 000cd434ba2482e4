/// A family of Live models, and its peculiarities on the wire.
public enum Family: String, CaseIterable, Sendable {
    case native25 = "gemini-2.5"
    case flash31 = "gemini-3.1"
    case live38 = "gemini-3.8"
    case thinking38 = "gemini-3.8-extended-thinking"
    case translate = "gemini-live-translate"
    case transcribe = "gemini-transcribe-live"

    /// The family of a model id, without `models/` or a resource path; `nil`: no such model.
    static func of(_ model: String) -> Family? {
        let table: [(String, Family)] = [
            ("gemini-3.8-live-extended-thinking", .thinking38), ("gemini-3.8-live", .live38),
            ("gemini-3.1-flash-live", .flash31), ("gemini-2.5-flash-native-audio", .native25),
            ("gemini-live-2.5-flash", .native25), ("gemini-2.5-flash-live", .native25),
            ("gemini-2.0-flash-live", .native25), ("gemini-3.5-live-translate", .translate),
            ("gemini-3.5-transcribe-live", .transcribe),
        ]
        return table.first { model.hasPrefix($0.0) }?.1
    }

    /// From the end of the user's input to the first sound, milliseconds.
    var firstAudio: ClosedRange<Int64> {
        switch self {
        case .native25: 300...1100
        case .flash31: 850...1500
        case .live38, .thinking38: 500...1100
        case .translate, .transcribe: 200...400
        }
    }

    var isFlash3: Bool { self == .flash31 || self == .live38 || self == .thinking38 }

    /// Puts audio, transcripts and the end of a turn into one message.
    var bundlesFields: Bool { isFlash3 }

    /// Streams the user's words while they are spoken instead of once, at the end.
    var streamsInputTranscript: Bool { self == .native25 }

    /// `audioStreamEnd` ends the user's turn.
    var endsTurnOnStreamEnd: Bool { self == .native25 || self == .flash31 }

    /// No turns at all: output follows input.
    var isContinuous: Bool { self == .translate || self == .transcribe }

    /// A declaration without `behavior` blocks.
    var blocksByDefault: Bool { self == .native25 || self == .flash31 }

    /// Contents must have a role.
    var requiresRole: Bool { isFlash3 }

    /// Accepts `clientContent` only as the seed of a fresh session.
    var takesContentOnlyAsSeed: Bool { self == .flash31 }

    /// Ends the turn at once when it calls a tool, and answers the result as a separate turn.
    var endsTurnAtCall: Bool { self == .native25 }

    /// Real-time input during an open blocking call closes the connection.
    var diesOfInputDuringCall: Bool { self == .native25 }

    /// Proactive audio cannot be switched off.
    var isAlwaysProactive: Bool { self == .live38 || self == .thinking38 }

    /// Accepts `mediaChunks`.
    var takesMediaChunks: Bool { self == .native25 }

    /// Never answers a setup with affective dialog or proactivity.
    var ignoresSetupWithDialogFlags: Bool { self == .flash31 }
}
