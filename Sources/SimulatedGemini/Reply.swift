import Basics
import Wire

/// Something the connection will do at a time of its own.
enum Deed {
    case message(Draft)
    case close(Close)
    case abort
    /// Sends nothing for so long; with `deaf`, takes nothing either.
    case freeze(Interval, deaf: Bool)
}

/// The service's answer to one input, before it begins: what faults change.
struct Reply {
    struct Step {
        /// From the end of the user's input.
        var after: Interval
        var deed: Deed
        /// Belongs to the model's speech: what an interruption takes back.
        var isSpeech = true
    }

    /// The turn it answers.
    let heard: Heard.Turn
    /// The turn before that.
    let previous: Heard.Turn?
    /// As `heard.input`, but `tool` where it goes on after a tool's result.
    let input: Heard.Input
    let family: Family
    let wantsHandles: Bool
    var turn: Int { heard.number }
    /// Kept in order of time.
    var steps: [Step] = []
    var random: SeededRandom

    mutating func add(_ draft: Draft, after: Interval, isSpeech: Bool = true) {
        add(.message(draft), after: after, isSpeech: isSpeech)
    }

    mutating func add(_ deed: Deed, after: Interval, isSpeech: Bool = true) {
        let index = steps.lastIndex { $0.after <= after }.map { $0 + 1 } ?? 0
        steps.insert(Step(after: after, deed: deed, isSpeech: isSpeech), at: index)
    }

    /// When the first sound, word or call of the model is due.
    var firstOutput: Interval? {
        steps.first {
            guard case .message(let draft) = $0.deed else { return false }
            return draft.isOutput || !draft.calls.isEmpty
        }?.after
    }

    var lastStep: Interval { steps.last?.after ?? .zero }

    /// Removes everything from `after` on.
    mutating func cut(from after: Interval) {
        steps.removeAll { $0.after >= after }
    }

    /// Leaves of the model's part only what `isKept` says.
    mutating func keepSpeech(_ isKept: (Draft) -> Bool) {
        steps.removeAll { step in
            guard case .message(let draft) = step.deed, step.isSpeech else { return false }
            return !isKept(draft)
        }
    }

    func milliseconds(_ range: ClosedRange<Int64>, _ random: inout SeededRandom) -> Interval {
        .milliseconds(Int64.random(in: range, using: &random))
    }
}
