/// An addition to the first kinds of runs: a checker, or a kind of trouble. Each has a name, so
/// that a canary can be tried against one alone.
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
    /// What came of a call is told once to each connection that lacks it.
    case resultsTold = "results-told"

    // Kinds of trouble.
    case unknowns
    /// How messages are formatted, combined and ordered, where the protocol leaves it open.
    case manner
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

    public static let all = Set(allCases)

    /// Left out of a run unless it is asked for, and why.
    public static let pending: [Probe: String] = [:]

    /// Tried in every run.
    public static let on = all.subtracting(pending.keys)

    /// A line for each probe that is left out, to be printed.
    public static var skipped: [String] {
        allCases.compactMap { probe in
            pending[probe].map { "skipped: \(probe.rawValue): \($0) (--all-probes)" }
        }
    }
}
