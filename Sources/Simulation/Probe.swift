/// Something that a run tries beyond every run's standard: a checker, or a kind of trouble. Each
/// has a name, so that one the session machine does not pass yet can be left out, with a reason.
public enum Probe: String, CaseIterable, Sendable {
    // Checkers.
    case toolsOnce = "I8"
    case nudgesInTime = "I9"
    case receiptsKept = "I11"
    case turnEnds = "I13"
    case ridersKept = "I14"
    case journal = "I15"
    case heldBytes = "I16"
    case leftAlone = "I17"
    /// Silence and other audio made by the proxy has the client's sample rate.
    case sampleRate = "sample-rate"
    /// The newest instruction holds, on whatever connection.
    case newestContext = "newest-context"

    // Kinds of trouble.
    case unknowns
    /// Handles in the middle of speech and of calls.
    case handleCadence = "handle-cadence"
    /// The proxy's process stands still.
    case standstill
    case streamedCall = "streamed-call"
    case oldTail = "old-tail"
    case lateEndOfTurn = "late-end-of-turn"
    case typedActivity = "typed-activity"
    case seed
    case lateContent = "late-content"
    case screen
    /// The proxy requests transcripts in the client's place.
    case insertedTranscription = "inserted-transcription"

    /// What the machine does not pass yet, and why; none of it is tried unless requested.
    public static let pending: [Probe: String] = [
        .nudgesInTime: "an activity whose end is held is nudged into",
        .receiptsKept: "a receipt that comes over a connection that is being left is not told",
        .turnEnds: "a cut reply gets made-up ends before it is spoken again",
        .ridersKept: "what rides on a held or hidden end is lost",
        .journal: "what was answered after the handle was issued is not told to the new connection",
        .heldBytes: "what waits for an answer is not counted together with the rest",
        .leftAlone: "clocks do not learn from remedies that did not help",
        .sampleRate: "silence that is made up has 16 kHz, whatever the client sends",
        .newestContext: "a contextUpdate is not told to the next connection",
        .streamedCall: "pieces after the first are taken for a call delivered twice",
        .typedActivity: "an activity with typed words alone is taken for a dead microphone",
        .lateContent: "content on a family that refuses it is passed on as it came",
    ]

    /// Everything tried by default.
    public static let on = Set(allCases).subtracting(pending.keys)

    /// One line for each probe that is left out.
    public static var skipped: [String] {
        allCases.compactMap { probe in
            pending[probe].map { "skipped: \(probe.rawValue): \($0)" }
        }
    }
}
