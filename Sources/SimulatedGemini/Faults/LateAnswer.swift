import Basics

/// Answers so late that a nudge may have been answered by then: both answers arrive. Catalogue 7.3.
struct LateAnswer: Fault {
    static let name = "late-answer"
    static let summary = "answers many seconds late, even if a nudge was answered meanwhile"
    static let occasions: Occasions = .reply
    static let topic = Topic.wedge

    private let delay: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        delay = try options.interval("delay", default: .seconds(6))
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("delay", ["3s", "5s", "7s", "12s"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { reply.cause == .input }

    mutating func strike(_ reply: inout Reply) {
        reply.keepSpeech { _ in false }
        reply.add(.answer(reply.turn), after: delay, isSpeech: false)
    }
}
