import Basics
import Wire

/// A handle that brings the failure back: a connection resumed with it fails again, or stays mute.
struct PoisonedHandle: Fault {
    static let name = "poisoned-handle"
    static let summary = "gives out handles with which every resume fails again, or stays mute"
    static let occasions: Occasions = .handle
    static let topic = Topic.handles

    private let after: Interval
    private let isMute: Bool
    private let ending: Ending

    init(_ options: inout FaultOptions) throws(Complaint) {
        after = try options.interval("after", default: .seconds(2))
        isMute = try options.flag("mute", default: false)
        ending = try Ending(&options, code: 1011)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("after", ["10ms", "500ms", "3s"], &dice)
        options.draw("mute", ["", "true"], &dice)
        return options
    }

    mutating func strike(_ issue: inout Issue) {
        if isMute {
            issue.ticket.memory.wedge = Wedge(kind: .silent)
        } else {
            issue.ticket.curse = (after, ending.deed(&issue.random))
        }
    }
}
