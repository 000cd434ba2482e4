import Basics

/// Signals that it is thinking, and never stops.
struct InProgressStuck: Fault {
    static let name = "in-progress-stuck"
    static let summary = "stays IN_PROGRESS and never becomes IDLE"
    static let occasions: Occasions = .reply
    static let topic = Topic.wedge

    init(_ options: inout FaultOptions) throws(Complaint) {}

    static func suits(_ family: Family) -> Bool { family == .thinking38 }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("attempts", ["1", "2"], &dice)
        options.draw("nudges", ["", "1"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool {
        reply.drafts.contains { $0.draft.interaction == .inProgress }
    }

    mutating func strike(_ reply: inout Reply) {
        guard let filler = reply.drafts.first(where: { $0.draft.interaction == .inProgress })
        else { return }
        reply.cut(from: filler.after + .milliseconds(1))
    }
}
