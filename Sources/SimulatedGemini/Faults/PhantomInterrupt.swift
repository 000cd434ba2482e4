import Basics

/// `interrupted` after the turn was complete, although nobody spoke; in one of four cases the model
/// never speaks again. An earlier handle is not affected. Catalogue 2.1, 6.5.
struct PhantomInterrupt: Fault {
    static let name = "phantom-interrupt"
    static let summary = "sends interrupted after a complete turn; may be mute from then on"
    static let occasions: Occasions = .reply
    static let topic = Topic.wedge

    private let after: Interval
    private let isWedged: Bool
    private let isDeep: Bool

    init(_ options: inout FaultOptions) throws(Complaint) {
        after = try options.interval("after", default: .milliseconds(120))
        isWedged = try options.flag("wedge", default: false)
        isDeep = try options.flag("deep", default: false)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("after", ["", "0ms", "1s"], &dice)
        options.draw("wedge", ["", "true"], &dice)
        options.draw("deep", ["", "", "true"], &dice)
        options.draw("times", ["1", "2"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { reply.hasSound && reply.end != nil }

    mutating func strike(_ reply: inout Reply) {
        guard let end = reply.end else { return }
        var flag = Draft()
        flag.interrupted = true
        reply.add(flag, after: end + after)
        if isWedged {
            let wedge = Wedge(kind: .empty)
            reply.add(.wedge(wedge, deep: isDeep), after: end + after, isSpeech: false)
        }
        var complete = Draft()
        complete.turnComplete = true
        complete.interaction = reply.family == .thinking38 ? .idle : nil
        reply.add(complete, after: end + after + .seconds(3))
    }
}
