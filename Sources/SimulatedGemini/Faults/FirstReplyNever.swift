import Basics

/// The agent does not greet: the first input of a fresh session gets no answer. Catalogue 6.9.
struct FirstReplyNever: Fault {
    static let name = "first-reply-never"
    static let summary = "never answers the first input of a session"
    static let occasions: Occasions = .reply
    static let topic = Topic.wedge

    init(_ options: inout FaultOptions) throws(Complaint) {}

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("total", ["1", "2"], &dice)
        options.draw("nudges", ["", "1"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { reply.turn == 1 && !reply.isResumed }

    mutating func strike(_ reply: inout Reply) { reply.cut(from: .zero) }
}
