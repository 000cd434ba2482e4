import Policies
import Sessions

extension Failing {
    // MARK: 16

    /// Kinds the first twelve groups lack.
    static let metSince = [
        Failing(
            "16.1", "streamed-call-arguments", .notYet, faults: ["streamed-call"],
            "Pieces after the first are taken for the same call delivered twice."),
        Failing(
            "16.2", "rider-lost", .notYet, faults: ["riders"],
            "Rewrites edit the bytes they mean. What rides on a held or hidden end is lost."),
        Failing(
            "16.3", "late-turn-complete", .notYet, faults: ["late-end-of-turn"],
            "A late end is hidden where one was made up meanwhile, its receipt with it."),
        Failing(
            "16.4", "old-tail-after-tool-answer", .notYet, faults: ["old-tail"],
            "The tail is credited to the new answer, so that an ignored result is not noticed."),
        Failing(
            "16.5", "setup-changed-on-return", .notYet,
            "A client that returns with another setup is given a fresh session, told of the old one."
        ),
        Failing(
            "16.6", "seed-that-asks-nothing", .prevented,
            "Content that does not complete the turn asks nothing.",
            .swift("SimulationTests/ProbeTests.swift")),
        Failing(
            "16.7", "setup-hidden-in-token", .outOfReach,
            "What a token of Google's locks is not seen here."),
        Failing(
            "16.8", "activity-without-sound", .notYet, rules: [.deadAir],
            "Taken for a dead microphone."),
        Failing(
            "16.9", "context-changed-mid-session", .notYet,
            "The next connection gets the setup as it was."),
        Failing(
            "16.10", "near-silent-answer", .notYet, faults: ["silent-audio"],
            stalls: [.silentAudio], "Only zeros are taken for silence."),
        Failing(
            "16.11", "big-frames-in-outage", .notYet,
            "Frames are held with everything else, until the bound is met."),
        Failing(
            "16.12", "other-sample-rate", .notYet, rules: [.streamEndOnPause],
            "Silence that is made up has 16 kHz."),
        Failing(
            "16.13", "transparent-index", .notYet,
            "Indices pass as the service counts them."),
        Failing(
            "16.14", "turn-driven-client", .notYet, faults: ["cut-reply"],
            "A cut reply is ended here before it is spoken anew: one end too many."),
        Failing(
            "16.15", "client-content-where-refused", .notYet, "Passed on, and closed with 1007."),
        Failing("16.16", "other-live-services", .notYet, "Answered with 404."),
        Failing(
            "16.17", "question-in-pieces", .notYet,
            "Of a question in several activities only the last is said again."),
        Failing(
            "16.18", "remedy-harms-the-slow", .prevented,
            "A remedy that did not help slows the clocks down, and one nudge is the most it costs.",
            .swift("SessionsTests/ResponseTimesTests.swift")),
        Failing(
            "16.19", "frozen-then-thawed", .prevented,
            "What has arrived is read before any clock fires.",
            .swift("SimulationTests/SimulationTests.swift")),
        Failing(
            "16.20", "barge-in-during-call", .prevented,
            "The next sound answers the new question, with `interrupted` or without.",
            .swift("SimulationTests/SimulationTests.swift")),
    ]
}
