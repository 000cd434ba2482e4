import Basics
import Wire

/// Closes while a tool is at work, whatever the client does. Catalogue 4.5.
struct CallClose: Fault {
    static let name = "call-close"
    static let summary = "closes 1008 while a tool call is open"
    static let occasions: Occasions = .reply
    static let topic = Topic.farewell

    private let after: Interval
    private let ending: Ending

    init(_ options: inout FaultOptions) throws(Complaint) {
        after = try options.interval("after", default: .seconds(1))
        ending = try Ending(&options, code: 1008, reason: Close.notImplemented.reason)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("after", ["10ms", "1s", "3s"], &dice)
        options.draw("times", ["1", "2"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { reply.hasCall }

    mutating func strike(_ reply: inout Reply) {
        guard let call = reply.drafts.first(where: { !$0.draft.calls.isEmpty })?.after else {
            return
        }
        reply.cut(from: call + .milliseconds(1))
        reply.add(ending.deed(&reply.random), after: call + after, isSpeech: false)
    }
}
