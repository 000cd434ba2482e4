extension Failing {
    // MARK: 6

    static let stalls = [
        Failing(
            "6.1", "silent-freeze-midcall", .recovered, faults: ["silent-freeze", "output-freeze"],
            stalls: [.transcribedOnly, .noOutput, .outputFroze],
            "Nudged, then replayed on another connection, then in a fresh session.",
            .played("silent-freeze"), .played("output-freeze"), .story("stall-nudged"),
            .story("stall-moved"),
            .drawn("an answer that freezes")),
        Failing(
            "6.2", "empty-turn-complete", .recovered, faults: ["empty-turn"], rules: [.emptyTurn],
            stalls: [.emptyTurn],
            "The end is held and the model asked again, then on another connection; the client "
                + "sees one turn. Legal on 3.8, and left alone there.",
            .played("empty-turn"), .story("stall-empty-turn"),
            .story("stall-empty-turn-climbs"),
            .drawn("an empty turn")),
        Failing(
            "6.3", "text-only-1-6-tokens", .recovered, faults: ["text-only"], rules: [.emptyTurn],
            stalls: [.textOnly], "As 6.2.", .played("text-only"),
            .clients("sdk/test_seed_scenarios.py", "test_text_only_with"),
            .drawn("a turn of text only")),
        Failing(
            "6.4", "wedge-after-interrupt", .recovered,
            faults: ["wedge-after-interrupt", "silence-after-cancel"], stalls: [.afterInterrupt],
            "As 6.1.", .played("wedge-after-interrupt"), .story("wedge-after-interrupt"),
            .drawn("an interrupting question that stays mute")),
        Failing(
            "6.5", "zero-output-rest-of-session", .recovered, faults: ["zero-output"],
            stalls: [.wedged, .emptyTurn, .silentRun],
            "The second mute turn in a row moves to another connection, with an earlier handle, "
                + "and then to a fresh session. Legal on 3.8, where it is only shown.",
            .played("zero-output"), .story("phantom-interrupted"), .story("silent-turns-in-a-row"),
            .drawn("a mute connection")),
        Failing(
            "6.6", "duplicate-transcription-then-late-reply", .recovered,
            faults: ["late-again", "late-answer"], stalls: [.transcribedOnly],
            "Nudged; a second answer to the same words is hidden from the client.",
            .played("late-again"), .played("late-answer"), .story("stall-late-answer"),
            .adversary("test_more_inputs", "test_a_slow_model")),
        Failing(
            "6.7", "stall-before-tool-call-with-repeats", .outOfReach, faults: ["call-stall"],
            "The model is still generating and is not nudged; repetition cannot be distinguished "
                + "from intent."),
        Failing(
            "6.8", "blocking-tool-wedge-31", .recovered,
            faults: ["tool-result-ignored", "tool-result-waits"], stalls: [.toolResultIgnored],
            "Nudged, then moved to another connection, where the result is sent as words if "
                + "necessary.",
            .played("tool-result-ignored"), .played("tool-result-waits"),
            .adversary("test_rules", "test_a_result_that_is_ignored_is_noticed")),
        Failing(
            "6.9", "first-reply-never-starts", .recovered, faults: ["first-reply-never"],
            stalls: [.firstReplyNever], "As 6.1.", .played("first-reply-never"),
            .drawn("a first turn without anything")),
        Failing(
            "6.10", "latency-creep", .detected, faults: ["latency-creep"],
            "A histogram records every time to first sound; the stall clocks adapt to it.",
            .swift("SessionsTests/ResponseTimesTests.swift")),
    ]

    // MARK: 7

    static let speech = [
        Failing(
            "7.1", "premature-turn-complete-truncation", .outOfReach, faults: ["truncated"],
            "A short answer cannot be distinguished from half of a longer one."),
        Failing(
            "7.2", "repeated-closing-phrase", .outOfReach, faults: ["repeats-phrase"],
            "The model's choice."),
        Failing(
            "7.3", "double-response", .outOfReach, faults: ["double-reply"],
            "The service's own second answer is forwarded; one caused by a nudge is not.",
            .story("stall-late-answer")),
        Failing(
            "7.4", "double-audio-from-two-fields", .outOfReach,
            "Added by an SDK; messages are forwarded unchanged."),
        Failing(
            "7.5", "thought-leak", .outOfReach, faults: ["thought-leak"],
            "Forwarded unchanged: some programs show thoughts."),
        Failing(
            "7.6", "tool-syntax-spoken", .outOfReach, faults: ["speaks-code"],
            "The model's choice."),
        Failing(
            "7.7", "language-or-accent-switch", .outOfReach, faults: ["wrong-language"],
            "The model's choice."),
        Failing(
            "7.8", "canned-refusal-loop", .outOfReach, faults: ["refusal-loop", "rejected"],
            stalls: [.rejectedRun],
            "A spoken refusal is an answer. Two turns in a row that the service itself marks as "
                + "rejected count as a stall, and move to another connection."),
        Failing(
            "7.9", "degenerate-audio", .outOfReach, faults: ["drone", "silent-audio"],
            stalls: [.silentAudio],
            "A tone cannot be distinguished from other sound. A whole answer of silence is a "
                + "stall, and asked for again."),
        Failing(
            "7.10", "greeting-or-ban-ignored, prompt-recited", .outOfReach, "The model's choice."),
    ]

    // MARK: 8

    static let tools = [
        Failing(
            "8.1", "call-not-made", .outOfReach, faults: ["call-not-made"],
            "The model may be right; only the client knows."),
        Failing(
            "8.2", "tool-call-never-answered", .outOfReach,
            "Some tools take many minutes. The user stays audible: the gate opens after ten "
                + "seconds.",
            .story("tool-gate-expires")),
        Failing(
            "8.3", "response-to-cancelled-call", .prevented, faults: ["silence-after-cancel"],
            "Dropped and counted.", .swift("SimulationTests/SimulationTests.swift"),
            .swift("SessionsTests/CallsAndResultsTests.swift")),
        Failing(
            "8.4", "call-delivered-twice", .prevented, faults: ["call-twice"],
            "The client sees each call id once. A call that arrives among a turn's parts is "
                + "forwarded. A second result for one id is dropped and counted.",
            .played("call-twice"),
            .swift("SessionsTests/CallsAndResultsTests.swift")),
        Failing(
            "8.5", "unnamed-function-response", .outOfReach,
            "Results belong to the client, and are forwarded unchanged."),
        Failing(
            "8.6", "parallel-call-ignored", .outOfReach, "As 8.2."),
        Failing(
            "8.7", "terminal-and-toolcall-in-one-message", .outOfReach, faults: ["call-in-end"],
            "Forwarded unchanged: clients rely on the order."),
        Failing(
            "8.8", "results-narrated, scheduling-stripped", .outOfReach,
            faults: ["narrates-silent"], "The model's choice."),
        Failing(
            "8.9", "schema-rejected", .outOfReach,
            "The schema belongs to the client; the close reaches it with its reason.",
            .story("fatal-close")),
    ]

    // MARK: 9

    static let transcription = [
        Failing(
            "9.1", "input-transcription-stops-30s", .prevented, faults: ["transcript-stops"],
            rules: [.flush], "Long activities are flushed at a pause, on families that need it.",
            .story("flush-at-a-pause"),
            .clients("sdk/test_seed_scenarios.py", "test_transcription_with")),
        Failing(
            "9.2", "transcript-loses-beginning", .outOfReach,
            "The proxy has no speech recogniser to compare with."),
        Failing(
            "9.3", "fabricated-transcript", .outOfReach,
            "The proxy has no speech recogniser; it replays the audio, not the transcript."),
        Failing(
            "9.4", "final-words-missing-on-stop", .outOfReach,
            "A client that closed cannot receive them."),
        Failing(
            "9.5", "finished-flag-absent", .prevented, "Nothing in the proxy depends on it.",
            .healthy),
    ]

    // MARK: 10

    static let usage = [
        Failing(
            "10.1", "usage-details-missing", .prevented, faults: ["bare-usage"],
            "Estimated from the audio, and marked as estimated.",
            .swift("UsageTests/MeterTests.swift")),
        Failing(
            "10.2", "no-server-logs", .prevented, "Every session has a timeline, without audio.",
            .clients("wire/test_reports.py", "test_the_command_line_and_the_api_say_the_same")),
        Failing(
            "10.3", "quota-as-1011", .recovered, faults: ["quota"],
            "Retried after seconds rather than at once; a sibling model may serve meanwhile.",
            .played("quota"),
            .drawn("a setup refused for quota")),
        Failing(
            "10.4", "setup-cost-per-reconnect", .prevented,
            "Resumes before it rebuilds, and limits reconnects.",
            .story("recovery-exhausted")),
        Failing(
            "10.5", "cost-growth", .detected,
            "The ledger has each turn's full prompt; budgets end sessions that cost too much.",
            .swift("UsageTests/TotalsTests.swift"), .story("budget-ends-after-the-turn")),
    ]

    // MARK: 11

    static let doors = [
        Failing(
            "11.1", "model-not-found-or-retired", .recovered, faults: ["retired-model"],
            "Its sibling takes over if `models.fallback` names one; otherwise the client gets the "
                + "close.",
            .played("retired-model"), .story("fallback-retired-model"),
            .clients("wire/test_breaker.py", "test_a_model_that_is_gone_is_left_at_once"),
            .adversary("test_recovered", "test_a_model_that_is_gone_has_a_sibling")),
        Failing(
            "11.2", "setup-field-kills-session", .prevented,
            faults: ["field-kills-setup", "slow-setup"], rules: [.setupFields],
            stalls: [.setupUnanswered],
            "Fields known to break the family are removed; an unanswered setup is retried.",
            .story("setup-fields"), .story("setup-unanswered"), .played("slow-setup")),
        Failing(
            "11.3", "ephemeral-token-errors", .prevented, faults: ["refuse-upgrade"],
            "Clients' tokens are turnkeeper's own; the status of a refusal is passed on.",
            .clients(
                "wire/test_client_tokens.py", "test_the_sdk_mints_a_token_and_connects_with_it"),
            .clients("wire/test_upgrade.py", "test_refusal_of_the_upgrade_is_passed_on")),
        Failing(
            "11.4", "vertex-endpoint-mismatch, oauth-stall", .prevented,
            "Tokens are fetched before they expire, and never block other sessions.",
            .clients("wire/test_vertex.py", "test_tokens_are_refreshed_before_they_expire"),
            .clients("wire/test_vertex.py", "test_a_slow_token_server_slows_nobody_else")),
        Failing(
            "11.5", "version-or-region-missing", .outOfReach,
            "The region is part of the upstream's URL; the close is forwarded unchanged.",
            .story("fatal-close")),
    ]
}

