extension Coverage {
    /// What no simulated session comes across, and the story (`Tests/SessionsTests/Stories`) that
    /// does.
    public static let elsewhere = [
        "silenceSkipped": "microphone-pauses-are-not-replayed",
        "parked": "park-and-return", "unparked": "park-and-return",
        "clientMoved": "return-attached",
        "clientResumed": "return-resumed", "clientResumed.resumed": "return-resumed",
        "clientResumed.rebuilt": "return-rebuilt", "handleRefused": "return-foreign",
        "modelRefused": "model-not-allowed",
        // A simulated service gives no id twice.
        "toolNoted": "same-id-on-the-next-connection",
        "toolNoted.renamed": "same-id-on-the-next-connection",
        "toolNoted.not_kept": "more-calls-than-are-remembered",
        "toolNoted.refused": "closed-behind-a-result-said-again",
        "pinned": "pinned-model", "firstText": "answer-in-text",
        "wrote": "answer-in-text", "typed": "question-that-waits-for-a-line",
        "outputPaused": "pause-in-mid-answer",
        "ruleApplied.handle_replaced": "return-resumed",
        "ruleApplied.keepalive": "keepalive-observed",
        "limitReached": "limit-session-length", "ended.limit": "limit-session-length",
        "ended.client_closed": "client-leaves-while-dialing",
        // A simulated voice needs less than a second for an answer.
        "stalled.silent_audio": "stall-silent-audio",
        // A simulated user hears something between two such turns more often than not.
        "stalled.silent_run": "silent-turns-in-a-row",
    ]
}
