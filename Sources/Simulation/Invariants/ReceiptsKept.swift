import Basics
import Sessions
import Wire

/// I11, as far as a session can tell: every usage report of the current connection is recorded
/// once, so that totals equal what gemini reported.
struct ReceiptsKept: Invariant {
    static let name = "I11"
    private var link: ConnectionID = 0
    private var isOver = false

    mutating func check(_ step: Step) -> String? {
        defer {
            for case .use(let next) in step.departures { link = next }
            for case .ended in step.notes { isOver = true }
        }
        guard !isOver, case .geminiSent(let message, _, let from) = step.event,
            from == max(link, 1), message.usage.count > 2
        else { return nil }
        let told = step.notes.count { if case .used = $0 { true } else { false } }
        return told == 1 ? nil : "a receipt was told \(told) times"
    }
}