extension Failing {
    // MARK: 12

    /// Defects of clients' libraries; the catalogue gives them no numbers.
    static let clients = [
        Failing(
            "12", "handle-after-receive-ends", .prevented,
            "The proxy keeps handles, whether or not the client reads them.",
            .clients("wire/test_parking.py", "test_by_the_sessions_name_and_secret")),
        Failing(
            "12", "goaway-swallowed", .recovered, faults: ["go-away"], rules: [.goAway],
            "As 4.3.", .played("go-away"),
            .drawn("goAway in an idle session")),
        Failing(
            "12", "reconnect-forces-transparent", .prevented, rules: [.setupFields], "As 5.6.",
            .story("setup-fields")),
        Failing(
            "12", "fake-handle", .outOfReach,
            "A handle that is not ours is forwarded, and the service refuses it.",
            .story("return-googles-own")),
        Failing(
            "12", "ready-flag-lost", .prevented, faults: ["internal-error"],
            "The client does not see reconnects: it gets one `setupComplete`.",
            .played("internal-error")),
        Failing(
            "12", "interrupt-state-stuck", .recovered, faults: ["interrupt-unfinished"],
            "`interrupted` is followed by its `turnComplete` within three seconds.",
            .played("interrupt-unfinished"), .story("interrupt-without-end"),
            .adversary("test_recovered", "test_an_interruption_without_its_end")),
        Failing(
            "12", "busy-after-interrupt", .prevented, "The service's order is kept.",
            .story("barge-in")),
        Failing(
            "12", "interrupted-ignored", .outOfReach, "Playback is up to the client."),
        Failing(
            "12", "deprecated-media-chunks", .outOfReach,
            "Forwarded unchanged; the service's close says what to use."),
        Failing(
            "12", "empty-servercontent-as-turn", .outOfReach, "Messages are forwarded unchanged."),
        Failing(
            "12", "isclosed-wrong", .prevented, "Closes are forwarded at once.",
            .clients("wire/test_closes.py", "test_nothing_is_sent_behind_a_close")),
        Failing(
            "12", "firebase-audio-not-consistent", .outOfReach,
            "The close reaches the client with its reason.", .story("fatal-close")),
        Failing(
            "12", "video-too-fast", .outOfReach,
            "Frames are forwarded as they arrive, up to the limit on messages per second."),
    ]
}
