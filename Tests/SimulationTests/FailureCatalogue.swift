import Policies
import Sessions

/// What becomes of each failure of the catalogue (entry by entry, under its own number), and which
/// test shows it. `docs/FAILURES.md` is made of this.
struct Failing {
    enum Fate: String, CaseIterable {
        case prevented, recovered, detected
        case outOfReach = "out of reach"
        case notYet = "not yet"
    }

    /// A test. What it names must exist.
    enum Evidence {
        /// `SceneTests`: the same conversation, healthy and sick.
        case played(String)
        /// A transcript in `Tests/SessionsTests/Stories`.
        case story(String)
        /// Over real sockets: a file below `Tests/Clients`, and a test in it.
        case clients(String, String)
        /// The same, by the adversary: a file of `Tests/Adversary`, and a test in it.
        case adversary(String, String)
        /// By the adversary's random plans: a kind of trouble in `adversary/kinds.py`.
        case drawn(String)
        /// By a plan in `Tests/Adversary/kept`.
        case kept(String)
        /// A file below `Tests`.
        case swift(String)
        /// Healthy sessions of every model, which nothing may be done to.
        case healthy
    }

    var number: String
    var title: String
    var fate: Fate
    /// Faults of the simulated service that show it.
    var faults: [String] = []
    var rules: [Rule] = []
    var stalls: [Stall] = []
    var what: String
    var evidence: [Evidence] = []

    init(
        _ number: String, _ title: String, _ fate: Fate, faults: [String] = [],
        rules: [Rule] = [], stalls: [Stall] = [], _ what: String, _ evidence: Evidence...
    ) {
        self.number = number
        self.title = title
        self.fate = fate
        self.faults = faults
        self.rules = rules
        self.stalls = stalls
        self.what = what
        self.evidence = evidence
    }

    static let groups: [(title: String, entries: [Failing])] = [
        ("1. Ordering and turn boundary", boundaries), ("2. Detection and audio flow", hearing),
        ("3. Keepalive and transport", transport), ("4. Server errors and disconnects", closes),
        ("5. Resumption and context", resumption), ("6. Stalls and wedges", stalls),
        ("7. Output defects", speech), ("8. Tool calling", tools),
        ("9. Transcription", transcription), ("10. Usage, cost, quota", usage),
        ("11. Authentication and setup", doors), ("12. Defects of clients' libraries", clients),
        ("16. Met since", metSince),
    ]

    // MARK: 1

    static let boundaries = [
        Failing(
            "1.1", "audio-leaks-after-activity-end", .prevented, rules: [.audioOutsideActivity],
            "Audio after `activityEnd` is not forwarded.",
            .story("audio-leaks-after-activity-end"),
            .clients("sdk/test_google_genai.py", "test_audio_leaks_after_activity_end")),
        Failing(
            "1.2", "audio-before-activity-start", .prevented, rules: [.audioOutsideActivity],
            "Audio before `activityStart` is not forwarded; `turns.lead_in` keeps the end of it.",
            .story("audio-before-activity-start"), .story("lead-in")),
        Failing(
            "1.3", "input-before-setup-complete", .prevented, faults: ["slow-setup"],
            rules: [.earlyInput], "Held, then released in order.",
            .story("input-before-setup-complete"), .played("slow-setup"),
            .clients(
                "wire/test_bad_clients.py",
                "test_input_before_setup_complete_is_held_and_then_released_in_order")),
        Failing(
            "1.4", "activity-end-never-sent", .prevented, faults: ["deaf-turn"], rules: [.deadAir],
            "The proxy ends the activity; audio that returns opens a new one, and within five seconds "
                + "both are one question with one end.",
            .story("dead-track"), .story("dead-track-comes-back"),
            .story("stutter-in-mid-utterance"),
            .clients("sdk/test_seed_scenarios.py", "test_dead_track_with")),
        Failing(
            "1.5", "activity-end-ignored", .recovered, faults: ["end-ignored"],
            stalls: [.noOutput, .transcribedOnly],
            "Nudged, then replayed on another connection. In automatic detection only if the words "
                + "were transcribed.",
            .played("end-ignored"), .story("stall-nudged"), .story("stall-moved"),
            .clients("sdk/test_seed_scenarios.py", "test_end_ignored_with"),
            .drawn("a turn without anything")),
        Failing(
            "1.6", "noise-burst-wait-state", .recovered, faults: ["noise-wait"],
            rules: [.noiseHold], stalls: [.noOutput],
            "Nudged; with `turns.noise_hold` the noise never reaches gemini.",
            .clients("sdk/test_seed_scenarios.py", "test_noise_burst_with"),
            .story("noise-hold-swallows-noise"), .swift("EndToEndTests/VoiceTests.swift")),
        Failing(
            "1.7", "interim-flush-ends-turn", .prevented, rules: [.flush],
            "On families that answer a flush, an end followed at once by a start is swallowed.",
            .story("flush-pair-swallowed"), .swift("EndToEndTests/VoiceTests.swift")),
        Failing(
            "1.8", "audio-stream-end-in-manual-mode", .prevented, rules: [.streamEndInManual],
            "Dropped.", .story("stream-end-in-manual"),
            .clients("sdk/test_google_genai.py", "test_stream_end_in_manual_detection")),
        Failing(
            "1.9", "audio-stream-end-missing", .prevented, faults: ["stuck-detector"],
            rules: [.streamEndOnPause],
            "The proxy sends `audioStreamEnd` when the microphone pauses.",
            .story("stream-end-on-pause"),
            .clients("sdk/test_seed_scenarios.py", "test_turn_two_dies_with")),
        Failing(
            "1.10", "audio-stream-end-not-a-turn-end-38", .prevented, rules: [.streamEndOnPause],
            "Families that need to hear silence are sent silence, in real time.",
            .story("pause-on-3.8-is-silence")),
        Failing(
            "1.11", "mid-sentence-pause-closes-turn", .outOfReach, faults: ["early-end"],
            "The service's own detector decides. If the turn is then left unanswered, it is nudged."
        ),
        Failing(
            "1.12", "premature-reply-before-user-finished", .outOfReach, faults: ["unasked-reply"],
            "The model's choice. The ledger records a turn without input."),
        Failing(
            "1.13", "text-injection-interrupts-or-ignored", .recovered, faults: ["text-ignored"],
            stalls: [.noOutput, .firstReplyNever],
            "Ignored text is nudged, then replayed on another connection. That content interrupts "
                + "the model is part of the protocol, and unchanged.",
            .played("text-ignored"), .story("stall-nudged"),
            .adversary("test_more_inputs", "test_a_mute_connection")),
        Failing(
            "1.14", "history-seed-stalls-3x", .recovered, faults: ["tool-result-waits"],
            stalls: [.toolResultIgnored], "A blank text wakes the model.",
            .played("tool-result-waits"),
            .adversary("test_more_inputs", "test_a_mute_turn_after_a_result")),
    ]

