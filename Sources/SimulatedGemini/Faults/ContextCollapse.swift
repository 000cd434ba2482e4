import Basics

/// The sounds heard so far drop out of the context in the middle of a session; the text stays. The
/// receipt shows it, and the model greets again. Catalogue 5.8.
struct ContextCollapse: Fault {
    static let name = "context-collapse"
    static let summary = "silently loses the audio of the conversation, and greets again"
    static let occasions: Occasions = .mind
    static let topic = Topic.context

    private let greets: Bool
    private let tokens: Int

    init(_ options: inout FaultOptions) throws(Complaint) {
        greets = try options.flag("greets", default: true)
        tokens = try options.count("tokens", default: 3)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("greets", ["", "false"], &dice)
        options.draw("turns", ["2", "3", "4"], &dice)
        options.draw("times", ["1"], &dice)
        return options
    }

    mutating func strike(_ mind: inout Mind) {
        guard mind.memory.turns.count > 1 else { return }
        mind.memory.collapse(keeping: tokens)
        mind.memory.greets = greets
    }
}
