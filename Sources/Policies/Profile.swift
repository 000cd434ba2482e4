public import Basics

/// What one model family accepts and how it misbehaves: data from `models.yaml`, not code.
public struct Profile: Equatable, Sendable {
    /// Family name in `models.yaml`: `gemini-3.1`, ...
    public var family = "default"
    /// Model ids of this family; a trailing `*` matches any ending. The longest pattern wins.
    public var models: [String] = []

    /// How the end of a pause is signalled under automatic VAD: the service's own signal, or audio.
    public var pause = PauseForm.audioStreamEnd
    /// How a silent model is asked to speak.
    public var nudge = NudgeForm.realtimeText
    /// Whether the end of work is `turnComplete` or `interactionStatus: IDLE`.
    public var idle = IdleSignal.turnComplete
    /// Setup fields known to break the family, as wire paths: `proactivity`,
    /// `generationConfig.enableAffectiveDialog`, ...
    public var removedSetupFields: [String] = []
    /// `sessionResumption.handle: null` closes the connection.
    public var rejectsNullHandle = true
    /// `sessionResumption.transparent` closes the connection unless the path is Vertex'.
    public var rejectsTransparentOffVertex = true
    /// Issues resumption handles on request.
    public var resumes = true
    /// Sends `usageMetadata`; otherwise usage is estimated.
    public var reportsUsage = true
    /// Client flush pairs (`activityEnd` followed at once by `activityStart`) end the turn: swallow
    /// them.
    public var flushHarms = false
    /// Transcription stops in long speech unless flushed this often.
    public var flush: Interval?
    /// Real-time input during an open tool call closes the connection.
    public var gatesInputDuringTools = false
    /// A call that waits for its result ends a turn, and the answer is a separate turn.
    public var endsTurnAtCall = false
    /// Sends audio without turns; every turn-based rule is off.
    public var isContinuous = false
    /// Silence is a legal answer: a turn still silent after its nudges ends as silent, not as lost.
    public var answersWithSilence = false
    /// `clientContent` after the first model turn closes the connection.
    public var rejectsClientContent = false
    /// How a conversation is seeded into a fresh session.
    public var contextForm = ContextForm.initialHistory
    /// Ids of the models that may replace one of this family, in the order they are tried.
    public var fallback: [String] = []
    /// How functions that declare no behavior are called.
    public var toolBehavior = ToolBehavior.blocking
    /// The request to continue a cut reply; `{words}` stands for its last words.
    public var continueText = "Go on exactly after the words \"{words}\"; repeat nothing."
    /// How much of the user's audio it accepts at once; the rest must come no faster than real
    /// time.
    public var burst = Interval.seconds(50)

    /// Time from the end of the user's input, without a sign of an answer: to a nudge, then to a
    /// new connection.
    public var soft = Interval.seconds(4)
    public var hard = Interval.seconds(8)
    /// The same times if the setup asks for a thinking level of medium or high; `nil`: the ordinary
    /// ones.
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

    /// US dollars per million tokens, as read on `date` (`YYYY-MM-DD`). Zero: Google publishes no
    /// such price.
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
