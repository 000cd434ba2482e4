import Basics

/// A sentence, seconds of silence, "(waiting)...", the same sentence again and again, and finally
/// the call. The model is generating all the while. Catalogue 6.7.
struct CallStall: Fault {
    static let name = "call-stall"
    static let summary = "stalls for a long time before a tool call, repeating itself"
    static let occasions: Occasions = .reply
    static let topic = Topic.tools

    private let gap: Interval
    private let repeats: Int

    init(_ options: inout FaultOptions) throws(Complaint) {
        gap = try options.interval("gap", default: .seconds(7))
        repeats = try options.count("repeats", default: 2)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("gap", ["1s", "3s", "7s"], &dice)
        options.draw("repeats", ["1", "2", "4"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { reply.hasCall }

    mutating func strike(_ reply: inout Reply) {
        guard let call = reply.drafts.first(where: { !$0.draft.calls.isEmpty })?.after else {
            return
        }
        let sentence = reply.composer.voice.say(.thinking)
        let count = Int64(min(repeats, 8))
        reply.delay(gap * (count + 1), from: call)
        for round in 0...count {
            let start = call + gap * round
            _ = reply.speak(sentence, from: start)
            var waiting = Draft()
            waiting.spoken = " (waiting)..."
            reply.add(waiting, after: start + gap / 2)
        }
    }
}
