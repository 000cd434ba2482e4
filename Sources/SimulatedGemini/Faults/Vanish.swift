import Basics

/// The connection breaks without a close frame. Catalogue 3.3.
struct Vanish: Fault {
    static let name = "vanish"
    static let summary = "drops the connection without a close frame after some time"
    static let occasions: Occasions = .timeline
    static let topic = Topic.farewell

    private let after: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        after = try options.interval("after", default: .seconds(30))
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("after", ["300ms", "2s", "8s", "20s"], &dice)
        return options
    }

    mutating func strike(_ timeline: inout Timeline) { timeline.add(.abort, after: after) }
}
