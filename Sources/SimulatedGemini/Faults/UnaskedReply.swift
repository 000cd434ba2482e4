import Basics

/// Speaks although nobody asked: feedback before the answer, or the next question before the user
/// has finished. Catalogue 1.12.
struct UnaskedReply: Fault {
    static let name = "unasked-reply"
    static let summary = "speaks again before the user has said anything"
    static let occasions: Occasions = .reply

    private let after: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        after = try options.interval("after", default: .seconds(2))
    }

    func concerns(_ reply: Reply) -> Bool { reply.hasSound && reply.end != nil }

    mutating func strike(_ reply: inout Reply) {
        guard let end = reply.end else { return }
        reply.utter(reply.composer.voice.say(.resumed), from: end + after)
    }
}
