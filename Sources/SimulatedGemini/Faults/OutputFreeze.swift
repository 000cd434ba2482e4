import Basics

/// The answer stops in the middle, and no end of it ever comes. Catalogue 2.7.
struct OutputFreeze: Fault {
    static let name = "output-freeze"
    static let summary = "stops in the middle of an answer and never completes the turn"
    static let occasions: Occasions = .reply
    static let topic = Topic.wedge

    private let part: Double

    init(_ options: inout FaultOptions) throws(Complaint) {
        part = try options.number("part", default: 0.5, in: 0...1)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("part", ["0", "0.5", "1"], &dice)
        options.draw("attempts", ["1", "2"], &dice)
        options.draw("nudges", ["", "1"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { reply.hasSound }

    mutating func strike(_ reply: inout Reply) { reply.keepFirst(part) }
}
