import Basics
import CLinux
import Metrics
import Policies
import Sessions
import Transport
import Usage
import Wire

/// Turns a session's facts into metrics, ledger, timeline and log line: the one place, so that they
/// agree. A class, so that a message is counted without copying the observer's state.
final class SessionObserver {
    private let id: String
    private let tenant: String
    private let worker: Worker
    private let began: Instant
    private var meter: Meter
    private var facts: FactMeter
    private var tokens: TokenMeter
    private let recorder: SessionRecorder
    private var budgetMeter: BudgetMeter
    private var exhausted: Limit?
    /// The current turn's usage was reported and is not paid yet.
    private var isUnpaid = false
    private var story = SessionStory()
    /// Of the turn that was counted last: large, so that it is handed on by reference.
    private var used = TurnUsage(turn: 0)
    /// What was counted per turn; for the last few turns, for which more may be reported.
    private var told: [CountedTurn] = []
    /// Of these, the one that the next turn replaces.
    private var oldest = 0
    private var model = ""
    private var health = ModelHealth()
    /// The model's, at the policy's upstream.
    private var page = ModelHealthRegistry.Key(upstream: "", model: "")
    /// What the session knows of its model's pace, and what it must be told.
    private var clocks: LearnedClocks?
    private var learned: LearnedClocks?
    /// The values of the model's profile.
    private var family = LearnedClocks(soft: .zero, hard: .zero)
    private var isSetUp = false
    /// The limit that was reached before there was a session.
    private var bound: Limit?

    init(id: String, policy: Policy, account: Account, endUser: String, worker: Worker) {
        self.id = id
        self.worker = worker
        tenant = policy.tenant
        began = worker.loop.now
        let unnamed = worker.models.unnamed(tenant, &worker.shard)
        meter = worker.models.meter(tenant, unnamed, &worker.shard)
        facts = FactMeter(tenant: tenant, model: unnamed)
        tokens = TokenMeter(tenant: tenant, model: unnamed)
        facts.countActive(1, &worker.shard)
        recorder = SessionRecorder(
            session: id, policy: policy, endUser: endUser, ledger: worker.shared.ledger,
            at: worker.loop.now)
        budgetMeter = BudgetMeter(
            account, tenant: tenant, endUser: endUser, began: recorder.moment(at: began))
    }

    /// The series for the bytes that its session buffers.
    var buffered: SeriesID { meter.buffered }

    // MARK: Messages

    @inline(__always)
    func count(_ message: ClientMessage, bytes: Int) {
        meter.count(message, bytes: bytes, &worker.shard)
        story.bytesFromClient &+= bytes
        recorder.count(message)
    }

    @inline(__always)
    func count(_ message: ServerMessage, bytes: Int) {
        meter.count(message, bytes: bytes, &worker.shard)
        story.bytesFromGemini &+= bytes
        recorder.count(message)
    }

    @inline(__always)
    func countSent(_ peer: Peer, bytes: Int) { meter.countSent(peer, bytes: bytes, &worker.shard) }

    func batchEnded(since start: Instant) {
        meter.countPassage(Instant(nanoseconds: tk_now()) - start, &worker.shard)
    }

    // MARK: Facts

    /// - Parameter policy: In its box, because whoever is passed a policy is passed a copy of it.
    func note(_ fact: Fact, payload: Span<UInt8>, policy: Boxed<Policy>, at now: Instant) {
        if case .used(let range) = fact { return use(range, of: payload, policy, at: now) }
        if case .setUp(let model, _) = fact { name(model, policy.value) }
        // For the log; in metrics a name that is refused has no label.
        if case .modelRefused(let model) = fact { self.model = model }
        if case .setupCompleted = fact { worker.models.accepted(modelID(model), policy.value) }
        if case .fellBack(_, let model) = fact { name(model, policy.value) }
        countRefusal(fact)
        testify(fact, policy, at: now)
        facts.count(fact, &worker.shard)
        story.note(fact)
        let entry = narrate(fact, payload: payload, policy.value.log, at: now)
        if let entry { worker.shared.onTimeline?(id, entry) }
        if case .ended = fact { recorder.setReceivers(policy.value.notify) }
        if case .turnStarted(let turn, _) = fact {
            budgetMeter.began(turn, at: recorder.moment(at: now))
        }
        let isCounted = recorder.note(
            fact, entry, payload: payload, policy.value.log,
            worker.policySnapshot.policies.profiles, into: &used, at: now)
        if isCounted { count(policy) }
        if case .ended(let outcome) = fact {
            _ = passTime(policy, at: now)
            facts.countActive(-1, &worker.shard)
            log(outcome, at: now)
        }
    }

