import Basics
import Wire

/// The context is full and nothing compresses it. Catalogue 5.13.
struct ContextLimit: Fault {
    static let name = "context-limit"
    static let summary = "closes when the prompt of a turn exceeds a number of tokens"
    static let occasions: Occasions = .reply
    static let topic = Topic.farewell

    private let tokens: Int
    private let ending: Ending

    init(_ options: inout FaultOptions) throws(Complaint) {
        tokens = try options.count("tokens", default: 128_000)
        ending = try Ending(&options, code: 1007)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("tokens", ["20", "100"], &dice)
        options.draw("code", ["", "1000"], &dice)
        options.draw("total", ["1", "2"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { reply.promptTokens > tokens }

    mutating func strike(_ reply: inout Reply) {
        let at = reply.firstOutput ?? .zero
        reply.cut(from: at)
        reply.add(ending.deed(&reply.random), after: at)
    }
}
