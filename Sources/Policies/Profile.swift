public import Basics

/// What one model family accepts and how it misbehaves: data from `models.yaml`, not code.
public struct Profile: Equatable, Sendable {
    /// Family name as in `models.yaml`: `gemini-3.1`, ...
    public var family = "default"
    /// Model ids this profile serves; `*` at the end matches any rest. Longest pattern wins.
    public var models: [String] = []

    /// How an automatic-VAD pause is ended: the service's own signal, or sound.
    public var pause = PauseForm.audioStreamEnd
    /// How a mute model is asked to speak.
    public var nudge = NudgeForm.realtimeText
    /// Whether the end of work is `turnComplete` or `interactionStatus: IDLE`.
    public var idle = IdleSignal.turnComplete
    /// Setup fields the family is known to die of, as wire paths: `proactivity`,
    /// `generationConfig.enableAffectiveDialog`, ...
    public var removedSetupFields: [String] = []
    /// `sessionResumption.handle: null` closes the connection.
    public var rejectsNullHandle = true
    /// `sessionResumption.transparent` closes the connection unless the path is Vertex'.
    public var rejectsTransparentOffVertex = true
    /// Gives resumption handles when asked.
    public var resumes = true
    /// Sends `usageMetadata`; where it does not, usage is estimated.
    public var reportsUsage = true
    /// Client flush pairs (`activityEnd` then at once `activityStart`) end the turn: swallow them.
    public var flushHarms = false
    /// Transcription stops in long speech unless flushed this often.
    public var flush: Interval?
    /// Real-time input during an open tool call closes the connection.
    public var gatesInputDuringTools = false
    /// A call that waits for its result ends a turn, and the answer is one of its own.
    public var endsTurnAtCall = false
    /// Sends audio without turns; every turn-based rule is off.
    public var isContinuous = false
    /// Silence is a legal answer: a turn still mute after its nudges ends as silent, not as lost.
    public var answersWithSilence = false
    /// `clientContent` after the first model turn is fatal.
    public var rejectsClientContent = false
    /// The family issues resumption handles.
    public var offersResumption = true
    /// How a conversation is seeded into a fresh session.
    public var contextForm = ContextForm.initialHistory
    /// Ids of the models that may stand in for one of this family, in the order they are tried.
    public var fallback: [String] = []
    /// How a function is called that declares no behavior.
    public var toolBehavior = ToolBehavior.blocking
    /// What asks for the rest of a cut reply; `{words}` stands for its last words.
    public var continueText = "Go on exactly after the words \"{words}\"; repeat nothing."
    /// How much of the user's sound it takes at once; the rest must come no faster than it is spoken.
    public var burst = Interval.seconds(50)

    /// From the end of the user's input without a sign of an answer: nudge, then recover.
    public var soft = Interval.seconds(4)
    public var hard = Interval.seconds(8)
    /// The same clocks where the setup asks for a thinking level of medium or high; `nil`: the
    /// ordinary ones.
    public var thinkingSoft: Interval?
    public var thinkingHard: Interval?

    public var tokensPerSecondIn = 25.0
    public var tokensPerSecondOut = 25.0
    public var prices: Prices?

    public init() {}

    public enum PauseForm: String, CaseIterable, Sendable {
        case audioStreamEnd = "audio_stream_end"
        case silence
    }
    public enum NudgeForm: String, CaseIterable, Sendable {
        case realtimeText = "realtime_text"
        case clientContent = "client_content"
    }
    public enum IdleSignal: String, CaseIterable, Sendable {
        case turnComplete = "turn_complete"
        case interactionStatus = "interaction_status"
    }
    public enum ToolBehavior: String, CaseIterable, Sendable {
        case blocking
        case nonBlocking = "non_blocking"
    }
    public enum ContextForm: String, CaseIterable, Sendable {
        case initialHistory = "initial_history"
        case userTurn = "user_turn"
    }

    /// US dollars per million tokens, as read on `date` (`YYYY-MM-DD`). Zero: the vendor publishes
    /// no such price.
    public struct Prices: Equatable, Sendable {
        public var date = ""
        public var textIn = 0.0
        public var audioIn = 0.0
        public var imageIn = 0.0
        public var textOut = 0.0
        public var audioOut = 0.0

        public init() {}
    }
}
