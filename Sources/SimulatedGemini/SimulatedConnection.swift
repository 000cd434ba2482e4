public import Basics
import Wire

/// One WebSocket connection of the simulated service. Pure: no clock, no I/O, random numbers only
/// from the service's seed. `handle` is the only way in, the action list the only way out,
/// `deadline` the only timer.
public final class SimulatedConnection {
    /// From 1, over the whole service.
    public let number: Int
    /// When `.wokeUp` is due; `nil`: never.
    public private(set) var deadline: Instant?
    /// The conversation it carries, once set up.
    public internal(set) var conversation: Conversation?

    enum Phase { case awaitingUpgrade, awaitingSetup, settingUp, live, over }

    /// Something to do later.
    struct Planned {
        var at: Instant
        var deed: Deed
        /// Number of the turn it belongs to; 0: none.
        var turn: Int
        /// Cancelled by an interruption.
        var isSpeech: Bool
    }

    struct OpenCall {
        var call: Call
        var turn: Int
        var isBlocking: Bool
        var sentAt: Instant
    }

    let service: SimulatedService
    var random: SeededRandom
    var composer: Composer
    var now = Instant(nanoseconds: 0)
    var output: [ServerAction] = []

    var phase = Phase.awaitingUpgrade
    var door = Door()
    var settings = Settings()
    var spelling = Spelling()
    var setupAt = Instant(nanoseconds: 0)
    var faults: [any Fault]

    var schedule: [Planned] = []
    var frozenUntil: Instant?
    private var deafUntil: Instant?
    /// Input that arrived while it was deaf, oldest first.
    private var unheard: [(bytes: [UInt8], at: Instant)] = []
    /// When the current message arrived.
    private(set) var arrivedAt = Instant(nanoseconds: 0)
    /// Number of messages received, the setup included.
    private(set) var received = 0
    var quirks = Quirks()
    /// Calls that a handle restores are repeated.
    var remade: (calls: Draft, turn: Int)?
    var lastInputAt = Instant(nanoseconds: 0)

    // The user's side.
    /// The activity or utterance in progress.
    var open: Heard.Turn?
    var detector = Detector()
    /// Length of all audio received, legal or not.
    var audioOffset = Interval.zero
    /// When the audio received so far would have ended in real time.
    var audioClock = Instant(nanoseconds: .min / 2)
    var aheadLimit = Interval.seconds(60)
    /// Sample rate of the audio so far.
    var inputRate: Int?
    var looseFrames = 0
    var heldContents: [(role: String, text: String)] = []
    var isSeeding = false
    /// A seed that ended with the user's words waits for any real-time input.
    var seedWaits: String?
    var streamPause = StreamPause()
    /// Seconds of the current utterance whose transcript was sent.
    var dictated = 0
    /// The incomplete second of the last utterance, in nanoseconds.
    var leftOver: Int64 = 0
    var sendsVoiceActivity = false

    // The model's side.
    /// Number of the turn being answered.
    var current: Int?
    /// Turns to be answered after it.
    var waiting: [Int] = []
    var openCalls: [OpenCall] = []
    var cancelledCalls: Set<String> = []
    /// Calls delivered more than once, whose second answers are not violations.
    var doubledCalls: Set<String> = []
    /// Calls of an earlier connection that the model still waits for.
    var lostCalls: Set<String> = []
    /// Tools that have answered, by the number of the turn that called them.
    var toolResults: [Int: String] = [:]
    /// Turns whose input was transcribed here.
    var transcribed: Set<Int> = []
    /// Usage reports of interrupted turns, until they are sent.
    var receipts: [Int: Usage] = [:]
    /// No answer begins before an interruption has been completed.
    var quietUntil = Instant(nanoseconds: .min / 2)
    var translated = 0

    init(number: Int, service: SimulatedService, random: SeededRandom) {
        self.number = number
        self.service = service
        self.random = random
        composer = Composer(
            settings: settings, scenario: service.scenario, voice: service.voice,
            random: self.random.fork())
        faults = service.scenario.faults.map(\.fault)
    }

    /// Drain `actions` before the next event; `payload` is read only during the call. Events after
    /// the end are ignored: a shell may still have some.
    public func handle(
        _ event: ServerEvent, payload: Span<UInt8>, at now: Instant,
        into actions: inout [ServerAction]
    ) {
        guard phase != .over else { return }
        self.now = now
        if service.startedAt == nil { service.startedAt = now }
        runDue()
        switch event {
        case .opened(let upgrade): answer(upgrade)
        case .received: hear(payload)
        case .wokeUp: break
        case .closed(let close):
            // What arrived before the end was available, so it is read now.
            if deafUntil != nil { listenAgain() }
            ended(close, byService: false)
        }
        runDue()
        deadline = phase == .over ? nil : nextDeadline
        actions.append(contentsOf: output)
        output.removeAll(keepingCapacity: true)
    }

    private var nextDeadline: Instant? {
        let next = frozenUntil ?? schedule.first?.at
        guard let deafUntil else { return next }
        return min(next ?? .distantFuture, deafUntil)
    }

