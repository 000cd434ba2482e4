import Basics

extension Profile {
    /// Every key of a family in `models.yaml`, in the order of the reference.
    public static let schema = Schema<Profile>(formKeys + clockKeys + rateKeys)

    private static let formKeys: [Setting<Profile>] = [
        Setting(
            "models", \.models, .list(of: .modelPattern, "model patterns", atLeast: 1),
            "The family's model ids; a trailing * matches any ending. The longest pattern wins.",
            example: "models: [\"gemini-4.0-live*\"]", isOwn: true),
        Setting(
            "pause", \.pause, .word, "How an automatic-VAD pause is ended.",
            example: "pause: silence"),
        Setting(
            "nudge", \.nudge, .word, "How a mute model is asked to speak.",
            example: "nudge: client_content"),
        Setting(
            "idle", \.idle, .word, "The sign that the model has finished its work.",
            example: "idle: interaction_status"),
        Setting(
            "seed", \.contextForm, .word,
            "How a conversation is put into a fresh session: as initial history, or as content "
                + "that ends with a user turn.",
            example: "seed: user_turn"),
        Setting(
            "removed_setup_fields", \.removedSetupFields, .list(of: .wirePath, "fields"),
            "Setup fields that break the family, as wire paths.",
            example: "removed_setup_fields: [proactivity]"),
        Setting(
            "rejects_null_handle", \.rejectsNullHandle, .flag,
            "sessionResumption.handle: null closes the connection.",
            example: "rejects_null_handle: false"),
        Setting(
            "rejects_transparent_off_vertex", \.rejectsTransparentOffVertex, .flag,
            "sessionResumption.transparent closes the connection unless the path is one of Vertex.",
            example: "rejects_transparent_off_vertex: false"),
        Setting(
            "resumes", \.resumes, .flag, "Issues resumption handles on request.",
            example: "resumes: false"),
        Setting(
            "reports_usage", \.reportsUsage, .flag,
            "Sends usageMetadata; otherwise usage is estimated.", example: "reports_usage: false"),
        Setting(
            "rejects_client_content", \.rejectsClientContent, .flag,
            "clientContent after the first model turn closes the connection.",
            example: "rejects_client_content: true"),
        Setting(
            "gates_input_during_tools", \.gatesInputDuringTools, .flag,
            "Real-time input during an open tool call closes the connection.",
            example: "gates_input_during_tools: true"),
        Setting(
            "ends_turn_at_call", \.endsTurnAtCall, .flag,
            "A call that waits for its result ends a turn; what the result leads to is one of its own.",
            example: "ends_turn_at_call: true"),
        Setting(
            "is_continuous", \.isContinuous, .flag,
            "Answers without turns; every turn-based rule is off.", example: "is_continuous: true"
        ),
        Setting(
            "answers_with_silence", \.answersWithSilence, .flag,
            "Silence is a legal answer: a turn still mute after its nudges ends as silent.",
            example: "answers_with_silence: true"),
        Setting(
            "fallback", \.fallback, .list(of: .model, "models"),
            "Models that may replace a failing one of this family, in order.",
            example: "fallback: [gemini-3.8-live]"),
        Setting(
            "tool_behavior", \.toolBehavior, .word,
            "How functions are called that declare no behavior.",
            example: "tool_behavior: non_blocking"),
        Setting(
            "continue_text", \.continueText, .text(limit: 1000),
            "The request to continue a cut reply; {words} stands for its last words.",
            example: "continue_text: \"Please go on after: {words}\""),
        Setting(
            "burst", \.burst, .duration(.seconds(1) ... .seconds(600)),
            "How much audio it accepts at once; further ahead of real time the connection is "
                + "closed.", example: "burst: 30s"),
        Setting(
            "flush", \.flush, .optional(.duration(.seconds(5) ... .seconds(300))),
            "Transcription of long speech stops unless flushed this often. null: it does not stop.",
            example: "flush: 15s"),
        Setting(
            "flush_harms", \.flushHarms, .flag,
            "A flush ends the turn: flushes that clients send are swallowed.",
            example: "flush_harms: true"),
    ]

    private static let clockKeys: [Setting<Profile>] = [
        Setting(
            "soft", \.soft, .duration(.milliseconds(500) ... .seconds(300)),
            "Time from the end of the user's input, without a sign of an answer, to a nudge.",
            example: "soft: 6s"),
        Setting(
            "hard", \.hard, .duration(.seconds(1) ... .seconds(600)),
            "The same, to a new connection.", example: "hard: 15s"),
        Setting(
            "thinking_soft", \.thinkingSoft,
            .optional(.duration(.milliseconds(500) ... .seconds(300))),
            "soft, if the setup asks for a thinking level of medium or high. null: soft.",
            example: "thinking_soft: 6s"),
        Setting(
            "thinking_hard", \.thinkingHard, .optional(.duration(.seconds(1) ... .seconds(600))),
            "hard, if the setup asks for a thinking level of medium or high. null: hard.",
            example: "thinking_hard: 12s"),
    ]

    private static let rateKeys: [Setting<Profile>] = [
        Setting(
            "tokens_per_second_in", \.tokensPerSecondIn, .decimal(0...1000, "tokens"),
            "Tokens billed per second of the user's audio.",
            example: "tokens_per_second_in: 32"),
        Setting(
            "tokens_per_second_out", \.tokensPerSecondOut, .decimal(0...1000, "tokens"),
            "Tokens billed per second of the model's audio.",
            example: "tokens_per_second_out: 32"),
        Setting(
            "prices", \.hasPrices, .keys(orWord: "null"),
            "US dollars per million tokens. null: unknown, nothing is priced.",
            example: "prices: null"),
        Setting(
            "prices.date", \.priceValues.date, .date, "When the prices were read.",
            example: "prices: { date: 2026-10-09 }", when: { $0.hasPrices }),
        price("text_in", \.priceValues.textIn, "Text the model reads."),
        price("audio_in", \.priceValues.audioIn, "Audio the model hears."),
        price("image_in", \.priceValues.imageIn, "Images and video the model sees."),
        price("text_out", \.priceValues.textOut, "Text it writes, transcripts included."),
        price("audio_out", \.priceValues.audioOut, "Audio it speaks, thinking included."),
    ]

    private static func price(
        _ key: String, _ value: any WritableKeyPath<Profile, Double> & Sendable, _ meaning: String
    ) -> Setting<Profile> {
        Setting(
            "prices.\(key)", value, .decimal(0...10_000, "US dollars"), meaning,
            example: "prices: { date: 2026-10-09, \(key): 0.75 }", when: { $0.hasPrices })
    }

    var hasPrices: Bool {
        get { prices != nil }
        set { prices = newValue ? priceValues : nil }
    }
    var priceValues: Prices {
        get { prices ?? Prices() }
        set { prices = newValue }
    }
}
