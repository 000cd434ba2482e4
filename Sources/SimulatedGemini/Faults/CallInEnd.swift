import Basics

/// The call and the end of the turn in one message. Catalogue 8.7.
struct CallInEnd: Fault {
    static let name = "call-in-end"
    static let summary = "puts toolCall and turnComplete into one message"
    static let occasions: Occasions = .reply
    static let topic = Topic.tools

    init(_ options: inout FaultOptions) throws(Complaint) {}

    static func suits(_ family: Family) -> Bool { family != .thinking38 }

    func concerns(_ reply: Reply) -> Bool { reply.hasCall && reply.family != .thinking38 }

    mutating func strike(_ reply: inout Reply) {
        reply.change { draft in
            if draft.turnComplete || draft.generationComplete { return nil }
            guard !draft.calls.isEmpty else { return draft }
            var whole = draft
            whole.turnComplete = true
            whole.receipt = .exact
            return whole
        }
    }
}
