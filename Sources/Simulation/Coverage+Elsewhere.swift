extension Coverage {
    /// What no simulated session comes across, and the story (`Tests/SessionsTests/Stories`) that
    /// does.
    public static let elsewhere = [
        "parked": "park-and-return", "unparked": "park-and-return",
        "clientMoved": "return-attached",
        "clientResumed": "return-resumed", "clientResumed.resumed": "return-resumed",
        "clientResumed.rebuilt": "return-rebuilt", "handleRefused": "return-foreign",
        "pinned": "pinned-model", "firstText": "answer-in-text",
    ]
}
