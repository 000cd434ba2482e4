import Basics

/// The service's own detector finds no end: noise on the line keeps the turn open. Catalogue 2.5.
struct LateEnd: Fault {
    static let name = "late-end"
    static let summary = "ends turns only after many seconds of silence"
    static let occasions: Occasions = .setup
    static let topic = Topic.hearing

    private let silence: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        silence = try options.interval("silence", default: .seconds(7))
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("silence", ["2s", "7s"], &dice)
        return options
    }

    mutating func strike(_ setup: inout SetupReply) { setup.quirks.silence = silence }
}
