import Basics

/// An answer of the right length in which nothing can be heard.
struct SilentAudio: Fault {
    static let name = "silent-audio"
    static let summary = "sends an answer of full length whose samples are all zero"
    static let occasions: Occasions = .reply

    init(_ options: inout FaultOptions) throws(Complaint) {}

    func concerns(_ reply: Reply) -> Bool { reply.hasSound }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("attempts", ["1"], &dice)
        options.draw("nudges", ["", "1"], &dice)
        return options
    }

    mutating func strike(_ reply: inout Reply) {
        reply.change { draft in
            var muted = draft
            muted.audio = ArraySlice([UInt8](repeating: 0, count: draft.audio.count))
            return muted
        }
    }
}
