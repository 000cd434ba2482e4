import Basics

/// Ends the turn in the middle of a sentence, as if it were complete. Catalogue 7.1.
struct Truncated: Fault {
    static let name = "truncated"
    static let summary = "completes a turn in the middle of a sentence"
    static let occasions: Occasions = .reply

    private let part: Double

    init(_ options: inout FaultOptions) throws(Complaint) {
        part = try options.number("part", default: 0.5, in: 0...1)
    }

    func concerns(_ reply: Reply) -> Bool {
        reply.hasSound && reply.end != nil && reply.family != .thinking38
    }

    mutating func strike(_ reply: inout Reply) {
        guard let end = reply.keepFirst(part) else { return }
        var complete = Draft()
        complete.generationComplete = true
        reply.add(complete, after: end)
        var done = Draft()
        done.turnComplete = true
        done.receipt = .exact
        reply.add(done, after: end + .milliseconds(10))
    }
}
