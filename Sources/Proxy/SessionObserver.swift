import Basics
import CLinux
import Metrics
import Policies
import Sessions
import Transport
import Usage
import Wire

/// Turns a session's facts into metrics, ledger, timeline and log line: only here, so that they
/// agree. A class, so that counting a message does not copy the observer's state.
final class SessionObserver {
    private let id: String
    private let tenant: String
    private let worker: Worker
    private let began: Instant
    private var meter: Meter
    private var facts: FactMeter
    private var tokens: TokenMeter
    private let recorder: LedgerRecorder
    private var budgetMeter: BudgetMeter
    private var exhausted: Limit?
    /// Gemini has reported the current turn's usage, which is not paid yet.
    private var isUnpaid = false
    private var story = SessionStory()
    /// The usage of the turn counted last: large, so it is passed by reference.
    private var used = TurnUsage(turn: 0)
    /// The counts of the last few turns, for which further reports may come.
    private var told: [CountedTurn] = []
    /// The index of the entry whose estimates are not counted yet.
    private var unsettled: Int?
    /// The index of the entry that the next turn replaces.
    private var oldest = 0
    private var model = ""
    /// Applied to a setup whose model is not named yet.
    private var unnamed: [Fact] = []
    /// More than a setup has fields that rules are about.
    private static let mostUnnamed = 32
    private var health = ModelHealth()
    /// The page of the model at the policy's upstream.
    private var page = ModelHealthRegistry.Key(upstream: "", model: "")
    /// What is known of the model's pace, and (`learned`) what the session has not received of it
    /// yet.
    private var clocks: LearnedClocks?
    private var learned: LearnedClocks?
    /// The values of the model's profile.
    private var family = LearnedClocks(soft: .zero, hard: .zero)
    private var isSetUp = false
    /// The limit that was reached before the session began.
    private var bound: Limit?
    /// What the gauge counts for the session and for its connections, in bytes: a running sum, so
    /// that a scrape need not visit every session.
    private var held = (bySession: 0, byConnections: 0)
    private var isGone = false

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
        recorder = LedgerRecorder(
            session: id, policy: policy, endUser: endUser, ledger: worker.shared.ledger,
            at: worker.loop.now)
        budgetMeter = BudgetMeter(
            account, tenant: tenant, endUser: endUser, began: recorder.moment(at: began))
    }

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

    /// - Parameter bytes: All that the session holds now.
    @inline(__always)
    func countHeld(bySession bytes: Int) {
        let more = bytes - held.bySession
        guard more != 0, !isGone else { return }
        held.bySession = bytes
        meter.countHeld(more, &worker.shard)
    }

    func countHeld(byConnections more: Int) {
        guard !isGone else { return }
        held.byConnections += more
        meter.countHeld(more, &worker.shard)
    }

    /// The session has left its worker, with all it held.
    func forgetHeld() {
        countHeld(bySession: 0)
        countHeld(byConnections: -held.byConnections)
        isGone = true
    }

    func batchEnded(since start: Instant) {
        meter.countPassage(Instant(nanoseconds: tk_now()) - start, &worker.shard)
    }

    // MARK: Facts

    /// - Parameter policy: Boxed, because passing a policy copies it.
    func note(_ fact: Fact, payload: Span<UInt8>, policy: Boxed<Policy>, at now: Instant) {
        if case .used(let range) = fact { return use(range, of: payload, policy, at: now) }
        if case .setUp(let model, _) = fact { name(model, policy.value) }
        // For the log; in metrics a refused name has no label.
        if case .modelRefused(let model) = fact { self.model = model }
        if case .setupCompleted = fact { worker.models.accepted(modelID(model), policy.value) }
        if case .fellBack(_, let model) = fact {
            // The turn's usage so far is the last model's.
            if recorder.soFar(into: &used, at: now) { report(used.total) }
            settle()
            name(model, policy.value)
        }
        countRefusal(fact)
        testify(fact, policy, at: now)
        count(fact)
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
            settle()
            _ = passTime(policy, at: now)
            facts.countActive(-1, &worker.shard)
            log(outcome, at: now)
        }
    }

    /// Gemini's report, which is paid at the turn's end, unless it belongs to a turn that was
    /// already paid.
    private func use(
        _ report: ByteRange, of payload: Span<UInt8>, _ policy: Boxed<Policy>, at now: Instant
    ) {
        let isLate = recorder.use(worker.actions.usage, report, payload, into: &used, at: now)
        if isLate { count(policy) } else { isUnpaid = true }
    }

    /// Counts the turn in `used`.
    private func count(_ policy: Boxed<Policy>) {
        let tokens = used.total
        report(tokens)
        pay(tokens, policy)
    }

    /// A client that we close before its setup is complete counts as refused.
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

    /// What rules do to the setup is known just before its model is named.
    @inline(__always)
    private func count(_ fact: Fact) {
        if case .ruleApplied = fact, model.isEmpty, unnamed.count < Self.mostUnnamed {
            unnamed.append(fact)
        } else {
            if case .ended = fact { countUnnamed() }
            facts.count(fact, &worker.shard)
        }
    }

    private func countUnnamed() {
        for fact in unnamed { facts.count(fact, &worker.shard) }
        unnamed = []
    }

    /// The text is only generated if it is needed.
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
        // A client may put a credential there, or part of one: what remains is not a name.
        let (scrubber, id) = (worker.shared.scrubber, modelID(model))
        let told = scrubber.quotes(id) ? "" : scrubber.scrub(id)
        let label = worker.models.label(told, policy, &worker.shard)
        facts.countActive(-1, &worker.shard)
        let bytes = held.bySession + held.byConnections
        meter.countHeld(-bytes, &worker.shard)
        meter = worker.models.meter(tenant, label, &worker.shard)
        meter.countHeld(bytes, &worker.shard)
        facts = FactMeter(tenant: tenant, model: label)
        tokens = TokenMeter(tenant: tenant, model: label)
        facts.countActive(1, &worker.shard)
        countUnnamed()
    }

    /// Reports what the session has observed about its model, for later sessions.
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
        // From the session's own pace, and from what other sessions have observed meanwhile.
        case .turnStarted, .firstAudio, .firstText, .outputPaused, .toolCalled:
            learn(policy, at: now)
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

    /// Looks up the model's known pace, also before a clock fires: other sessions may have had
    /// answers meanwhile, or be trying a remedy.
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

    /// The news about the model's pace since the last call.
    @inline(__always)
    func takeLearned() -> LearnedClocks? {
        guard let clocks = learned else { return nil }
        learned = nil
        return clocks
    }

    /// Tokens of the same turn that were already counted are not counted again.
    private func report(_ total: Int64) {
        var turn = CountedTurn(
            turn: used.turn, reported: used.reported, estimated: used.estimated, total: total,
            cost: used.cost)
        let known = told.firstIndex { $0.turn == turn.turn }
        let before = known.map { told[$0] } ?? CountedTurn()
        if let unsettled, told[unsettled].turn != turn.turn { settle() }
        tokens.count(&turn, since: before, &worker.shard)
        story.used(total - before.total, cost: turn.cost - before.cost)
        let place = known ?? (told.count < BudgetMeter.turnsWithReports ? told.count : oldest)
        if place == told.count {
            told.append(turn)
        } else {
            if known == nil { oldest = (oldest + 1) % told.count }
            told[place] = turn
        }
        unsettled = turn.isSettled ? nil : place
    }

    /// No report is expected any more that could replace what was estimated of the last turn.
    private func settle() {
        if let place = unsettled.take() { tokens.settle(&told[place], &worker.shard) }
    }

    // MARK: Money

    /// Pays for the current turn's usage as far as gemini has reported it: some models never end a
    /// turn. Most reports come with the end, which pays for everything.
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

    /// What the conversation has used so far.
    func used(_ policy: Boxed<Policy>, at now: Instant) -> Memory.Used {
        if isUnpaid { payRunning(policy, at: now) }
        return budgetMeter.used
    }

    /// The session continues a conversation that has used this.
    func goOn(from used: Memory.Used) {
        budgetMeter.add(used)
        health.goesOn()
    }

    /// Counts the end user's time.
    func passTime(_ policy: Boxed<Policy>, at now: Instant) -> Limit? {
        budgetMeter.pass(to: now)
        return budgetMeter.exhausted(policy)
    }

    func timeLeft(_ policy: Policy) -> Interval {
        guard let most = policy.endUsers.dayMinutes else { return .zero }
        return .milliseconds(Int64(most) * 60_000 - budgetMeter.endUserUse.milliseconds)
    }

    /// The budget that the facts of the event have exhausted; call it after them.
    @inline(__always)
    func takeExhausted(_ policy: Boxed<Policy>, at now: Instant) -> Limit? {
        if isUnpaid { payRunning(policy, at: now) }
        guard let limit = exhausted else { return nil }
        exhausted = nil
        return limit
    }

    /// Writes one line that summarises the session.
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
