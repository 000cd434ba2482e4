import Basics

extension FaultPlan.Option: ExpressibleByStringLiteral {
    /// `key: value`, as in a file.
    public init(stringLiteral text: String) {
        let halves = text.split(separator: ":", maxSplits: 1)
        key = String(halves.first ?? "")
        value = String((halves.count > 1 ? halves[1] : "").drop { $0 == " " })
    }
}

// The reports, in chronological order, each with what was observed.
extension Story {
    /// Report 000, failure B: the candidate stops talking, the track delivers no more frames, the
    /// end is never sent, and 10 to 12 s later the keepalive gives up.
    static func deadTrack(_ pace: Pace) -> Story {
        Story(
            scenario: pace.scenario([("deaf-turn", ["after: 5s"])]),
            title: "The microphone's track dies inside an activity, and its end is never sent.",
            symptom: "no answer; the client's keepalive times out (1011)",
            model: "gemini-2.5-flash-native-audio-preview-12-2025", isManual: true,
            steps: [
                .type("Please greet the candidate."), .awaitAnswer(.seconds(8)),
                .speakUntilTrackDies(1), .awaitAnswer(.seconds(12)),
            ])
    }

    /// Report 000, failure A: the end is sent, but there is no answer; pings go unanswered, too.
    static func endIgnored(_ pace: Pace) -> Story {
        Story(
            scenario: pace.scenario([
                ("end-ignored", ["turns: 2", "total: 1", "deaf: true"])
            ]),
            title: "The end of the user's activity is ignored.",
            symptom: "no answer; the client's keepalive times out (1011)",
            model: "gemini-2.5-flash-native-audio-preview-12-2025", isManual: true,
            steps: [
                .type("Please greet the candidate."), .awaitAnswer(.seconds(8)),
                // Nudged after 4 s, and given up 14 s after that: a slow model has answered by then.
                .speak(0), .awaitAnswer(.seconds(30)),
                .speak(1), .awaitAnswer(.seconds(8)),
            ])
    }

    /// Report 001, issue 1: a full answer, two seconds of background noise, ten of silence, two
    /// unanswered hellos.
    static func noiseBurst(_ pace: Pace) -> Story {
        Story(
            scenario: pace.scenario([("noise-wait", ["lasts: 2"])]),
            title: "A burst of noise after the user's answer makes the examiner wait for more.",
            symptom: "silence for more than ten seconds, through two hellos",
            model: "gemini-3.1-flash-live-preview", isManual: true,
            steps: [
                .speak(0), .awaitAnswer(.seconds(8)),
                .speak(1), .noise(.milliseconds(1500)), .awaitAnswer(.seconds(10)),
                .speak(3), .awaitAnswer(.seconds(8)),
            ])
    }

    /// Report 001, the first reply: turn 1 succeeds, then the microphone is muted while the model
    /// speaks, and turn 2 is not heard.
    static func turnTwoDies(_ pace: Pace) -> Story {
        Story(
            scenario: pace.scenario([
                ("stuck-detector", ["pause: 1800ms", "deaf_after: 20s"])
            ]),
            title: "The first turn is answered; after the microphone pauses, no other turn is.",
            symptom: "the second turn is never answered",
            model: "gemini-3.1-flash-live-preview", isManual: false,
            steps: [
                .speak(0), .awaitAnswer(.seconds(8)), .pause(.milliseconds(2500)),
                .speak(1), .awaitAnswer(.seconds(8)),
                .pause(.milliseconds(2500)), .speak(3), .awaitAnswer(.seconds(8)),
            ])
    }

    /// Report 001, the third reply: one to six tokens of text, no audio, for one to three turns,
    /// while transcripts continue.
    static func textOnly(_ pace: Pace) -> Story {
        Story(
            scenario: pace.scenario([("text-only", ["turns: 2", "total: 1", "lasts: 2"])]),
            title: "Turns complete with a few tokens of text and no sound.",
            symptom: "two turns without a sound",
            model: "gemini-live-2.5-flash-native-audio", isManual: false,
            steps: [
                .speak(0), .awaitAnswer(.seconds(8)),
                .speak(1), .awaitAnswer(.seconds(8)),
                .speak(3), .awaitAnswer(.seconds(8)),
            ])
    }

