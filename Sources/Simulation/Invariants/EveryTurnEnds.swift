import Sessions

/// I7: every turn that started ends with exactly one outcome.
struct EveryTurnEnds: Invariant {
    static let name = "I7"
    private var open: Int?
    private var last = 0

    mutating func check(_ step: Step) -> String? {
        for action in step.actions {
            if case .note(.turnStarted(let number, _)) = action {
                if let open { return "turn \(number) started though \(open) has not ended" }
                if number != last + 1 { return "turn \(number) after \(last)" }
                open = number
                last = number
            } else if case .note(.turnEnded(let number, _)) = action {
                if open != number { return "turn \(number) ended though \(open ?? 0) was open" }
                open = nil
            }
        }
        return nil
    }

    mutating func finish() -> String? { open.map { "turn \($0) never ended" } }
}
