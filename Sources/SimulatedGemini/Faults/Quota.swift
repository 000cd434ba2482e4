import Basics
import Wire

/// A quota is used up, which looks like an internal error. Catalogue 10.3, 4.8.
struct Quota: Fault {
    static let name = "quota"
    static let summary = "closes 1011 with the words of a used-up quota, at a turn or at the setup"
    static let occasions: Occasions = [.reply, .setup]
    static let topic = Topic.door

    private let isAtSetup: Bool
    private let reason: String

    init(_ options: inout FaultOptions) throws(Complaint) {
        isAtSetup = try options.flag("at_setup", default: false)
        reason = try options.text("reason", default: "")
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("at_setup", ["", "true"], &dice)
        options.draw("total", ["1", "2"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { !isAtSetup }
    func concerns(_ setup: SetupReply) -> Bool { isAtSetup }

    private func close(_ random: inout SeededRandom) -> Deed {
        let drawn = Close.quotaReasons.randomElement(using: &random) ?? ""
        return .close(.cut(1011, reason.isEmpty ? drawn : reason))
    }

    mutating func strike(_ setup: inout SetupReply) { setup.answer = close(&setup.random) }

    mutating func strike(_ reply: inout Reply) {
        let at = reply.firstOutput ?? .milliseconds(300)
        reply.cut(from: at)
        reply.add(close(&reply.random), after: at)
    }
}
