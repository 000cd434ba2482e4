import Basics

/// A few tokens of text and no sound, for this input and the next ones. Catalogue 6.3.
struct TextOnly: Fault {
    static let name = "text-only"
    static let summary = "answers with 1 to 6 tokens of text for some turns"
    static let occasions: Occasions = .reply
    static let topic = Topic.wedge

    private let lasts: Int
    private let needsNudges: Int

    init(_ options: inout FaultOptions) throws(Complaint) {
        lasts = try options.count("lasts", default: 2)
        needsNudges = try options.count("needs_nudges", default: 1)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("lasts", ["1", "2", "3"], &dice)
        options.draw("needs_nudges", ["0", "1", "2"], &dice)
        options.draw("times", ["1", "2"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { reply.cause == .input && reply.hasSound }

    mutating func strike(_ reply: inout Reply) {
        guard let start = reply.firstOutput else { return }
        reply.answerInText(after: start)
        let wedge = Wedge(
            kind: .textOnly, turns: max(lasts - 1, 0), nudges: needsNudges > 0 ? needsNudges : nil)
        reply.add(.wedge(wedge, deep: false), after: start, isSpeech: false)
    }
}
