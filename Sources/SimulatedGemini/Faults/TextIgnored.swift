import Basics

/// Typed input is accepted, and nothing comes of it: one time in twenty. Catalogue 1.13.
struct TextIgnored: Fault {
    static let name = "text-ignored"
    static let summary = "accepts typed input and does not answer it"
    static let occasions: Occasions = .reply
    static let topic = Topic.wedge

    init(_ options: inout FaultOptions) throws(Complaint) {}

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("attempts", ["1", "2"], &dice)
        options.draw("nudges", ["", "1"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { reply.input == .text || reply.input == .content }

    mutating func strike(_ reply: inout Reply) { reply.cut(from: .zero) }
}
