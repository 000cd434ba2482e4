import Basics

/// Answers the setup late, or never. Catalogue 11.2.
struct SlowSetup: Fault {
    static let name = "slow-setup"
    static let summary = "answers the setup late, or never"
    static let occasions: Occasions = .setup
    static let topic = Topic.door

    private let delay: Interval
    private let isNever: Bool

    init(_ options: inout FaultOptions) throws(Complaint) {
        delay = try options.interval("delay", default: .seconds(4))
        isNever = try options.flag("never", default: false)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("delay", ["500ms", "2s", "4s", "8s"], &dice)
        options.draw("never", ["", "", "true"], &dice)
        options.draw("total", ["1", "2"], &dice)
        return options
    }

    mutating func strike(_ setup: inout SetupReply) {
        setup.delay = setup.delay + delay
        if isNever { setup.answer = nil }
    }
}
