import Basics

/// The sentence spoken before a call is still being sent when the result arrives: its rest and its
/// end come after that. Catalogue 16.4.
struct OldTail: Fault {
    static let name = "old-tail"
    static let summary = "sends the rest of the sentence before a call after the tool's result"
    static let occasions: Occasions = .reply
    static let topic = Topic.tools

    /// The model also ignores the result.
    private let isIgnored: Bool
    /// The rest of the sentence.
    private var tail: [Draft] = []

    init(_ options: inout FaultOptions) throws(Complaint) {
        isIgnored = try options.flag("ignored", default: false)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("ignored", ["", "true"], &dice)
        options.draw("nudges", ["", "1"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { reply.hasCall || !tail.isEmpty && reply.input == .tool }
    static func suits(_ family: Family) -> Bool { family == .flash31 || family == .live38 }

    mutating func strike(_ reply: inout Reply) {
        if reply.hasCall { return breakOff(&reply) }
        if isIgnored { reply.cut(from: .zero) }
        for (index, draft) in tail.enumerated() {
            reply.add(draft, after: .milliseconds(20 + 5 * Int64(index)), isSpeech: !isIgnored)
        }
        tail = []
    }

    /// The model speaks before it calls; half of that is delayed.
    private mutating func breakOff(_ reply: inout Reply) {
        guard tail.isEmpty, let (start, _) = reply.drafts.first(where: { !$0.draft.calls.isEmpty })
        else { return }
        reply.keepSpeech { !$0.calls.isEmpty }
        var voice = reply.composer
        let sentence = voice.pieces(of: voice.voice.say(.thinking), from: start).pieces.map(\.draft)
        let half = max(sentence.count / 2, 1)
        for draft in sentence[..<half] {
            reply.add(draft, after: max(start - .milliseconds(30), .zero))
        }
        var end = Draft()
        end.generationComplete = true
        end.turnComplete = true
        tail = (sentence[half...] + [end]).map { draft in
            var old = draft
            old.isOldTail = true
            return old
        }
    }
}
