import Basics

/// Continues to speak but reads nothing for a while, pings included: the service's pongs were
/// measured 8 to 30 s late. Catalogue 3.1.
struct PongLag: Fault {
    static let name = "pong-lag"
    static let summary = "answers pings 8 to 30 s late, again and again"
    static let occasions: Occasions = .timeline
    static let topic = Topic.transport

    private let first: Interval
    private let lag: Interval
    private let pause: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        first = try options.interval("after", default: .seconds(5))
        lag = try options.interval("lag", default: .seconds(25))
        pause = try options.interval("every", default: .seconds(40))
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("after", ["1s", "5s"], &dice)
        options.draw("lag", ["2s", "8s", "30s"], &dice)
        return options
    }

    mutating func strike(_ timeline: inout Timeline) {
        var at = first
        for _ in 0..<20 {
            timeline.add(.deafen(lag), after: at)
            at = at + max(pause, lag + .seconds(1))
        }
    }
}
