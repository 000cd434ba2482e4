import Sessions

/// I16: a session never holds more than `limits.buffer` and the current message.
struct HeldWithinBounds: Invariant {
    static let name = "I16"
    let limit: Int

    mutating func check(_ step: Step) -> String? {
        step.held > limit + step.payload.count
            ? "holds \(step.held) bytes, limit \(limit)" : nil
    }
}