    /// Gemini's report, which the turn's end pays for, unless it is of one that was paid before.
    private func use(
        _ report: ByteRange, of payload: Span<UInt8>, _ policy: Boxed<Policy>, at now: Instant
    ) {
        let isLate = recorder.use(worker.actions.usage, report, payload, into: &used, at: now)
        if isLate { count(policy) } else { isUnpaid = true }
    }

    /// Of the turn in `used`.
    private func count(_ policy: Boxed<Policy>) {
        let tokens = used.total
        report(tokens)
        pay(tokens, policy)
    }

    /// A client that we close before its setup is complete was refused.
    private func countRefusal(_ fact: Fact) {
        guard !isSetUp else { return }
        switch fact {
        case .setUp: isSetUp = true
        case .limitReached(let limit): bound = limit
        case .closed(.client, let close, .turnkeeper):
            let series = worker.shard.series(
                .refusals, [Labels.closeCode(close.code), bound?.rawValue ?? "setup"])
            worker.shard.increment(series)
        default: break
        }
    }

    /// Text is only generated if somebody reads it.
    private func narrate(
        _ fact: Fact, payload: Span<UInt8>, _ log: Policy.Log, at now: Instant
    ) -> TimelineEntry? {
        guard worker.shared.onTimeline != nil || worker.shared.ledger != nil else { return nil }
        return FactDescription.describe(fact, payload: payload, transcripts: log.transcripts).map {
            TimelineEntry(at: now - began, what: $0.what, lane: $0.lane, text: $0.text)
        }
    }

    private func name(_ model: String, _ policy: Policy) {
        self.model = model
        // A client may put a credential there, or a piece of one: what is left is no name.
        let (scrubber, id) = (worker.shared.scrubber, modelID(model))
        let told = scrubber.quotes(id) ? "" : scrubber.scrub(id)
        let label = worker.models.label(told, policy, &worker.shard)
        facts.countActive(-1, &worker.shard)
        meter = worker.models.meter(tenant, label, &worker.shard)
        facts = FactMeter(tenant: tenant, model: label)
        tokens = TokenMeter(tenant: tenant, model: label)
        facts.countActive(1, &worker.shard)
    }

    /// What the session has observed about its model helps later ones.
    private func testify(_ fact: Fact, _ policy: Boxed<Policy>, at now: Instant) {
        let finding = health.hear(fact, at: now)
        var change: Breaker.Change?
        if let finding {
            change = worker.shared.models.write(
                finding, on: findPage(policy), by: id, policy, at: now)
        }
        switch fact {
        case .setUp, .fellBack:
            clocks = nil
            let profile = worker.policySnapshot.policies.profiles.profile(for: health.model)
            family = LearnedClocks(soft: profile.soft, hard: profile.hard)
            learn(policy, at: now)
        // From its own pace, and from what other sessions have observed meanwhile.
        case .turnStarted, .firstAudio, .firstText, .toolCalled: learn(policy, at: now)
        default: break
        }
        guard let change else { return }
        if change == .opened {
            worker.shared.ledger?.noteBreaker(
                of: health.model, upstream: policy.value.upstream.url, session: id,
                worker.shared.policiesInForce, only: finding == .retired ? tenant : nil)
        }
        let siblings = policy.value.models.named(for: health.model)
        worker.shared.log.write(
            .warning, Self.words(change, leadsElsewhere: !siblings.isEmpty),
            [
                ("model", .string(health.model)), ("upstream", .string(policy.value.upstream.url)),
                ("session", .string(id)), ("tenant", .own(tenant)),
            ])
    }

    /// A failing model is avoided only if the policy names another.
    private static func words(_ change: Breaker.Change, leadsElsewhere: Bool) -> String {
        switch change {
        case .opened: leadsElsewhere ? "model is skipped" : "model fails"
        case .healed: leadsElsewhere ? "model is back" : "model answers again"
        }
    }

