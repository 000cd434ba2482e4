import Basics
import Wire

/// An intermediate hop limits the age of connections. Catalogue 3.3.
struct AgeLimit: Fault {
    static let name = "age-limit"
    static let summary =
        "closes every connection at a certain age with 1008 \"The operation was aborted.\""
    static let occasions: Occasions = .timeline
    static let topic = Topic.farewell

    private let after: Interval
    private let ending: Ending

    init(_ options: inout FaultOptions) throws(Complaint) {
        after = try options.interval("after", default: .seconds(150))
        ending = try Ending(&options, code: 1008, reason: "The operation was aborted.")
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("after", ["5s", "12s", "30s"], &dice)
        return options
    }

    mutating func strike(_ timeline: inout Timeline) {
        timeline.add(ending.deed(&timeline.random), after: after)
    }
}
