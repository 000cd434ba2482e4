import Basics

/// A tool's result is accepted but never answered: only a resume helps. Catalogue 6.8.
struct ToolResultIgnored: Fault {
    static let name = "tool-result-ignored"
    static let summary = "accepts a tool's result and never continues"
    static let occasions: Occasions = .reply
    static let topic = Topic.tools

    init(_ options: inout FaultOptions) throws(Complaint) {}

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("times", ["1", "2", "3"], &dice)
        options.draw("nudges", ["", "1", "2"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { reply.input == .tool }

    mutating func strike(_ reply: inout Reply) { reply.cut(from: .zero) }
}
