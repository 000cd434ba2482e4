import Basics

/// Every turn completes empty for the rest of the session. With `deep`, whichever handle restores
/// the conversation: only a fresh session speaks. Catalogue 6.5.
struct ZeroOutput: Fault {
    static let name = "zero-output"
    static let summary = "completes every turn empty from here on"
    static let occasions: Occasions = .reply
    static let topic = Topic.wedge

    private let isDeep: Bool

    init(_ options: inout FaultOptions) throws(Complaint) {
        isDeep = try options.flag("deep", default: false)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("deep", ["", "true"], &dice)
        options.draw("total", ["1"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { reply.cause == .input }

    mutating func strike(_ reply: inout Reply) {
        guard let end = reply.firstOutput else { return }
        reply.silence(endingAfter: end)
        reply.add(.wedge(Wedge(kind: .empty), deep: isDeep), after: .zero, isSpeech: false)
    }
}
