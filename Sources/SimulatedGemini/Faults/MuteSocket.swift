import Basics

/// The socket stays open, but nothing comes through it in either direction. Catalogue 3.4.
struct MuteSocket: Fault {
    static let name = "mute-socket"
    static let summary = "falls silent for good while the socket stays open, pongs included"
    static let occasions: Occasions = .timeline
    static let topic = Topic.transport

    private let after: Interval
    private let isDeaf: Bool

    init(_ options: inout FaultOptions) throws(Complaint) {
        after = try options.interval("after", default: .seconds(20))
        isDeaf = try options.flag("deaf", default: true)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("after", ["1s", "6s", "20s"], &dice)
        options.draw("deaf", ["", "false"], &dice)
        return options
    }

    mutating func strike(_ timeline: inout Timeline) {
        timeline.add(.freeze(.seconds(86_400), deaf: isDeaf), after: after)
    }
}
