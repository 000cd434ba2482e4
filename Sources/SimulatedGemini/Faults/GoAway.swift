import Basics
import Wire

/// Announces the end of the connection, and ends it: 1008 as documented, 1011 or 1000 as observed.
/// Catalogue 4.3.
struct GoAway: Fault {
    static let name = "go-away"
    static let summary = "sends goAway, then closes 1008 (or `code`) when the time is up"
    static let occasions: Occasions = .timeline
    static let topic = Topic.farewell

    private let after: Interval
    private let timeLeft: Interval
    private let ending: Ending

    init(_ options: inout FaultOptions) throws(Complaint) {
        after = try options.interval("after", default: .seconds(60))
        timeLeft = try options.interval("time_left", default: .seconds(50))
        ending = try Ending(&options, code: 1008, reason: Close.goAwayOverrun.reason)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("after", ["1s", "5s", "20s"], &dice)
        options.draw("time_left", ["1s", "8s", "50s"], &dice)
        options.draw("code", ["1011", "1000", "1006"], &dice)
        return options
    }

    mutating func strike(_ timeline: inout Timeline) {
        timeline.addGoAway(
            after: after, timeLeft: timeLeft, last: ending.deed(&timeline.random))
    }
}
