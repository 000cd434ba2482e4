public import Basics
import Policies
import Wire

/// What the facts of one session say of the model it is with; for `Breaker` and `ResponseTimes`,
/// which outlive it.
public struct ModelHealth: Sendable {
    /// Id of the model, empty before the setup.
    public private(set) var model = ""
    private var hasAnswered = false
    /// The connection of this turn was lost: how long it took says nothing of the model.
    private var isTainted = false
    /// When a remedy was last tried because this turn was mute.
    private var remedied: Instant?

    public enum Testimony: Equatable, Sendable {
        /// The connection ended, by no fault of the client's, before the model had said anything.
        case failed
        /// There is no such model any more.
        case retired
        /// The model spoke for the first time.
        case answered
        /// A turn that nothing went wrong with took so long to its first sound; `isFirst`: and it
        /// was the first.
        case sounded(after: Interval, isFirst: Bool)
        /// The same where the model was nudged or left for another connection, so long before.
        case soundedLate(after: Interval, sinceRemedy: Interval, isFirst: Bool)
    }

    public init() {}

    public mutating func hear(_ fact: Fact, at now: Instant) -> Testimony? {
        switch fact {
        case .setUp(let model, _): begin(model)
        case .fellBack(_, let model): begin(model)
        case .turnStarted:
            isTainted = false
            remedied = nil
        case .nudged: remedied = now
        case .troubled(let trouble, _):
            if case .stalled = trouble { remedied = now } else { isTainted = true }
            // Whatever else stalls may be the client's noise; a setup is not.
            if trouble == .stalled(.setupUnanswered), !hasAnswered { return .failed }
        case .closed(.gemini, let close, by: .gemini):
            let cause = CloseCause(close)
            if model.isEmpty { return nil }
            if cause == .model { return .retired }
            if cause.verdict.isOutage, !hasAnswered { return .failed }
        case .firstAudio(_, let delay):
            let isFirst = !hasAnswered
            hasAnswered = true
            if isTainted { return isFirst ? .answered : nil }
            guard let remedied else { return .sounded(after: delay, isFirst: isFirst) }
            return .soundedLate(after: delay, sinceRemedy: now - remedied, isFirst: isFirst)
        case .turnEnded(_, .answered):
            defer { hasAnswered = true }
            return hasAnswered ? nil : .answered
        default: break
        }
        return nil
    }

    private mutating func begin(_ model: String) {
        self.model = modelID(model)
        hasAnswered = false
    }
}
