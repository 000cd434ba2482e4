import Basics

/// Accepts the user's turn and never answers, not even with a transcript. Catalogue 1.5; with
/// `deaf`, pings go unanswered, too, as in report 000.
struct EndIgnored: Fault {
    static let name = "end-ignored"
    static let summary = "accepts the end of the user's turn and never answers"
    static let occasions: Occasions = .reply
    static let topic = Topic.wedge

    private let keepsTranscript: Bool
    private let isDeaf: Bool

    init(_ options: inout FaultOptions) throws(Complaint) {
        keepsTranscript = try options.flag("transcript", default: false)
        isDeaf = try options.flag("deaf", default: false)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("transcript", ["", "true"], &dice)
        options.draw("attempts", ["1", "2"], &dice)
        options.draw("nudges", ["", "1", "2"], &dice)
        return options
    }

    mutating func strike(_ reply: inout Reply) {
        if keepsTranscript {
            reply.keepSpeech { _ in false }
        } else {
            reply.cut(from: .zero)
        }
        if isDeaf { reply.add(.freeze(.seconds(86_400), deaf: true), after: .seconds(1)) }
    }
}