    // MARK: 2

    static let hearing = [
        Failing(
            "2.1", "phantom-interrupted", .recovered, faults: ["phantom-interrupt"],
            rules: [.phantomInterrupted], stalls: [.wedged],
            "Hidden from the client; the next empty turn confirms it, and an earlier handle is "
                + "resumed. On 3.8 it cannot be distinguished from legal silence.",
            .played("phantom-interrupt"), .story("phantom-interrupted"),
            .clients("sdk/test_seed_scenarios.py", "test_phantom_interrupt_with"),
            .drawn("a phantom interrupted")),
        Failing(
            "2.2", "echo-self-interruption", .outOfReach,
            "The echo arises at the user's loudspeaker."),
        Failing(
            "2.3", "greeting-cut-by-hello", .outOfReach,
            "The caller's hello is ordinary speech; holding it would delay every caller."),
        Failing(
            "2.4", "vad-settings-not-honoured", .outOfReach, faults: ["late-end", "early-end"],
            "The service's own detector decides; use manual detection instead."),
        Failing(
            "2.5", "turn-kept-open-by-line-noise", .outOfReach, faults: ["late-end"],
            "The service's own detector decides; use manual detection instead."),
        Failing(
            "2.6", "continuous-model-never-ends-turn", .prevented,
            "Families without turns get no stall watch, nudge or replay.", .healthy),
        Failing(
            "2.7", "bursty-or-slower-than-realtime-output", .outOfReach, faults: ["slow-output"],
            "Forwarded as it arrives: a jitter buffer would delay everybody. An answer that stops "
                + "for good is `output-freeze`."),
        Failing(
            "2.8", "wrong-rate-or-format", .outOfReach,
            "What the client declares is forwarded unchanged."),
        Failing(
            "2.9", "faster-than-realtime-input", .outOfReach,
            "Forwarded as it arrives, up to the limit on messages per second."),
        Failing(
            "2.10", "repeats-itself-unprompted", .outOfReach, faults: ["repeats-unasked"],
            "The model's choice. The ledger records a turn without input."),
    ]

    // MARK: 3

