import Basics
import Wire

/// The service takes a while to notice that a connection is over, and refuses a resume until then.
/// That a resume is refused while the old socket is open needs no fault. Catalogue 5.3.
struct LingeringSession: Fault {
    static let name = "lingering-session"
    static let summary = "closes 1011 when a resume follows the old connection too closely"
    static let occasions: Occasions = .setup
    static let topic = Topic.door

    private let length: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        length = try options.interval("for", default: .milliseconds(1500))
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("for", ["200ms", "1s", "3s"], &dice)
        return options
    }

    func concerns(_ setup: SetupReply) -> Bool {
        setup.isResumed && (setup.sinceRelease ?? length) < length
    }

    mutating func strike(_ setup: inout SetupReply) { setup.answer = .close(.internalError) }
}
