import Basics

/// Says the same refusal to whatever it is asked. Catalogue 7.8.
struct RefusalLoop: Fault {
    static let name = "refusal-loop"
    static let summary = "answers everything with the same refusal"
    static let occasions: Occasions = .mind
    static let topic = Topic.wedge

    private let lasts: Int

    init(_ options: inout FaultOptions) throws(Complaint) {
        lasts = try options.count("lasts", default: 7)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("lasts", ["2", "4"], &dice)
        options.draw("times", ["1"], &dice)
        return options
    }

    mutating func strike(_ mind: inout Mind) {
        if mind.memory.wedge == nil { mind.memory.wedge = Wedge(kind: .refusal, turns: lasts) }
    }
}
