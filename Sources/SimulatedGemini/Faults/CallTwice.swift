import Basics

/// One call in two places: as `toolCall` and, with the same id, among the parts of the turn or as
/// a second `toolCall`. Catalogue 8.4.
struct CallTwice: Fault {
    static let name = "call-twice"
    static let summary = "delivers one tool call twice, under one id"
    static let occasions: Occasions = .reply
    static let topic = Topic.tools

    private let isAmongParts: Bool

    init(_ options: inout FaultOptions) throws(Complaint) {
        isAmongParts = try options.flag("in_parts", default: false)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("in_parts", ["", "true"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { reply.hasCall }

    mutating func strike(_ reply: inout Reply) {
        for (after, draft) in reply.drafts where !draft.calls.isEmpty {
            var again = Draft()
            if isAmongParts { again.spokenCalls = draft.calls } else { again.calls = draft.calls }
            reply.add(again, after: after + .milliseconds(5))
        }
    }
}
