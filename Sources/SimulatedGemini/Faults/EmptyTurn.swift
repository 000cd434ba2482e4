import Basics

/// Ends the turn without a sound, a word or a call.
struct EmptyTurn: Fault {
    static let name = "empty-turn"
    static let summary = "answers a real turn with nothing but turnComplete"
    static let occasions: Occasions = .reply

    init(_ options: inout FaultOptions) throws(Complaint) {}

    mutating func strike(_ reply: inout Reply) {
        guard let end = reply.firstOutput else { return }
        reply.keepSpeech { _ in false }
        var empty = Draft()
        empty.turnComplete = true
        empty.receipt = .exact
        reply.add(empty, after: end)
    }
}