    /// Looks up the model's known pace, also before a clock fires: other sessions may have heard
    /// the model meanwhile, or be trying it.
    func learn(_ policy: Boxed<Policy>, at now: Instant) {
        guard !health.model.isEmpty else { return }
        let known = worker.shared.models.clocks(
            findPage(policy), for: id, policy, family: family, at: now)
        guard known != clocks else { return }
        clocks = known
        learned = known
    }

    private func findPage(_ policy: Boxed<Policy>) -> ModelHealthRegistry.Key {
        if page.model != health.model || page.upstream != policy.value.upstream.url {
            page = ModelHealthRegistry.Key(
                upstream: policy.value.upstream.url, model: health.model)
        }
        return page
    }

    /// What is new about the model's pace since the last call.
    @inline(__always)
    func takeLearned() -> LearnedClocks? {
        guard let clocks = learned else { return nil }
        learned = nil
        return clocks
    }

    /// What was counted before of the same turn is not counted again, and counters never decrease:
    /// if a late report replaces an estimate, the estimate stays counted.
    private func report(_ total: Int64) {
        let turn = CountedTurn(
            turn: used.turn, reported: used.reported, estimated: used.estimated, total: total,
            cost: used.cost)
        let known = told.firstIndex { $0.turn == turn.turn }
        let before = known.map { told[$0] } ?? CountedTurn()
        tokens.count(turn, since: before, &worker.shard)
        story.used(total - before.total, cost: turn.cost - before.cost)
        if let known {
            told[known] = turn
        } else if told.count < Self.turnsWithReports {
            told.append(turn)
        } else {
            told[oldest] = turn
            oldest = (oldest + 1) % told.count
        }
    }

    /// A report that comes more than this many turns later belongs to another turn anyway.
    private static let turnsWithReports = 8

    // MARK: Money

    /// Usage of the current turn counts as far as gemini has reported it: some models never end a
    /// turn. Most reports come with the end, which pays for all.
    private func payRunning(_ policy: Boxed<Policy>, at now: Instant) {
        if recorder.soFar(into: &used, at: now) { pay(used.total, policy) }
        isUnpaid = false
    }

    private func pay(_ tokens: Int64, _ policy: Boxed<Policy>) {
        isUnpaid = false
        let spent = budgetMeter.pay(turn: used.turn, cost: used.cost, tokens: tokens)
        worker.shared.ledger?.note(spent.before, to: spent.after, policy.value)
        exhausted = budgetMeter.exhausted(policy)
    }

    func exhausted(_ policy: Boxed<Policy>) -> Limit? { budgetMeter.exhausted(policy) }

    /// By the conversation so far.
    func used(_ policy: Boxed<Policy>, at now: Instant) -> Memory.Used {
        if isUnpaid { payRunning(policy, at: now) }
        return budgetMeter.used
    }

    /// The session goes on with a conversation that has used this.
    func goOn(from used: Memory.Used) {
        budgetMeter.add(used)
        health.goesOn()
    }

    /// The end user's time goes by.
    func passTime(_ policy: Boxed<Policy>, at now: Instant) -> Limit? {
        budgetMeter.pass(to: now)
        return budgetMeter.exhausted(policy)
    }

    func timeLeft(_ policy: Policy) -> Interval {
        guard let most = policy.endUsers.dayMinutes else { return .zero }
        return .milliseconds(Int64(most) * 60_000 - budgetMeter.endUserUse.milliseconds)
    }

    /// After the facts of an event: the budget that they exhausted.
    @inline(__always)
    func takeExhausted(_ policy: Boxed<Policy>, at now: Instant) -> Limit? {
        if isUnpaid { payRunning(policy, at: now) }
        guard let limit = exhausted else { return nil }
        exhausted = nil
        return limit
    }

    /// One line per session with its story in short.
    private func log(_ outcome: SessionOutcome, at now: Instant) {
        worker.shared.log.write(
            .info, "session ended",
            [
                ("session", .string(id)), ("tenant", .own(tenant)), ("model", .string(model)),
                ("outcome", .string(outcome.rawValue)),
                ("seconds", .seconds((now - began).seconds)),
            ] + story.fields())
    }
}
