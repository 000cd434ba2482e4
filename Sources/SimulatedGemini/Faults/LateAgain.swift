import Basics

/// The transcript, a long silence, the same transcript again, and then the answer. Catalogue 6.6.
struct LateAgain: Fault {
    static let name = "late-again"
    static let summary = "transcribes, is silent for 50 s, transcribes the same again and answers"
    static let occasions: Occasions = .reply
    static let topic = Topic.wedge

    private let delay: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        delay = try options.interval("delay", default: .seconds(50))
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("delay", ["6s", "20s", "60s"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { reply.cause == .input }

    mutating func strike(_ reply: inout Reply) {
        reply.keepSpeech { _ in false }
        for (after, draft) in reply.drafts where draft.inputText != nil {
            reply.add(draft, after: delay + after, isSpeech: false)
        }
        reply.add(.answer(reply.turn), after: delay, isSpeech: false)
    }
}
