import Basics

/// The turn completes with nothing but a reason: `RESPONSE_REJECTED`, often twice in a row.
struct Rejected: Fault {
    static let name = "rejected"
    static let summary = "completes turns with RESPONSE_REJECTED and no output"
    static let occasions: Occasions = .reply
    static let topic = Topic.wedge

    private let reason: String

    init(_ options: inout FaultOptions) throws(Complaint) {
        reason = try options.text("turn_complete_reason", default: "RESPONSE_REJECTED")
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("times", ["1", "2", "3"], &dice)
        options.draw("nudges", ["", "1"], &dice)
        return options
    }

    mutating func strike(_ reply: inout Reply) {
        guard let end = reply.firstOutput else { return }
        reply.silence(endingAfter: end, reason: reason)
    }
}
