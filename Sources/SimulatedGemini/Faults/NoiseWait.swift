import Basics

/// A burst of noise right after the user's turn makes the model expect more input. It waits,
/// through the next words, too, until it is nudged. Catalogue 1.6.
struct NoiseWait: Fault {
    static let name = "noise-wait"
    static let summary = "waits for more after an activity of nothing but noise"
    static let occasions: Occasions = .reply
    static let topic = Topic.hearing

    private let lasts: Int

    init(_ options: inout FaultOptions) throws(Complaint) {
        lasts = try options.count("lasts", default: 2)
    }

    func concerns(_ reply: Reply) -> Bool { reply.cause == .noise }

    mutating func strike(_ reply: inout Reply) {
        reply.cut(from: .zero)
        let wedge = Wedge(kind: .silent, turns: lasts, nudges: 1)
        reply.add(.wedge(wedge, deep: false), after: .zero, isSpeech: false)
    }
}
