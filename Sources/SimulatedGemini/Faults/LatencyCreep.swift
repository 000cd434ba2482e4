import Basics

/// Each minute of a session makes answers slower; a new session starts over. Catalogue 6.10.
struct LatencyCreep: Fault {
    static let name = "latency-creep"
    static let summary = "answers later and later the longer a connection lasts"
    static let occasions: Occasions = .reply

    private let perMinute: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        perMinute = try options.interval("per_minute", default: .milliseconds(200))
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("per_minute", ["200ms", "2s"], &dice)
        return options
    }

    mutating func strike(_ reply: inout Reply) {
        let late = perMinute.nanoseconds / 1000 * (reply.age.milliseconds / 60)
        guard let start = reply.firstOutput else { return }
        reply.delay(Interval(nanoseconds: late), from: start)
    }
}
