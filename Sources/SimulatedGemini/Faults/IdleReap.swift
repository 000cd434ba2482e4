import Basics

/// An intermediate hop drops connections on which the client is silent. Catalogue 3.3.
struct IdleReap: Fault {
    static let name = "idle-reap"
    static let summary = "drops a silent client's connection without a close frame"
    static let occasions: Occasions = .setup
    static let topic = Topic.farewell

    private let after: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        after = try options.interval("after", default: .milliseconds(125_500))
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("after", ["3s", "10s", "30s"], &dice)
        return options
    }

    mutating func strike(_ setup: inout SetupReply) {
        setup.quirks.whenQuiet = (after, false, .abort)
    }
}
