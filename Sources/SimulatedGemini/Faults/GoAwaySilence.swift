import Basics

/// Announces the end, then sends nothing: no output, no close. Catalogue 4.4.
struct GoAwaySilence: Fault {
    static let name = "go-away-silence"
    static let summary = "sends goAway, then nothing at all, not even a close"
    static let occasions: Occasions = .timeline
    static let topic = Topic.farewell

    private let after: Interval
    private let timeLeft: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        after = try options.interval("after", default: .seconds(60))
        timeLeft = try options.interval("time_left", default: .seconds(50))
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("after", ["1s", "5s", "20s"], &dice)
        options.draw("time_left", ["1s", "8s", "50s"], &dice)
        return options
    }

    mutating func strike(_ timeline: inout Timeline) {
        timeline.addGoAway(
            after: after, timeLeft: timeLeft, last: .freeze(.seconds(86_400), deaf: false))
        timeline.add(
            .freeze(.seconds(86_400), deaf: false), after: after + .milliseconds(1))
    }
}