    private func hear(_ payload: Span<UInt8>) {
        guard phase != .over else { return }
        guard deafUntil == nil else {
            var copy: [UInt8] = []
            copy.reserveCapacity(payload.count)
            for index in payload.indices { copy.append(payload[index]) }
            return unheard.append((copy, now))
        }
        lastInputAt = now
        arrivedAt = now
        received += 1
        receive(payload)
    }

    private func answer(_ upgrade: Upgrade) {
        door = Door(upgrade)
        spelling.isVertex = door.isVertex
        spelling.isPretty = random.chance(0.5)
        var opening = Opening()
        strike(.opening) { $0.strike(&opening) }
        if let refusal = opening.refusal {
            output.append(.refuse(status: refusal.status, body: refusal.body))
            phase = .over
            return
        }
        output.append(.accept)
        phase = .awaitingSetup
    }

    // MARK: What is planned

    func plan(
        _ deed: Deed, after: Interval, turn: Int = 0, isSpeech: Bool = false
    ) {
        plan(deed, at: now + after, turn: turn, isSpeech: isSpeech)
    }

    func plan(_ deed: Deed, at: Instant, turn: Int, isSpeech: Bool) {
        let planned = Planned(at: at, deed: deed, turn: turn, isSpeech: isSpeech)
        let index = schedule.lastIndex { $0.at <= at }.map { $0 + 1 } ?? 0
        schedule.insert(planned, at: index)
    }

    private func runDue() {
        if let thaw = frozenUntil, thaw <= now { frozenUntil = nil }
        if let end = deafUntil, end <= now { listenAgain() }
        while frozenUntil == nil, phase != .over, let first = schedule.first, first.at <= now {
            schedule.removeFirst()
            perform(first)
        }
    }

    private func listenAgain() {
        deafUntil = nil
        output.append(.resumeReading)
        let messages = unheard
        unheard.removeAll()
        lastInputAt = now
        for message in messages where phase != .over {
            arrivedAt = message.at
            received += 1
            receive(message.bytes.span)
        }
    }

    /// Limited to the end of the scenario's faults.
    private func bounded(_ end: Instant) -> Instant {
        service.healedAt.map { min(end, max($0, now)) } ?? end
    }

    private func perform(_ planned: Planned) {
        switch planned.deed {
        case .message(let draft):
            send(draft, turn: planned.turn)
            if let again = draft.repeats { plan(planned.deed, after: again) }
        case .close(let close):
            if close == .goAwayOverrun { record(.goAwayOverrun, "") }
            end(close)
        case .abort:
            output.append(.abort)
            ended(.abnormal, byService: true)
        case .freeze(let length, let deaf):
            frozenUntil = bounded(now + length)
            if deaf { deafen(length) }
        case .deafen(let length):
            deafen(length)
        case .answer(let turn):
            answerLate(turn)
        case .wedge(let wedge, let deep):
            guard !service.isHealed(at: now) else { return }
            if deep { conversation?.deepWedge = wedge } else { conversation?.memory.wedge = wedge }
        case .whenQuiet(let limit, let onlyInActivity, let deed):
            guard !service.isHealed(at: now) else { return }
            var planned = planned
            if now - lastInputAt >= limit, !onlyInActivity || open != nil {
                planned.deed = deed
                return perform(planned)
            }
            let next = max(lastInputAt + limit, now + .milliseconds(100))
            plan(planned.deed, at: next, turn: 0, isSpeech: false)
        }
    }

    private func deafen(_ length: Interval) {
        if deafUntil == nil { output.append(.pauseReading) }
        deafUntil = max(deafUntil ?? now, bounded(now + length))
    }

    private func send(_ draft: Draft, turn: Int) {
        var draft = draft
        if draft.setupComplete {
            phase = .live
            if let remade {
                plan(.message(remade.calls), after: .milliseconds(700), turn: remade.turn)
            }
        }
        if draft.resumption == .fresh, !issueHandle(&draft) { return }
        if quirks.sendsRiders, !service.isHealed(at: now) { addRiders(&draft) }
        separate(&draft, turn)
        let usage = receipt(of: draft, turn: turn)
        if let conversation, turn > 0, !draft.isOldTail {
            conversation.heard.turns[turn - 1].reply += draft.spoken
            conversation.heard.turns[turn - 1].replyBytes += draft.audio.count
            if usage != nil { conversation.heard.turns[turn - 1].usage = usage }
        }
        let opcode: Opcode = quirks.sendsText ? .text : .binary
        if !draft.setupComplete { chatter(opcode) }
        output.append(.send(draft.json(spelling, usage: usage), opcode))
        for call in draft.calls where !call.isUnfinished {
            if openCalls.contains(where: { $0.call.id == call.id }) {
                doubledCalls.insert(call.id)
                continue
            }
            let isBlocking = settings.tools.first { $0.name == call.name }?.isBlocking ?? true
            openCalls.append(
                OpenCall(call: call, turn: turn, isBlocking: isBlocking, sentAt: now))
            conversation?.heard.calls.append(
                Heard.Call(
                    connection: number, id: call.id, name: call.name, turn: turn, at: now))
        }
        if draft.turnComplete, draft.interaction != .inProgress, turn == current, turn > 0,
            !draft.isOldTail
        {
            finish(turn)
        }
    }

