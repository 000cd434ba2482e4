import Basics

/// Says its answer once more, unasked, in a quiet room. Catalogue 2.10.
struct RepeatsUnasked: Fault {
    static let name = "repeats-unasked"
    static let summary = "repeats its last answer unprompted"
    static let occasions: Occasions = .reply

    private let after: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        after = try options.interval("after", default: .seconds(2))
    }

    func concerns(_ reply: Reply) -> Bool { reply.hasSound && reply.end != nil }

    mutating func strike(_ reply: inout Reply) {
        guard let end = reply.end else { return }
        let words = reply.drafts.map(\.draft.spoken).joined()
        let sound = reply.composer.voice.say(.answer).pcm
        reply.utter(Voice.Phrase(text: words, pcm: sound), from: end + after)
    }
}
