import Basics

/// One input, two answers, one after the other. Catalogue 7.3.
struct DoubleReply: Fault {
    static let name = "double-reply"
    static let summary = "answers one input twice"
    static let occasions: Occasions = .reply

    private let after: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        after = try options.interval("after", default: .milliseconds(500))
    }

    func concerns(_ reply: Reply) -> Bool {
        reply.cause == .input && reply.hasSound && !reply.hasCall && reply.end != nil
    }

    mutating func strike(_ reply: inout Reply) {
        guard let end = reply.end else { return }
        reply.add(.answer(reply.turn), after: end + after)
    }
}