    static let transport = [
        Failing(
            "3.1", "keepalive-ping-timeout", .prevented,
            faults: ["pong-lag", "deaf-turn", "freeze", "mute-socket"], rules: [.keepalive],
            "The proxy answers clients' pings at once; gemini is considered dead, and replaced, only "
                + "after `upstream.dead`, or when its host acknowledges nothing for three seconds.",
            .clients("wire/test_keepalive.py", "test_client_stays_while_gemini_is_frozen"),
            .clients(
                "wire/test_keepalive.py",
                "test_a_host_that_vanished_is_noticed_by_what_it_does_not_acknowledge"),
            .played("mute-socket"), .played("freeze")),
        Failing(
            "3.2", "receive-loop-blocked-or-ends", .detected,
            "gemini is throttled, and a client that never reads is closed with 1013.",
            .story("slow-client"),
            .clients("wire/test_bad_clients.py", "test_client_that_never_reads")),
        Failing(
            "3.3", "intermediate-idle-reap", .recovered, faults: ["idle-reap", "age-limit"],
            rules: [.keepalive],
            "Both legs are pinged; a connection that is reaped anyway is replaced.",
            .played("idle-reap"), .played("age-limit"),
            .drawn("a close in an idle session")),
        Failing(
            "3.4", "close-not-relayed", .prevented,
            "A close that cannot be recovered from reaches the client at once, with its reason "
                + "truncated to fit.",
            .story("gemini-closes"), .story("fatal-close"),
            .clients("wire/test_closes.py", "test_closes_of_gemini_reach_the_client")),
        Failing(
            "3.5", "binary-vs-text-frames", .prevented, faults: ["text-frames"],
            "Every message keeps its opcode; both kinds are understood.",
            .clients("wire/test_messages.py", "test_every_size_both_ways_and_both_kinds")),
        Failing(
            "3.6", "cellular-handoff-cascade", .recovered,
            "gemini's side waits `client.park` for the client, which then receives what it missed.",
            .story("park-and-return"),
            .clients("wire/test_parking.py", "test_the_rest_of_an_answer_waits"),
            .clients("sdk/test_google_genai.py", "test_a_dropped_call_goes_on"),
            .drawn("a client that returns")),
    ]

    // MARK: 4

    static let closes = [
        Failing(
            "4.1", "alias-regression-1011", .recovered, faults: ["internal-error"],
            "Resumed and asked again; if a model fails for several sessions, new ones use its "
                + "sibling until it works again.",
            .played("internal-error"), .story("fallback-new-session"),
            .swift("SessionsTests/BreakerTests.swift"),
            .clients("sdk/test_seed_scenarios.py", "test_alias_storm_with"),
            .clients("sdk/test_bad_day.py", "test_eighty_five_of_a_hundred_first_attempts_die"),
            .clients("sdk/test_seed_scenarios.py", "test_alias_down_with"),
            .drawn("a storm of closes")),
        Failing(
            "4.2", "sporadic-1011-mid-turn", .recovered,
            faults: ["internal-error", "cut-reply", "vanish"],
            "Resumed at once, then with increasing delays, then rebuilt. A cut reply continues, or "
                + "starts again, in the same turn.",
            .played("internal-error"), .played("cut-reply"), .played("vanish"),
            .story("recovery-1011-before-output"), .story("recovery-cut-reply"),
            .drawn("a close in the answer"),
            .drawn("a connection reset")),
        Failing(
            "4.3", "goaway-then-hard-close", .recovered, faults: ["go-away"], rules: [.goAway],
            "Hidden; another connection takes over between turns, on a local timer.",
            .played("go-away"), .story("recovery-goaway"),
            .clients("sdk/test_seed_scenarios.py", "test_ten_minutes_with"),
            .clients("sdk/test_bad_day.py", "test_talking_on_through_many_go_aways"),
            .drawn("goAway in an idle session"),
            .drawn("goAway in the user's speech")),
        Failing(
            "4.4", "goaway-then-silence", .recovered, faults: ["go-away-silence"], rules: [.goAway],
            "As 4.3: the timer needs nothing from gemini.", .played("go-away-silence"),
            .adversary("test_recovered", "test_a_connection_that_falls_silent_after_goaway")),
        Failing(
            "4.5", "1008-input-during-tool-call", .recovered,
            faults: ["input-during-call", "call-close"], rules: [.toolGate],
            "On families that close on it, input waits for the tool; if gemini closes anyway, the "
                + "session recovers.",
            .played("call-close"), .story("tool-gate-holds-input"),
            .story("gated-tools-2.5"),
            .drawn("a close in a call")),
        Failing(
            "4.6", "1008-or-1011-after-tool-response", .recovered, faults: ["after-tool-close"],
            "Resumed, and the result is sent again; as words if its call is unknown there.",
            .played("after-tool-close"), .story("recovery-tool-result-late"),
            .drawn("a close after a result")),
        Failing(
            "4.7", "1007-after-tool-response", .outOfReach,
            "Results belong to the client: their shape is forwarded unchanged, and so is the close."
        ),
        Failing(
            "4.8", "resource-exhausted-1011", .recovered, faults: ["quota"],
            "As 10.3.", .played("quota"),
            .drawn("a setup refused for quota")),
        Failing(
            "4.9", "temperature-zero-runaway", .outOfReach,
            "A client setting that is legal elsewhere."),
        Failing(
            "4.10", "clean-close-mid-session", .recovered, faults: ["clean-close"],
            "Any close the client did not ask for starts a recovery, whatever its code.",
            .played("clean-close"),
            .drawn("a close with 1000")),
    ]

