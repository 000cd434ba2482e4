import Basics
import Wire

/// Closes when it receives a tool's result. Catalogue 4.6.
struct AfterToolClose: Fault {
    static let name = "after-tool-close"
    static let summary = "closes 1011 or 1008 right after a tool's result"
    static let occasions: Occasions = .reply
    static let topic = Topic.farewell

    private let ending: Ending

    init(_ options: inout FaultOptions) throws(Complaint) {
        ending = try Ending(&options, code: 1011, reason: "Internal error occurred.")
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("code", ["", "1008"], &dice)
        options.draw("times", ["1", "2"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { reply.input == .tool }

    mutating func strike(_ reply: inout Reply) {
        reply.cut(from: .zero)
        reply.add(ending.deed(&reply.random), after: .milliseconds(5))
    }
}
