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
    /// A turn is as slow as its longest wait, for the first sound or call after the question or
    /// after a result. Known when it ends.
    private var longest: Interval?
    /// When the model was asked, if its newest sound came after a nudge: a second answer may follow.
    private var asked: Instant?
    /// The model's last reaction was a call: the answer to its result is still to come.
    private var isAtCall = false

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
        /// A turn without trouble has ended, in which the longest wait for a sound took this time.
        case sounded(after: Interval)
        /// The model spoke in a turn that was nudged or moved because of silence: it may have
        /// taken up to `wait`, and answered `sinceRemedy` after the last remedy. `isFirst`: it
        /// spoke for the first time.
        case soundedLate(wait: Interval, sinceRemedy: Interval, isFirst: Bool)
        /// The model spoke once more after the answer that followed a nudge, this long after the
        /// question: it was at work on it all the time, and the nudge was needless.
        case soundedAgain(after: Interval)
        /// The model paused for this long within an answer, and went on.
        case paused(Interval)
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
            if input != .tool { longest = nil }
            isTainted = false
            remedy = nil
            asked = nil
            isAtCall = false
        case .nudged(_, let stall): return remedied(stall, isMove: false, at: now)
        case .nudgeEnded(.duplicate): return asked.take().map { .soundedAgain(after: now - $0) }
        case .outputPaused(_, let time): return .paused(time)
        case .troubled(let trouble, _):
            asked = nil
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
            isAtCall = false
            asked = remedy.map { !$0.isMove && !isTainted } == true ? now - delay : nil
            return reacted(after: delay, at: now)
        case .toolCalled(_, _, let delay):
            isAtCall = true
            asked = nil
            return delay.flatMap { reacted(after: $0, at: now) }
        case .turnEnded(_, let outcome):
            if !isTainted, !isAtCall, let wait = longest.take() { return .sounded(after: wait) }
            return outcome == .answered ? answered() : nil
        default: break
        }
        return nil
    }

    private mutating func answered() -> Finding? {
        defer { hasAnswered = true }
        return hasAnswered ? nil : .answered
    }

    private mutating func reacted(after delay: Interval, at now: Instant) -> Finding? {
        if isTainted { return answered() }
        let longest = max(self.longest ?? .zero, delay)
        self.longest = longest
        guard let remedy else { return answered() }
        // On another connection the work begins again, whatever was done on the first.
        let sinceRemedy = now - remedy.at
        let wait = remedy.isMove ? sinceRemedy : longest
        // The rest of the turn no longer shows the model's own pace.
        isTainted = true
        self.longest = nil
        return .soundedLate(wait: wait, sinceRemedy: sinceRemedy, isFirst: answered() != nil)
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
        longest = nil
        asked = nil
    }
}
