import Basics

/// Stops in the middle of an answer: nothing is sent and pings are not read, then everything
/// continues.
struct Freeze: Fault {
    static let name = "freeze"
    static let summary = "goes silent in the middle of an answer, pongs included, then continues"
    static let occasions: Occasions = .reply
    static let topic = Topic.transport

    private let length: Interval
    private let isDeaf: Bool

    init(_ options: inout FaultOptions) throws(Complaint) {
        length = try options.interval("for", default: .seconds(60))
        isDeaf = try options.flag("deaf", default: true)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("for", ["1s", "6s", "30s", "2h"], &dice)
        options.draw("deaf", ["", "false"], &dice)
        options.draw("attempts", ["1", "2"], &dice)
        return options
    }

    mutating func strike(_ reply: inout Reply) {
        let start = reply.firstOutput ?? .zero
        reply.add(.freeze(length, deaf: isDeaf), after: start)
    }
}
