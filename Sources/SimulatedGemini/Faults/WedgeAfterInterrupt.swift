import Basics

/// The user interrupts, and the model stays mute. Catalogue 6.4.
struct WedgeAfterInterrupt: Fault {
    static let name = "wedge-after-interrupt"
    static let summary = "is mute after a barge-in, until nudged or resumed"
    static let occasions: Occasions = .interruption
    static let topic = Topic.interruption

    private let needsNudges: Int

    init(_ options: inout FaultOptions) throws(Complaint) {
        needsNudges = try options.count("needs_nudges", default: 1)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("needs_nudges", ["0", "1", "2"], &dice)
        options.draw("times", ["1", "2"], &dice)
        return options
    }

    mutating func strike(_ interruption: inout Reply, ofTurn turn: Int) {
        let wedge = Wedge(kind: .silent, nudges: needsNudges > 0 ? needsNudges : nil)
        interruption.add(.wedge(wedge, deep: false), after: .zero, isSpeech: false)
    }
}
