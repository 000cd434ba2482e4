import Basics

/// The user's words cancel a call, and are then not answered themselves. Catalogue 8.3.
struct SilenceAfterCancel: Fault {
    static let name = "silence-after-cancel"
    static let summary = "is mute after toolCallCancellation, until nudged or resumed"
    static let occasions: Occasions = .interruption
    static let topic = Topic.interruption

    private let needsNudges: Int

    init(_ options: inout FaultOptions) throws(Complaint) {
        needsNudges = try options.count("needs_nudges", default: 1)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("needs_nudges", ["0", "1"], &dice)
        options.draw("times", ["1", "2"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { !reply.cancelled.isEmpty }

    mutating func strike(_ interruption: inout Reply, ofTurn turn: Int) {
        let wedge = Wedge(kind: .silent, turns: 1, nudges: needsNudges > 0 ? needsNudges : nil)
        interruption.add(.wedge(wedge, deep: false), after: .zero, isSpeech: false)
    }
}
