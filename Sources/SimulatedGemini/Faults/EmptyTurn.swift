import Basics

/// Ends the turn without a sound, a word or a call. Catalogue 6.2.
struct EmptyTurn: Fault {
    static let name = "empty-turn"
    static let summary = "answers a real turn with only turnComplete"
    static let occasions: Occasions = .reply
    static let topic = Topic.wedge

    init(_ options: inout FaultOptions) throws(Complaint) {}

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("nudges", ["1", "1", "2", ""], &dice)
        options.draw("attempts", ["1", "2"], &dice)
        return options
    }

    mutating func strike(_ reply: inout Reply) {
        guard let end = reply.firstOutput else { return }
        reply.silence(endingAfter: end)
    }
}
