import Policies
import Sessions

extension Failing {
    // MARK: 16

    /// Kinds of failure that the first twelve groups lack.
    static let metSince = [
        Failing(
            "16.1", "streamed-call-arguments", .prevented, faults: ["streamed-call"],
            "Every piece reaches the client; a call that is made again in pieces is recognised "
                + "once it is whole.",
            .story("streamed-call-made-again"), .story("streamed-call-is-another"),
            .adversary("test_rules.py", "test_a_call_in_several_messages_is_one_call")),
        Failing(
            "16.2", "rider-lost", .notYet, faults: ["riders"],
            "Edits change only the bytes they mean. Fields that arrive with a held or hidden end "
                + "are lost."),
        Failing(
            "16.3", "late-turn-complete", .prevented, faults: ["late-end-of-turn"],
            "A late end and its usage reach the client, once.",
            .adversary("test_small_inputs.py", "test_usage_of_a_late_turn_complete_arrives")),
        Failing(
            "16.4", "old-tail-after-tool-answer", .recovered, faults: ["old-tail"],
            stalls: [.toolResultIgnored],
            "The tail does not count as the answer; a result that is ignored is noticed.",
            .adversary("test_rules.py", "test_a_result_that_is_ignored_is_noticed")),
        Failing(
            "16.5", "setup-changed-on-return", .prevented,
            "A client that returns with another setup gets that setup, and its conversation.",
            .adversary("test_rules.py", "test_a_client_that_returns_with_another_setup_resumes")),
        Failing(
            "16.6", "seed-that-asks-nothing", .prevented,
            "Content that does not complete the turn asks nothing.",
            .swift("SimulationTests/ProbeTests.swift")),
        Failing(
            "16.7", "setup-hidden-in-token", .outOfReach,
            "What a token of Google's fixes cannot be seen here. The client's messages show which "
                + "detection it means.",
            .adversary("test_rules.py", "test_a_setup_hidden_in_a_token_may_be_manual")),
        Failing(
            "16.8", "activity-without-sound", .prevented, rules: [.deadAir],
            "An activity of text alone is not taken for a dead microphone.",
            .adversary("test_small_inputs.py", "test_text_alone_is_an_activity")),
        Failing(
            "16.9", "context-changed-mid-session", .prevented,
            "The next connection gets the newest instruction.",
            .adversary("test_rules.py", "test_a_changed_instruction_holds_on_the_next_connection")
        ),
        Failing(
            "16.10", "near-silent-answer", .recovered, faults: ["silent-audio"],
            stalls: [.silentAudio], "Samples up to 160 of 32,768 count as silence.",
            .adversary("test_small_inputs.py", "test_a_nearly_silent_answer_is_asked_again")),
        Failing(
            "16.11", "big-frames-in-outage", .prevented,
            "Of the video frames that wait, only the newest is kept.",
            .adversary("test_small_inputs.py", "test_a_screen_share_survives_an_outage")),
        Failing(
            "16.12", "other-sample-rate", .prevented, rules: [.streamEndOnPause],
            "Silence that is made up has the client's sample rate.",
            .adversary("test_small_inputs.py", "test_made_up_silence_has_the_rate_of_the_client")
        ),
        Failing(
            "16.13", "transparent-index", .notYet,
            "Indices are forwarded as the service counts them."),
        Failing(
            "16.14", "turn-driven-client", .recovered, faults: ["cut-reply"],
            "A cut reply continues, or starts again, in the same turn: one answer, one end.",
            .played("cut-reply"), .story("recovery-cut-reply-continued"),
            .adversary("test_turns.py", "test_the_documented_loop_of_google_genai")),
        Failing(
            "16.15", "client-content-where-refused", .prevented, rules: [.contentAsText],
            "Text is sent as `realtimeInput.text`.", .swift("WireTests/EditTests.swift")),
        Failing(
            "16.16", "other-live-services", .prevented,
            "`BidiGenerateMusic` is forwarded, unsupervised.",
            .adversary("test_rules.py", "test_another_live_service_passes_untouched")),
        Failing(
            "16.17", "question-in-pieces", .recovered,
            "All activities of an unanswered question are replayed.",
            .adversary("test_rules.py", "test_a_question_in_two_activities_is_said_again_whole")),
        Failing(
            "16.18", "remedy-harms-the-slow", .prevented,
            "A remedy that did not help slows the clocks down; at most one nudge is wasted.",
            .swift("SessionsTests/ResponseTimesTests.swift")),
        Failing(
            "16.19", "frozen-then-thawed", .prevented,
            "Input that has arrived is read before any timer fires.",
            .swift("SimulationTests/SimulationTests.swift")),
        Failing(
            "16.20", "barge-in-during-call", .prevented,
            "The next audio answers the new question, with or without `interrupted`.",
            .swift("SimulationTests/SimulationTests.swift")),
    ]
}
