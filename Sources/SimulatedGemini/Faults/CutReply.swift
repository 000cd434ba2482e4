import Basics
import Wire

/// Closes in the middle of an answer. Catalogue 4.2; with code 1006, a line that breaks.
struct CutReply: Fault {
    static let name = "cut-reply"
    static let summary = "closes 1011 in the middle of an answer"
    static let occasions: Occasions = .reply
    static let topic = Topic.farewell

    private let part: Double
    private let ending: Ending

    init(_ options: inout FaultOptions) throws(Complaint) {
        part = try options.number("part", default: 0.5, in: 0...1)
        ending = try Ending(&options, code: 1011)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("part", ["0", "0.3", "0.7", "1"], &dice)
        options.draw("attempts", ["1", "2"], &dice)
        options.draw("code", ["", "", "1006", "1000"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { reply.hasSound }

    mutating func strike(_ reply: inout Reply) {
        guard let end = reply.keepFirst(part) else { return }
        reply.cut(from: end)
        reply.add(ending.deed(&reply.random), after: end)
    }
}
