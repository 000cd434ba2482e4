public import Basics
import Wire

/// One WebSocket connection of the simulated service. Pure: no clock, no I/O, dice only from the
/// service's seed. `handle` is the only way in, the action list the only way out, `deadline` the
/// only timer.
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
        /// Taken back by an interruption.
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
    var isDeaf = false

    // The user's side.
    /// The activity or utterance in progress.
    var open: Heard.Turn?
    var detector = Detector()
    /// Length of all audio received, legal or not.
    var audioOffset = Interval.zero
    /// When the audio received so far will have passed in real time.
    var audioClock = Instant(nanoseconds: .min / 2)
    var aheadLimit = Interval.seconds(60)
    var looseFrames = 0
    var heldText: [String] = []
    var isSeeding = false
    /// A seed that ended with the user's words waits for any real-time input.
    var seedWaits = false
    var sendsVoiceActivity = false

    // The model's side.
    /// Number of the turn being answered.
    var current: Int?
    /// Turns to be answered after it.
    var waiting: [Int] = []
    var openCalls: [OpenCall] = []
    var cancelledCalls: Set<String> = []
    /// Receipts of turns that were interrupted, until they are sent.
    var receipts: [Int: Usage] = [:]
    /// No answer begins before what an interruption still has to say.
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
    /// the end are ignored: a shell may still have some in hand.
    public func handle(
        _ event: ServerEvent, payload: Span<UInt8>, at now: Instant,
        into actions: inout [ServerAction]
    ) {
        guard phase != .over else { return }
        self.now = now
        runDue()
        switch event {
        case .opened(let upgrade): answer(upgrade)
        case .received: if phase != .over { receive(payload) }
        case .wokeUp: break
        case .closed(let close): ended(close, byService: false)
        }
        runDue()
        deadline = phase == .over ? nil : frozenUntil ?? schedule.first?.at
        actions.append(contentsOf: output)
        output.removeAll(keepingCapacity: true)
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
        if let thaw = frozenUntil, thaw <= now {
            frozenUntil = nil
            if isDeaf { output.append(.resumeReading) }
            isDeaf = false
        }
        while frozenUntil == nil, phase != .over, let first = schedule.first, first.at <= now {
            schedule.removeFirst()
            perform(first)
        }
    }

    private func perform(_ planned: Planned) {
        switch planned.deed {
        case .message(let draft):
            send(draft, turn: planned.turn)
        case .close(let close):
            if close == .goAwayOverrun { record(.goAwayOverrun, "") }
            end(close)
        case .abort:
            output.append(.abort)
            ended(.abnormal, byService: true)
        case .freeze(let length, let deaf):
            frozenUntil = now + length
            isDeaf = deaf
            if deaf { output.append(.pauseReading) }
        }
    }

    private func send(_ draft: Draft, turn: Int) {
        var draft = draft
        var usage: Usage?
        if draft.setupComplete { phase = .live }
        if draft.resumption == .fresh { draft.handle = issueHandle() }
        if let conversation, turn > 0 {
            conversation.heard.turns[turn - 1].reply += draft.spoken
            conversation.heard.turns[turn - 1].replyBytes += draft.audio.count
            if draft.receipt == .exact {
                usage = receipts.removeValue(forKey: turn) ?? receipt(for: turn)
                conversation.heard.turns[turn - 1].usage = usage
            }
        }
        output.append(.send(draft.json(spelling, usage: usage), .binary))
        for call in draft.calls {
            let isBlocking = settings.tools.first { $0.name == call.name }?.isBlocking ?? true
            openCalls.append(
                OpenCall(call: call, turn: turn, isBlocking: isBlocking, sentAt: now))
        }
        if draft.turnComplete, draft.interaction != .inProgress, turn == current, turn > 0 {
            finish(turn)
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
        phase = .over
        schedule.removeAll()
        guard let conversation else { return }
        for turn in [current].compactMap({ $0 }) + waiting {
            conversation.heard.turns[turn - 1].outcome = .cut
        }
        if settings.family.isContinuous { closeContinuousTurn(conversation) }
        conversation.heard.closes.append(
            Heard.Closing(connection: number, close: close, byService: byService, at: now))
        conversation.liveConnection = nil
        conversation.endedAt = now
    }

    private func closeContinuousTurn(_ conversation: Conversation) {
        guard var turn = open, turn.sound.bytes > 0 else { return }
        turn.number = conversation.heard.turns.count + 1
        turn.endedAt = now
        turn.outcome = .answered
        conversation.heard.turns.append(turn)
    }

    /// Writes a violation into the record.
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

    /// Records it, and ends the connection where the scenario is strict. Returns whether it ended.
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

    /// Lets every fault that wants this occasion, and whose time it is, have its way.
    func strike(
        _ occasion: Occasions, turn: Int? = nil, attempt: Int = 0, _ body: (inout any Fault) -> Void
    ) {
        for index in faults.indices where type(of: faults[index]).occasions.contains(occasion) {
            let age = occasion == .opening || occasion == .setup ? .zero : now - setupAt
            let circumstances = Trigger.Circumstances(
                turn: turn, attempt: attempt,
                connection: conversation?.connections ?? number, age: age,
                strikes: conversation?.strikes[index] ?? 0)
            let trigger = service.scenario.faults[index].trigger
            guard trigger.isDue(circumstances, &random) else { continue }
            conversation?.strikes[index] += 1
            body(&faults[index])
        }
    }
}