    /// Adds unknown fields to everything the model says, numbered.
    private func addRiders(_ draft: inout Draft) {
        guard draft.isOutput || draft.turnComplete || draft.interrupted || !draft.calls.isEmpty
        else { return }
        service.riders += 1
        draft.rider = "rider-\(service.riders)-"
        let isBare = draft.receipt == .none && (draft.interrupted || !draft.calls.isEmpty)
        if isBare, service.scenario.sendsUsage { draft.receipt = .extra }
    }

    private func receipt(of draft: Draft, turn: Int) -> Usage? {
        guard conversation != nil, turn > 0 else { return nil }
        switch draft.receipt {
        case .none, .empty:
            return nil
        case .exact, .bare:
            return receipts.removeValue(forKey: turn) ?? receipt(for: turn)
        case .extra: return receipt(for: turn)
        case .textOnly(let tokens):
            var usage = receipt(for: turn)
            usage.responseAudio = 0
            usage.responseText = tokens
            return usage
        }
    }

    // MARK: The end

    func end(_ close: Close) {
        guard phase != .over else { return }
        output.append(.close(close))
        ended(close, byService: true)
    }

    private func ended(_ close: Close, byService: Bool) {
        guard phase != .over else { return }
        let wasLive = phase == .live
        phase = .over
        schedule.removeAll()
        unheard.removeAll()
        guard let conversation else { return }
        for turn in [current].compactMap({ $0 }) + waiting {
            conversation.heard.turns[turn - 1].outcome = .cut
        }
        orphanUnanswered(conversation)
        if wasLive { conversation.releasedAt = now }
        if settings.family.isContinuous { closeContinuousTurn(conversation) }
        conversation.heard.closes.append(
            Heard.Closing(connection: number, close: close, byService: byService, at: now))
        conversation.liveConnection = nil
        conversation.endedAt = now
    }

    /// The last unanswered input may be repeated in a new conversation.
    private func orphanUnanswered(_ conversation: Conversation) {
        guard let turn = conversation.heard.turns.last(where: { $0.connection == number }),
            turn.outcome == .cut || turn.outcome == .unanswered
        else { return }
        service.orphans[turn.key, default: []].append(conversation.number)
    }

    private func closeContinuousTurn(_ conversation: Conversation) {
        guard var turn = open, turn.sound.bytes > 0 else { return }
        turn.number = conversation.heard.turns.count + 1
        turn.endedAt = now
        turn.outcome = .answered
        conversation.heard.turns.append(turn)
    }

    /// Records a violation.
    func record(_ kind: Heard.Violation.Kind, _ detail: String) {
        let violation = Heard.Violation(
            kind: kind, connection: number, at: now, detail: detail)
        service.violationCount += 1
        if let conversation {
            conversation.heard.violations.append(violation)
        } else {
            service.earlyViolations.append(violation)
        }
    }

    /// Records it, and ends the connection if the scenario is strict. Returns whether it ended.
    @discardableResult
    func violated(
        _ kind: Heard.Violation.Kind, _ detail: String = "", _ close: Close = .invalidArgument
    ) -> Bool {
        record(kind, detail)
        guard service.scenario.isStrict else { return false }
        end(close)
        return true
    }

    // MARK: Faults

    /// Applies every fault that wants this occasion and whose trigger matches.
    func strike(
        _ occasion: Occasions, turn: Int? = nil, attempt: Int = 0, nudge: Int = 0,
        where isConcerned: (any Fault) -> Bool = { _ in true }, _ body: (inout any Fault) -> Void
    ) {
        guard !faults.isEmpty, !service.isHealed(at: now) else { return }
        for index in faults.indices where type(of: faults[index]).occasions.contains(occasion) {
            guard isConcerned(faults[index]) else { continue }
            let isEarly = occasion == .opening || occasion == .setup
            let circumstances = Trigger.Circumstances(
                model: settings.model, turn: turn, attempt: attempt, nudge: nudge,
                connection: conversation?.connections ?? number,
                age: isEarly ? .zero : now - setupAt,
                strikes: conversation?.strikes[index] ?? service.strikes[index],
                totalStrikes: service.strikes[index])
            let trigger = service.scenario.faults[index].trigger
            guard trigger.isDue(circumstances, &random) else { continue }
            conversation?.strikes[index] += 1
            service.strikes[index] += 1
            body(&faults[index])
        }
    }
}

/// What is known about pauses in the microphone's stream.
struct StreamPause {
    var lastAudioAt: Instant?
    /// The client announced the pause.
    var isAnnounced = false
    /// An unannounced pause has confused the detector.
    var isStuck = false
}
