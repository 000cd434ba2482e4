import Basics

/// The end of the turn and its usage report come long after the last audio. Catalogue 16.3.
struct LateEndOfTurn: Fault {
    static let name = "late-end-of-turn"
    static let summary = "sends turnComplete and its usageMetadata many seconds after the answer"
    static let occasions: Occasions = .reply

    private let delay: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        delay = try options.interval("delay", default: .seconds(12))
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("delay", ["3s", "12s"], &dice)
        return options
    }

    /// An end in the message with the last sound is not late.
    func concerns(_ reply: Reply) -> Bool {
        let end = reply.drafts.last { $0.draft.turnComplete }
        return reply.hasSound && end?.draft.audio.isEmpty ?? false
    }

    mutating func strike(_ reply: inout Reply) {
        guard let end = reply.end else { return }
        reply.delay(delay, from: end)
    }
}
