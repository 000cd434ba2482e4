public import Basics
import Policies
import Wire

/// What one session's facts say about its model; for `Breaker` and `ResponseTimes`, which outlive
/// the session.
public struct ModelHealth: Sendable {
    /// Id of the model, empty before the setup.
    public private(set) var model = ""
    /// Named as a resource, `models/...`, not only by its id.
    private var isNamedInFull = false
    private var hasAnswered = false
    /// The session begins with an earlier one's handle. Gemini may refuse that for as long as it
    /// has the old connection, on a node that is cut off: this says nothing against the model.
    private var isReturning = false
    /// Something other than silence happened to this turn: its duration says nothing about the
    /// model.
    private var isTainted = false
    /// The last remedy for silence in this turn, and when.
    private var remedy: (at: Instant, isMove: Bool)?
    /// The question has led to neither sound nor a call.
    private var isAsked = false
    /// How long a call in this turn took. The answer to its result may take longer, and a turn is
    /// as slow as its longest wait: its sound proves it.
    private var call = Interval.zero

    public enum Finding: Equatable, Sendable {
        /// The connection ended, not because of the client, before the model had said anything.
        case failed
        /// The tenant has no such model: it no longer exists, or is not open to everybody.
        case retired
        /// The model spoke for the first time.
        case answered
        /// The model was nudged, or the turn moved to another connection, because the model was
        /// silent; the result is not known yet.
        case tried
        /// In a turn without trouble, the first audio came after this time; `isFirst`: it was the
        /// first such turn.
        case sounded(after: Interval, isFirst: Bool)
        /// The same for a turn that was nudged or moved because of silence: the model may have
        /// taken up to `wait`, and answered `sinceRemedy` after the last remedy.
        case soundedLate(wait: Interval, sinceRemedy: Interval, isFirst: Bool)
    }

    public init() {}

    /// The session continues a conversation of an earlier one.
    public mutating func goesOn() { isReturning = true }

    public mutating func hear(_ fact: Fact, at now: Instant) -> Finding? {
        switch fact {
        case .setUp(let model, _):
            isNamedInFull = model.contains("/")
            begin(model)
        case .fellBack(_, let model): begin(model)
        case .setupCompleted: isReturning = false
        case .turnStarted(_, let input):
            if input != .tool { call = .zero }
            isTainted = false
            remedy = nil
            isAsked = input != .none
        case .nudged(_, let stall): return remedied(stall, isMove: false, at: now)
        case .troubled(let trouble, _):
            if case .stalled(let stall) = trouble {
                let finding = remedied(stall, isMove: true, at: now)
                // Other stalls may be due to the client's noise; an unanswered setup is not.
                let isFailure = stall == .setupUnanswered && !hasAnswered && !isReturning
                return isFailure ? .failed : finding
            }
            isTainted = true
        case .closed(.gemini, let close, by: .gemini):
            let cause = CloseCause(close)
            if model.isEmpty { return nil }
            // If the client's spelling is not a resource name, this says nothing about the model.
            if cause == .model { return isNamedInFull ? .retired : nil }
            if cause.verdict.isOutage, !hasAnswered, !isReturning { return .failed }
        case .firstAudio(_, let delay), .firstText(_, let delay):
            return sounded(after: delay, at: now)
        case .toolCalled(_, let delay?) where isAsked:
            return called(after: delay, at: now)
        case .turnEnded(_, .answered):
            defer { hasAnswered = true }
            return hasAnswered ? nil : .answered
        default: break
        }
        return nil
    }

    /// After a remedy, and in trouble, a call proves as much as a word; otherwise nothing yet.
    private mutating func called(after delay: Interval, at now: Instant) -> Finding? {
        guard remedy == nil, !isTainted else {
            defer { remedy = nil }
            return sounded(after: delay, at: now)
        }
        call = max(call, delay)
        defer { hasAnswered = true }
        isAsked = false
        return hasAnswered ? nil : .answered
    }

    private mutating func sounded(after delay: Interval, at now: Instant) -> Finding? {
        let delay = max(delay, call)
        let isFirst = !hasAnswered
        hasAnswered = true
        isAsked = false
        if isTainted { return isFirst ? .answered : nil }
        guard let remedy else { return .sounded(after: delay, isFirst: isFirst) }
        // On another connection the work begins again, whatever was done on the first.
        let sinceRemedy = now - remedy.at
        return .soundedLate(
            wait: remedy.isMove ? sinceRemedy : delay, sinceRemedy: sinceRemedy,
            isFirst: isFirst)
    }

    /// Only remedies for silence show that the model was slow or failing.
    private mutating func remedied(
        _ stall: Stall, isMove: Bool, at now: Instant
    ) -> Finding? {
        switch stall {
        case .noOutput, .transcribedOnly, .afterInterrupt, .firstReplyNever, .toolResultIgnored:
            remedy = (now, isMove)
            return .tried
        case .emptyTurn, .textOnly, .outputFroze, .inProgressStuck, .rejectedRun, .silentAudio,
            .setupUnanswered, .wedged, .silentRun, .forgotten:
            isTainted = true
            return nil
        }
    }

    private mutating func begin(_ model: String) {
        self.model = modelID(model)
        hasAnswered = false
        remedy = nil
        isAsked = false
    }
}
