import Basics

/// From here on it transcribes but does not speak; the socket is healthy. Catalogue 6.1.
struct SilentFreeze: Fault {
    static let name = "silent-freeze"
    static let summary = "continues to transcribe but stops answering"
    static let occasions: Occasions = .reply
    static let topic = Topic.wedge

    private let needsNudges: Int

    init(_ options: inout FaultOptions) throws(Complaint) {
        needsNudges = try options.count("needs_nudges", default: 0)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("needs_nudges", ["0", "1", "2"], &dice)
        options.draw("times", ["1", "2"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { reply.cause == .input }

    mutating func strike(_ reply: inout Reply) {
        reply.keepSpeech { _ in false }
        let wedge = Wedge(kind: .silent, nudges: needsNudges > 0 ? needsNudges : nil)
        reply.add(.wedge(wedge, deep: false), after: .zero, isSpeech: false)
    }
}
