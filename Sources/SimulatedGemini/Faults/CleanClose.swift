import Basics
import Wire

/// Closes as if everything had been said, without a goAway. Catalogue 4.10.
struct CleanClose: Fault {
    static let name = "clean-close"
    static let summary = "closes 1000 in the middle of a session, without a goAway"
    static let occasions: Occasions = .timeline
    static let topic = Topic.farewell

    private let after: Interval
    private let ending: Ending

    init(_ options: inout FaultOptions) throws(Complaint) {
        after = try options.interval("after", default: .seconds(60))
        ending = try Ending(&options, code: 1000)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("after", ["500ms", "3s", "15s"], &dice)
        options.draw("code", ["", "1001", "1011"], &dice)
        return options
    }

    mutating func strike(_ timeline: inout Timeline) {
        timeline.add(ending.deed(&timeline.random), after: after)
    }
}
