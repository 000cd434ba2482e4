import Policies
import Sessions

extension Failing {
    // MARK: 16

    /// Kinds of failure that the first twelve groups lack.
    static let metSince = [
        Failing(
            "16.1", "streamed-call-arguments", .prevented, faults: ["streamed-call"],
            "Every piece of a call is passed on; the last one completes it.",
            .adversary("test_rules", "test_a_call_in_several_messages_is_one_call"),
            .story("streamed-call-made-again")),
        Failing(
            "16.2", "rider-lost", .prevented, faults: ["riders"],
            "Edits change only the intended bytes; the rest of a hidden message is passed on.",
            .adversary("test_small_inputs", "test_the_live_result_of_two_keeps_its_picture"),
            .swift("WireTests/RiderTests.swift")),
        Failing(
            "16.3", "late-turn-complete", .prevented, faults: ["late-end-of-turn"],
            "No end is made up while the connection may still send it.",
            .adversary("test_small_inputs", "test_usage_of_a_late_turn_complete_arrives")),
        Failing(
            "16.4", "old-tail-after-tool-answer", .recovered, faults: ["old-tail"],
            stalls: [.toolResultIgnored],
            "The tail does not count as the answer; an ignored result is sent again.",
            .adversary("test_rules", "test_a_result_that_is_ignored_is_noticed"),
            .story("tool-result-behind-an-old-sentence")),
        Failing(
            "16.5", "setup-changed-on-return", .prevented,
            "The newest handle is resumed with the new setup, unless the model differs.",
            .adversary("test_rules", "test_a_client_that_returns_with_another_setup_resumes")),
        Failing(
            "16.6", "seed-that-asks-nothing", .prevented,
            "History, and content that does not complete the turn, ask nothing.",
            .adversary("test_rules", "test_a_seed_asks_nothing"),
            .swift("SimulationTests/ProbeTests.swift")),
        Failing(
            "16.7", "setup-hidden-in-token", .prevented,
            "The client's messages show which detection applies; until then nothing is made up.",
            .adversary("test_rules", "test_a_setup_hidden_in_a_token_may_be_manual"),
            .story("locked-setup-is-manual")),
        Failing(
            "16.8", "activity-without-sound", .prevented, rules: [.deadAir],
            "An activity of text alone is not mistaken for a dead microphone.",
            .adversary("test_small_inputs", "test_text_alone_is_an_activity")),
        Failing(
            "16.9", "context-changed-mid-session", .prevented,
            "The newest instruction and tools are in every later setup, on Vertex those of a `system` "
                + "turn, too; those on which gemini closes are in none.",
            .adversary(
                "test_rules", "test_what_a_context_update_changed_holds_on_the_next_connection"),
            .story("system-turn-on-vertex"), .story("refused-context-update")),
        Failing(
            "16.10", "near-silent-answer", .recovered, faults: ["silent-audio"],
            stalls: [.silentAudio], "An inaudible answer is requested again.",
            .adversary("test_small_inputs", "test_a_nearly_silent_answer_is_asked_again")),
        Failing(
            "16.11", "big-frames-in-outage", .recovered,
            "Only the newest waiting picture is kept, and what is beside the others; they are counted.",
            .adversary("test_small_inputs", "test_a_screen_share_survives_an_outage"),
            .story("pictures-replaced-in-an-outage")),
        Failing(
            "16.12", "other-sample-rate", .prevented, rules: [.streamEndOnPause],
            "Made-up silence has the client's sample rate.",
            .adversary("test_small_inputs", "test_made_up_silence_has_the_rate_of_the_client")),
        Failing(
            "16.13", "transparent-index", .prevented, rules: [.handleReplaced],
            "Indices are converted to the client's own count of messages.",
            .story("transparent-index")),
        Failing(
            "16.14", "turn-driven-client", .recovered, faults: ["cut-reply"],
            "A cut reply continues, or begins again, in the same turn, and ends once.",
            .adversary("test_turns", "test_a_reply_cut_once"),
            .adversary("test_turns", "test_the_documented_loop_of_google_genai")),
        Failing(
            "16.15", "client-content-where-refused", .prevented, rules: [.contentAsText],
            "A single text is sent in the form the model accepts; a message that led to 1007 "
                + "is not sent again, and sound once.",
            .adversary("test_rules", "test_what_closed_with_1007_is_not_sent_again_unchanged"),
            .story("refused-text"), .story("refused-history"),
            .story("refused-sound-in-automatic-detection")),
        Failing(
            "16.16", "other-live-services", .prevented, "Passed through unchanged, and counted.",
            .adversary("test_rules", "test_another_live_service_passes_untouched")),
        Failing(
            "16.17", "question-in-pieces", .recovered,
            "All activities of an unanswered question are replayed, also where the answer to the first "
                + "had begun.",
            .adversary(
                "test_rules", "test_a_question_in_two_activities_is_said_again_whole")),
        Failing(
            "16.18", "remedy-harms-the-slow", .prevented,
            "A remedy that did not help slows the clocks down; at most one nudge is wasted.",
            .adversary("test_small_inputs", "test_a_slow_model_is_left_alone"),
            .swift("ProxyTests/ModelHealthRegistryTests.swift")),
        Failing(
            "16.19", "frozen-then-thawed", .prevented,
            "Input that has arrived is read before any timer fires.",
            .swift("SimulationTests/SimulationTests.swift")),
        Failing(
            "16.20", "barge-in-during-call", .prevented,
            "The next audio answers the new question, with or without `interrupted`.",
            .adversary("test_rules", "test_a_barge_in_during_a_call")),
    ]
}
