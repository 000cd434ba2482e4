import Basics

extension Profile {
    /// A family as shipped, with the sentence that introduces it in `models.yaml`.
    struct BuiltIn: Sendable {
        var note: String
        var profile: Profile
    }

    /// The source of `Policies/models.yaml`.
    static let builtIn: [BuiltIn] = [
        BuiltIn(
            note: "Every model that no other family names: cautious defaults.",
            profile: Profile(family: "default", models: ["*"]) { _ in }),
        BuiltIn(
            note:
                "2.5 native audio. Transcription stops after 20-40 s of speech unless flushed; "
                + "input during an open tool call closes the connection.",
            profile: Profile(
                family: "gemini-2.5", models: ["gemini-2.5-*", "gemini-live-2.5-*"]
            ) {
                $0.nudge = .clientContent
                $0.contextForm = .userTurn
                $0.rejectsNullHandle = false
                $0.gatesInputDuringTools = true
                $0.endsTurnAtCall = true
                // One build of the family has failed for days while another was healthy.
                $0.fallback = [
                    "gemini-2.5-flash-native-audio-preview-09-2025",
                    "gemini-2.5-flash-native-audio-preview-12-2025",
                ]
                $0.flush = .seconds(15)
                $0.prices = Prices(
                    read: "2026-10-09", textIn: 0.5, audioIn: 3, imageIn: 3, textOut: 2,
                    audioOut: 12)
            }),
        BuiltIn(
            note: "3.1 Flash Live. clientContent only as history; a flush ends the turn; affective "
                + "dialog and proactivity leave setup unanswered.",
            profile: Profile(family: "gemini-3.1", models: ["gemini-3.1-flash-live*"]) {
                $0.removedSetupFields = [
                    "generationConfig.enableAffectiveDialog", "proactivity",
                ]
                $0.rejectsClientContent = true
                $0.fallback = ["gemini-3.8-live"]
                $0.flushHarms = true
                $0.thinkingSoft = .seconds(6)
                $0.thinkingHard = .seconds(12)
                $0.prices = .flashLive
            }),
        BuiltIn(
            note:
                "3.8 Live. audioStreamEnd does not end a turn: the VAD needs to hear silence. "
                + "Thinking cannot be configured; proactive audio is always on.",
            profile: Profile(family: "gemini-3.8", models: ["gemini-3.8-live*"]) {
                $0.pause = .silence
                $0.removedSetupFields = [
                    "generationConfig.enableAffectiveDialog", "generationConfig.thinkingConfig",
                    "proactivity",
                ]
                $0.answersWithSilence = true
                $0.fallback = ["gemini-3.1-flash-live-preview"]
                $0.toolBehavior = .nonBlocking
                $0.flushHarms = true
                $0.prices = .flashLive
            }),
        BuiltIn(
            note:
                "3.8 Live extended thinking. A turn may complete while work continues; only "
                + "interactionStatus IDLE ends it. A thinking level is required.",
            profile: Profile(
                family: "gemini-3.8-extended-thinking",
                models: ["gemini-3.8-live-extended-thinking*"]
            ) {
                $0.pause = .silence
                $0.idle = .interactionStatus
                $0.fallback = ["gemini-3.8-live"]
                $0.toolBehavior = .nonBlocking
                $0.removedSetupFields = [
                    "generationConfig.enableAffectiveDialog", "proactivity",
                ]
                $0.answersWithSilence = true
                $0.flushHarms = true
                $0.soft = .seconds(6)
                $0.hard = .seconds(15)
                $0.prices = .flashLive
            }),
        BuiltIn(
            note: "3.5 Live translate. Streams audio without turns, for silence too; neither "
                + "generationComplete nor turnComplete.",
            profile: Profile(
                family: "gemini-3.5-live-translate", models: ["gemini-3.5-live-translate*"]
            ) {
                $0.isContinuous = true
                $0.answersWithSilence = true
                $0.flushHarms = true
                $0.prices = Prices(read: "2026-09-30", audioIn: 3.5, audioOut: 21)
            }),
        BuiltIn(
            note: "3.5 transcribe Live. Text without turns; no usage, no handles.",
            profile: Profile(
                family: "gemini-3.5-transcribe-live", models: ["gemini-3.5-transcribe-live*"]
            ) {
                $0.isContinuous = true
                $0.answersWithSilence = true
                $0.flushHarms = true
                $0.resumes = false
                $0.reportsUsage = false
            }),
    ]

    private init(family: String, models: [String], _ change: (inout Profile) -> Void) {
        self.init()
        self.family = family
        self.models = models
        change(&self)
    }
}

extension Profile.Prices {
    fileprivate static let flashLive = Self(
        read: "2026-10-09", textIn: 0.75, audioIn: 3, imageIn: 1, textOut: 4.5, audioOut: 12)

    fileprivate init(
        read date: String, textIn: Double = 0, audioIn: Double, imageIn: Double = 0,
        textOut: Double = 0, audioOut: Double
    ) {
        self.init()
        self.date = date
        self.textIn = textIn
        self.audioIn = audioIn
        self.imageIn = imageIn
        self.textOut = textOut
        self.audioOut = audioOut
    }
}
