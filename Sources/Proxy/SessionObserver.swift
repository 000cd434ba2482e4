import Basics
import CLinux
import Metrics
import Policies
import Sessions
import Transport
import Usage
import Wire

/// Turns what a session says of itself into metrics, ledger, timeline and log line: the one place,
/// so that they cannot disagree. A class, so that a message is counted without copying what the
/// observer knows.
final class SessionObserver {
    private let id: String
    private let tenant: String
    private let keepsTranscripts: Bool
    private let worker: Worker
    private let began: Instant
    private var meter: Meter
    private var facts: FactMeter
    private var tokens: TokenMeter
    private let scribe: Scribe
    private var purse: Purse
    private var exhausted: Limit?
    /// Per turn, what was told of it as metrics.
    private var told: TurnUsage?
    private var model = ""
    private var turns = 0
    private var rulesApplied = 0
    private var clientClose: Close?
    private var geminiClose: Close?

    /// Before the setup names a model.
    private static let unnamed = "unknown"

    init(id: String, policy: Policy, account: Account, worker: Worker) {
        self.id = id
        self.worker = worker
        tenant = policy.tenant
        keepsTranscripts = policy.log.transcripts
        began = worker.loop.now
        meter = Meter(tenant: policy.tenant, model: Self.unnamed, &worker.shard)
        facts = FactMeter(tenant: tenant, model: Self.unnamed)
        tokens = TokenMeter(tenant: tenant, model: Self.unnamed)
        facts.countActive(1, &worker.shard)
        purse = Purse(account)
        scribe = Scribe(
            session: id, policy: policy, ledger: worker.shared.ledger, at: worker.loop.now)
    }

    /// Where the bytes its session buffers are told.
    var buffered: SeriesID { meter.buffered }

    // MARK: Messages

    @inline(__always)
    func count(_ message: ClientMessage, bytes: Int) {
        meter.count(message, bytes: bytes, &worker.shard)
        scribe.count(message)
    }

    @inline(__always)
    func count(_ message: ServerMessage, bytes: Int) {
        meter.count(message, bytes: bytes, &worker.shard)
        scribe.count(message)
    }

    @inline(__always)
    func countSent(_ peer: Peer, bytes: Int) { meter.countSent(peer, bytes: bytes, &worker.shard) }

    func batchEnded(since start: Instant) {
        meter.countPassage(Instant(nanoseconds: tk_now()) - start, &worker.shard)
    }

    // MARK: Facts

    func note(_ fact: Fact, payload: Span<UInt8>, policy: Policy, at now: Instant) {
        if case .setUp(let model, _) = fact { name(model, policy) }
        facts.count(fact, &worker.shard)
        remember(fact)
        let entry = narrate(fact, payload: payload, at: now)
        if let entry { worker.shared.onTimeline?(id, entry) }
        let used = scribe.note(
            fact, entry, payload: payload, profiles: worker.rulebook.policies.profiles, at: now)
        if let used { tell(used) }
        if case .used = fact, used == nil { pay(scribe.soFar, policy.budget) }
        pay(used, policy.budget)
        if case .ended(let outcome) = fact {
            facts.countActive(-1, &worker.shard)
            log(outcome, at: now)
        }
    }

    /// Words are made only for those who read them.
    private func narrate(
        _ fact: Fact, payload: Span<UInt8>, at now: Instant
    ) -> TimelineEntry? {
        guard worker.shared.onTimeline != nil || worker.shared.ledger != nil else { return nil }
        return Narration.tell(fact, payload: payload, transcripts: keepsTranscripts).map {
            TimelineEntry(at: now - began, what: $0.what, lane: $0.lane, text: $0.text)
        }
    }

    private func name(_ model: String, _ policy: Policy) {
        self.model = model
        // Clients choose the name, so only names the tenant allows become labels.
        let id = modelID(model)
        let label = policy.models.allows(id) && id.utf8.count <= 64 ? id : "other"
        facts.countActive(-1, &worker.shard)
        meter = Meter(tenant: tenant, model: label, &worker.shard)
        facts = FactMeter(tenant: tenant, model: label)
        tokens = TokenMeter(tenant: tenant, model: label)
        facts.countActive(1, &worker.shard)
    }

    /// What was told before of the same turn is not told again, and counters never go back: where a
    /// late report takes the place of an estimate, the estimate stays counted.
    private func tell(_ usage: TurnUsage) {
        tokens.count(usage, since: told?.turn == usage.turn ? told : nil, &worker.shard)
        told = usage
    }

    // MARK: Money

    /// What is under way counts as far as gemini has told of it: some models never end a turn.
    private func pay(_ usage: TurnUsage?, _ budget: Policy.Budget) {
        guard let usage else { return }
        purse.pay(turn: usage.turn, cost: usage.cost, tokens: usage.tokens.total)
        exhausted = purse.exhausted(budget)
    }

    func exhausted(_ budget: Policy.Budget) -> Limit? { purse.exhausted(budget) }

    /// The budget that has been used up since this was last asked.
    @inline(__always)
    func takeExhausted() -> Limit? {
        guard let limit = exhausted else { return nil }
        exhausted = nil
        return limit
    }

    private func remember(_ fact: Fact) {
        switch fact {
        case .turnStarted: turns += 1
        case .ruleApplied: rulesApplied += 1
        case .closed(.client, let close, _): clientClose = close
        case .closed(.gemini, let close, _): geminiClose = close
        default: break
        }
    }

    /// One line per session, with its story in short.
    private func log(_ outcome: SessionOutcome, at now: Instant) {
        var fields: [(String, Log.Value)] = [
            ("session", .string(id)), ("tenant", .string(tenant)), ("model", .string(model)),
            ("outcome", .string(outcome.rawValue)), ("seconds", .seconds((now - began).seconds)),
            ("turns", .integer(turns)), ("rules_applied", .integer(rulesApplied)),
        ]
        for (name, close) in [("client", clientClose), ("gemini", geminiClose)] {
            guard let close else { continue }
            fields.append(("\(name)_close", .integer(Int(close.code))))
            if !close.reason.isEmpty { fields.append(("\(name)_reason", .string(close.reason))) }
        }
        worker.shared.log.write(.info, "session ended", fields)
    }
}
