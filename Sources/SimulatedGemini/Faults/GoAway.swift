import Basics
import Wire

/// Announces the end of the connection, and ends it.
struct GoAway: Fault {
    static let name = "go-away"
    static let summary = "sends goAway, then closes 1008 when the time is up"
    static let occasions: Occasions = .timeline

    private let after: Interval
    private let timeLeft: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        after = try options.interval("after", default: .seconds(60))
        timeLeft = try options.interval("time_left", default: .seconds(50))
    }

    mutating func strike(_ timeline: inout Timeline) {
        timeline.addGoAway(after: after, timeLeft: timeLeft)
    }
}

extension Timeline {
    mutating func addGoAway(after: Interval, timeLeft: Interval) {
        var warning = Draft()
        warning.goAway = timeLeft
        steps.append((after, .message(warning)))
        steps.append((after + timeLeft, .close(.goAwayOverrun)))
    }
}
