import Basics

/// An open activity without input blocks the backend, and pings go unanswered until the client
/// gives up. Catalogue 3.1, observed in report 000.
struct DeafTurn: Fault {
    static let name = "deaf-turn"
    static let summary = "stops answering pings when an open activity has no input for a while"
    static let occasions: Occasions = .setup
    static let topic = Topic.transport

    private let after: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        after = try options.interval("after", default: .seconds(3))
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("after", ["3s", "6s"], &dice)
        return options
    }

    mutating func strike(_ setup: inout SetupReply) {
        setup.quirks.whenQuiet = (after, true, .freeze(.seconds(86_400), deaf: true))
    }
}
