import Basics

/// The service's own detector takes a pause inside a sentence for its end: half of the sentence is
/// answered, and the other half, which interrupts that, may not be. Catalogue 1.11, 2.4.
struct EarlyEnd: Fault {
    static let name = "early-end"
    static let summary = "ends turns at short pauses, whatever silence the setup asks for"
    static let occasions: Occasions = [.setup, .reply]
    static let topic = Topic.hearing

    private let silence: Interval
    private let stalls: Bool

    init(_ options: inout FaultOptions) throws(Complaint) {
        silence = try options.interval("silence", default: .milliseconds(250))
        stalls = try options.flag("stalls", default: false)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("silence", ["100ms", "250ms"], &dice)
        options.draw("stalls", ["", "true"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool {
        guard stalls, reply.input == .speech, reply.cause == .input, let half = reply.previous
        else {
            return false
        }
        return half.outcome == .interrupted && reply.heard.startedAt - half.endedAt < .seconds(2)
    }

    mutating func strike(_ setup: inout SetupReply) { setup.quirks.silence = silence }

    mutating func strike(_ reply: inout Reply) {
        guard let end = reply.firstOutput else { return }
        reply.silence(endingAfter: end)
    }
}
