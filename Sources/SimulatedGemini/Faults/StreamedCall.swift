import Basics

/// One call in several messages under one id, its arguments piece by piece: complete when no more
/// is announced. Catalogue 16.1.
struct StreamedCall: Fault {
    static let name = "streamed-call"
    static let summary = "sends a tool call in pieces, with partialArgs and willContinue"
    static let occasions: Occasions = .reply
    static let topic = Topic.tools

    private let pause: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        pause = try options.interval("pause", default: .milliseconds(40))
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("pause", ["", "1ms", "300ms"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { reply.hasCall }

    mutating func strike(_ reply: inout Reply) {
        guard let (start, whole) = reply.drafts.first(where: { !$0.draft.calls.isEmpty }) else {
            return
        }
        reply.change { $0.calls.isEmpty ? $0 : nil }
        reply.delay(pause + pause, from: start)
        for (index, piece) in [Call.Piece.first, .middle, .last].enumerated() {
            var draft = piece == .last ? whole : Draft()
            draft.calls = whole.calls.map { call in
                var part = call
                part.piece = piece
                return part
            }
            let after = Interval(nanoseconds: pause.nanoseconds * Int64(index))
            reply.add(draft, after: start + after)
        }
    }
}