    private static let alias = "gemini-2.5-flash-native-audio-latest"
    private static let regressed: FaultPlan.Option = """
        models: gemini-2.5-flash-native-audio-latest \
        gemini-2.5-flash-native-audio-preview-12-2025
        """

    /// Report 002: with one alias, eight or nine of ten turns end in 1011 before any output; a
    /// retry with the handle is answered, as before that day.
    static func aliasStorm(_ pace: Pace) -> Story {
        Story(
            scenario: pace.scenario([
                ("internal-error", ["probability: 0.85", "attempts: 1", regressed])
            ]),
            title: "85 % of first attempts are closed with 1011 before any output.",
            symptom: "closed with 1011, nothing said",
            model: alias, isManual: true,
            steps: (1...5).flatMap { number in
                [
                    ClientStep.type("What is the resource limit of item \(number)?"),
                    .awaitAnswer(.seconds(10)),
                ]
            })
    }

    /// The same on its worst day: no retry helps, but the sibling from September works.
    static func aliasDown(_ pace: Pace) -> Story {
        Story(
            scenario: pace.scenario([("internal-error", [regressed])]),
            title: "Every turn of an alias is closed with 1011; its sibling works.",
            symptom: "closed with 1011, nothing said",
            model: alias, isManual: true,
            policy: """
                models: { fallback: { \(alias): gemini-2.5-flash-native-audio-preview-09-2025 } }
                """,
            steps: [
                // Thirty attempts, a second apart, before the sibling is asked.
                .type("What is the resource limit?"), .awaitAnswer(.seconds(45)),
                .type("And of the next one?"), .awaitAnswer(.seconds(10)),
            ])
    }

    /// Report 003, issue 1: goAway after nine minutes, and 1011 when its time is up.
    static func tenMinutes(_ pace: Pace) -> Story {
        Story(
            scenario: pace.scenario([
                (
                    "go-away",
                    [
                        "after: 540s", "time_left: 50s", "code: 1011", "total: 1",
                        "reason: Thread was cancelled when writing StartStep status to channel.; Failed to close the streaming context; status = CANCELLED:",
                    ]
                )
            ]),
            title: "After ten minutes the connection ends, whatever is being said.",
            symptom: "closed with 1011 in the middle of the session",
            model: "gemini-2.5-flash-native-audio-preview-12-2025", isManual: true,
            steps: (0..<10).flatMap { turn in
                [
                    ClientStep.speak(turn % 2), .awaitAnswer(.seconds(10)),
                    .pause(pace.seconds(60)),
                ]
            })
    }

    /// Report 003, issue 4: the transcript of a long speech stops after thirty seconds.
    static func transcription(_ pace: Pace) -> Story {
        var scenario = pace.scenario([("transcript-stops", ["after: 30s"])])
        scenario.dictates = true
        return Story(
            scenario: scenario,
            title: "The transcript of a long speech stops after thirty seconds.",
            symptom: "a quarter of the transcript",
            model: "gemini-2.5-flash-native-audio-preview-12-2025", isManual: true,
            policy: "turns: { flush: \(pace.written(15, least: 1)) }",
            steps: [.dictate(pace.seconds(120)), .awaitAnswer(.seconds(10))])
    }

    /// Report 004: `interrupted` right after the greeting although nobody spoke, and then no audio
    /// for the rest of the session.
    static func phantomInterrupt(_ pace: Pace) -> Story {
        Story(
            scenario: pace.scenario([
                ("phantom-interrupt", ["turns: 1", "total: 1", "wedge: true"])
            ]),
            title: "interrupted arrives although nobody spoke; the model is mute from then on.",
            symptom: "three utterances are transcribed and get no answer",
            model: "gemini-2.5-flash-native-audio-preview-09-2025", isManual: false,
            steps: [
                .type("Please greet the caller."), .awaitAnswer(.seconds(8)),
                .pause(.seconds(4)),
                .speak(0), .awaitAnswer(.seconds(8)),
                .speak(1), .awaitAnswer(.seconds(8)),
                .speak(3), .awaitAnswer(.seconds(8)),
            ])
    }
}
