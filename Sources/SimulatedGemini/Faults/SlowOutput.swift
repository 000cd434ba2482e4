import Basics

/// Sound that comes slower than it is played, with gaps inside words. Catalogue 2.7.
struct SlowOutput: Fault {
    static let name = "slow-output"
    static let summary = "sends an answer in bursts with gaps of half a second to three seconds"
    static let occasions: Occasions = .reply

    private let gap: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        gap = try options.interval("gap", default: .milliseconds(1500))
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("gap", ["300ms", "1s", "3s"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { reply.hasSound }

    mutating func strike(_ reply: inout Reply) {
        for part in [0.75, 0.5, 0.25] {
            guard let moment = reply.moment(part), reply.random.chance(0.7) else { continue }
            reply.delay(gap / 3 + reply.milliseconds(0...gap.milliseconds), from: moment)
        }
    }
}