    // MARK: 5

    static let resumption = [
        Failing(
            "5.1", "empty-resumption-update", .recovered, faults: ["empty-update"],
            "Empty updates never replace a handle.", .played("empty-update, internal-error"),
            .adversary("test_recovered", "test_an_update_without_a_handle_takes_none_away")),
        Failing(
            "5.2", "no-handle-yet", .recovered, faults: ["no-handle"],
            "A fresh session is told the conversation so far, in its family's form.",
            .played("no-handle, internal-error"), .story("rebuild-2.5"), .story("rebuild-3.1"),
            .story("recovery-first-turn"),
            .drawn("no handles")),
        Failing(
            "5.3", "resume-rejected-while-old-socket-open", .recovered,
            faults: ["lingering-session"],
            "The old connection is closed before the new one is set up; a refusal is retried.",
            .played("lingering-session, internal-error"), .story("recovery-goaway"),
            .drawn("goAway in an idle session")),
        Failing(
            "5.4", "reseed-after-resume-1007-storm", .recovered, faults: ["foreign-handle"],
            "Only fresh sessions get history; a handle whose setup fails is dropped at once.",
            .played("foreign-handle, internal-error"), .story("rebuild-3.1"),
            .drawn("a refused handle")),
        Failing(
            "5.5", "handle-null-rejected", .prevented, rules: [.setupFields], "Removed.",
            .story("null-handle")),
        Failing(
            "5.6", "transparent-flag-not-supported", .prevented, rules: [.setupFields],
            "Removed, except on Vertex.", .story("setup-fields")),
        Failing(
            "5.7", "long-prompt-breaks-resumption", .detected, faults: ["forgotten-resume"],
            stalls: [.forgotten],
            "Detected by the prompt's audio tokens or a repeated greeting, and the model is told "
                + "the conversation again; the turn in which it shows is not taken back.",
            .swift("SimulationTests/SceneTests.swift")),
        Failing(
            "5.8", "silent-context-collapse", .detected, faults: ["context-collapse"],
            stalls: [.forgotten],
            "As 5.7.", .swift("SimulationTests/SceneTests.swift")),
        Failing(
            "5.9", "stale-handle-forgets-last-turn", .recovered, faults: ["stale-handle"],
            "The proxy knows what a handle covers and replays the rest.",
            .played("stale-handle, internal-error"), .story("recovery-1011-before-output"),
            .kept("told-what-the-handle-lacks")),
        Failing(
            "5.10", "replay-regenerates-old-speech", .prevented, faults: ["resume-repeats"],
            "Only unanswered input is replayed, and a reply to a seed is hidden from the client.",
            .story("recovery-goaway"), .story("rebuild-2.5")),
        Failing(
            "5.11", "input-dropped-while-reconnecting", .recovered,
            faults: ["clean-close", "lost-call", "call-again"],
            "Input and tool results wait for the new connection; a call the model repeats is "
                + "recognised.",
            .played("clean-close"), .played("lost-call, call-close"),
            .played("call-again, call-close"), .story("recovery-tool-made-again"),
            .drawn("a close in the user's speech")),
        Failing(
            "5.12", "handle-lifetime-and-token-mismatch", .recovered,
            faults: ["dead-handle", "poisoned-handle"],
            "A handle that is refused, or fails twice, is dropped; the conversation is rebuilt.",
            .played("dead-handle, internal-error"), .played("poisoned-handle, internal-error"),
            .clients("wire/test_parking.py", "test_rebuilt_where_gemini_forgot"),
            .clients("wire/test_client_tokens.py", "test_a_resumed_session_is_no_use"),
            .drawn("a refused handle")),
        Failing(
            "5.13", "compression-off-context-limit", .recovered, faults: ["context-limit"],
            "Recovered like any other close; configuring the window is up to the client.",
            .played("context-limit"),
            .drawn("a close before the answer")),
        Failing(
            "5.14", "compression-side-effects", .outOfReach,
            "Never added by the proxy; the ledger has the prompt's tokens, turn by turn.",
            .swift("UsageTests/MeterTests.swift")),
        Failing(
            "5.15", "system-instruction-update-ignored", .outOfReach,
            "Forwarded unchanged; whether the model obeys it cannot be observed."),
    ]
}
