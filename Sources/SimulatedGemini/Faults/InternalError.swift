import Basics
import Wire

/// Closes 1011 before any output: one turn in a hundred on a good day, nine in ten on a bad one.
/// With `models`, the regression of one alias. Catalogue 4.1.
struct InternalError: Fault {
    static let name = "internal-error"
    static let summary = "closes 1011 after the user's turn, before any output"
    static let occasions: Occasions = .reply
    static let topic = Topic.farewell

    private let delay: Interval
    private let ending: Ending

    init(_ options: inout FaultOptions) throws(Complaint) {
        delay = try options.interval("delay", default: .milliseconds(600))
        ending = try Ending(&options, code: 1011, reason: Close.internalError.reason)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("delay", ["200ms", "600ms", "3s"], &dice)
        options.draw("attempts", ["1", "1", "2"], &dice)
        options.draw("code", ["", "1008", "1006"], &dice)
        return options
    }

    mutating func strike(_ reply: inout Reply) {
        reply.keepSpeech { _ in false }
        reply.cut(from: delay)
        if reply.wantsHandles { reply.add(.noHandle, after: delay / 2, isSpeech: false) }
        reply.add(ending.deed(&reply.random), after: delay)
    }
}
