import Basics
import CLinux
import Ledger
import Policies
import Sessions
import Usage
import Wire

/// Records one session: reports its facts to the ledger, and counts its usage, even without a
/// ledger.
///
/// A class, so that counting a message does not copy the recorder's state.
final class LedgerRecorder {
    private let session: String
    private let tenant: String
    private let endUser: String
    /// The policy's setting as of the newest fact.
    private var notify: Policy.Notify
    /// The policy's setting as of the newest fact: what it no longer permits is not kept, even in a
    /// running session.
    private var log: Policy.Log
    private let ledger: Ledger.Entrance?
    private let began: Instant
    private let started: WallTime
    private var model = ""
    private var meter: UsageMeter?
    private var link: ConnectionID = 0
    private var turn: OpenTurn?
    private var lastTurn = 0
    private var receipts = 0
    private var nextRunning = WallTime(nanoseconds: 0)
    /// The user's transcript before its turn is known.
    private var heard = ""
    private var isNextUtterance = false
    /// The words of a question whose turn is about to begin, if they are not in its message.
    private var typed: String?
    private var calls: [String: OpenCall] = [:]
    private var anonymousCalls = 0
    private var clientClose: Close?
    /// Events since the last entry that was not about a rule or an activity, each listed once: if
    /// something happens again and again, and nothing else meanwhile, there are two entries, the
    /// first, and one with the count.
    private var repeated: [(entry: TimelineEntry, count: Int)] = []

    private struct OpenTurn {
        var input: TurnInput
        var started: WallTime
        var firstAudio: WallTime?
        var user = ""
        /// Speech that follows typed text begins a new sentence.
        var isTyped = false
        var model = ""
        var remedies: [String] = []
    }

    private struct OpenCall {
        var name: String
        var called: WallTime
    }

    /// A long answer read aloud has a kilobyte per minute.
    private static let transcriptLimit = 16_384
    /// Reports per turn that are kept unchanged: some models send one per chunk of audio.
    private static let receiptsPerTurn = 50
    private static let receiptLimit = 4096
    /// Some models report with every chunk of audio; people read once a second.
    private static let runningPause = Interval.seconds(1)
    private static let argumentsLimit = 8192

    init(
        session: String, policy: Policy, endUser: String, ledger: Ledger?, at now: Instant
    ) {
        self.session = session
        tenant = policy.tenant
        self.endUser = endUser
        notify = policy.notify
        log = policy.log
        let entrance = ledger?.entrance(of: policy.tenant)
        self.ledger = entrance
        began = now
        started = WallTime(nanoseconds: tk_wall())
        entrance?.append(
            .sessionOpened(
                id: session, tenant: tenant, at: started, endUser: endUser,
                isReported: notify.wants(.session)))
    }

    // MARK: Messages

    @inline(__always)
    func count(_ message: ClientMessage) { meter?.sent(message) }

    @inline(__always)
    func count(_ message: ServerMessage) { meter?.received(message) }

    /// The time that the ledger has for a moment of the session.
    func moment(at now: Instant) -> WallTime { started + (now - began) }

    /// The reloaded policy applies to sessions that end from now on.
    func setReceivers(_ notify: Policy.Notify) { self.notify = notify }

    // MARK: Facts

    /// - Parameters:
    ///   - entry: The fact's timeline entry, if it has one.
    ///   - log: What the policy now permits to keep of it.
    ///   - usage: Set to that of a turn that has ended or was updated.
    /// - Returns: Whether a turn has.
    func note(
        _ fact: Fact, _ entry: TimelineEntry?, payload: Span<UInt8>, _ log: Policy.Log,
        _ profiles: @autoclosure () -> Profiles, into usage: inout TurnUsage, at now: Instant
    ) -> Bool {
        if self.log.transcripts, !log.transcripts { forgetWords() }
        self.log = log
        let moment = self.moment(at: now)
        keep(entry, of: fact)
        switch fact {
        case .connected(let link, _): connected(link, moment)
        case .setUp(let model, _):
            self.model = modelID(model)
            meter = UsageMeter(profiles().profile(for: model))
            meter?.sentText(bytes: payload.count)
            ledger?.append(.modelNamed(session: session, model: self.model))
        case .modelRefused(let model):
            self.model = model
            ledger?.append(.modelNamed(session: session, model: model))
        case .fellBack(_, let model):
            self.model = model
            meter?.setProfile(profiles().profile(for: model))
            ledger?.append(.modelNamed(session: session, model: model))
        case .activityStarted: isNextUtterance = true
        case .turnStarted(let number, let input):
            begin(number, input, moment)
            if input == .text { typed(payload, at: now) }
            typed = nil
        case .firstAudio: if turn?.firstAudio == nil { turn?.firstAudio = moment }
        case .turnEnded(let number, let outcome):
            return end(number, outcome, moment, into: &usage)
        case .transcribed(let peer, let range): hear(peer, range, payload)
        case .wrote:
            for range in ServerMessage.texts(in: payload) { hear(.gemini, range, payload) }
        case .typed(let words): typed = words
        case .toolCalled(let range, _, _): called(range, payload, moment)
        case .toolAnswered(let range, _): answered(range, payload, moment)
        case .toolCancelled(let range, _): cancelled(range, payload, moment)
        case .closed(.gemini, let close, let author):
            ledger?.append(
                .connectionClosed(
                    session: session, number: Int(link), at: moment, code: Int(close.code),
                    reason: Credentials.redacted(close.reason), by: author.rawValue))
        case .closed(.client, let close, _): clientClose = close
        case .ended(let outcome): return finish(outcome, moment, into: &usage)
        case .nudged: remedied("nudge")
        case .reconnected(let link, let trouble, let means, _):
            if means == .resumed {
                ledger?.append(.connectionResumed(session: session, number: Int(link)))
            }
            if trouble != .goAway { remedied(means.rawValue) }
        case .clientResumed(.resumed):
            ledger?.append(.connectionResumed(session: session, number: Int(link)))
        case .replayed: remedied("replayed")
        // `use` counts its report.
        case .used: break
        case .dialing, .dialFailed, .pinned, .setupCompleted, .ruleApplied, .activityEnded,
            .firstText, .outputPaused,
            .inputDropped, .silenceSkipped, .picturesReplaced, .malformed, .goAwayReceived,
            .handleReceived, .pinged,
            .limitReached, .stalled,
            .nudgeEnded,
            .troubled, .retrying, .reconnectFailed, .contextRestored, .contextLost, .inputHeld,
            .recovered,
            .gaveUp, .replyCut, .byproductKept, .madeUp, .callRemembered, .toolResultsDropped,
            .toolNoted, .parked, .unparked, .clientResumed, .clientMoved, .handleRefused:
            break
        }
        return false
    }

    /// Words that were heard before the policy forbade them are not written either, unless they
    /// already were.
    private func forgetWords() {
        heard = ""
        typed = nil
        turn?.user = ""
        turn?.model = ""
    }

    private func connected(_ link: ConnectionID, _ moment: WallTime) {
        self.link = link
        if link > 1 { meter?.connected() }
        ledger?.append(
            .connectionOpened(
                Record.Connection(
                    session: session, number: Int(link), opened: moment, resumed: false,
                    model: model)))
    }

    /// A remedy for the waiting turn; its cost is recorded separately.
    private func remedied(_ remedy: String) {
        meter?.remedied()
        guard var open = turn, open.remedies.count < 16 else { return }
        open.remedies.append(remedy)
        turn = open
    }

    private func finish(
        _ outcome: SessionOutcome, _ moment: WallTime, into usage: inout TurnUsage
    ) -> Bool {
        settleRepeats()
        let hasUsed = meter?.ended(into: &usage) ?? false
        if hasUsed { ledger?.append(.turnUsed(session: session, usage)) }
        var ending = Record.Ending(
            session: session, tenant: tenant, model: model, started: started,
            ended: moment, outcome: outcome.rawValue,
            closeCode: clientClose.map { Int($0.code) },
            closeReason: Credentials.redacted(clientClose?.reason ?? ""))
        ending.endUser = endUser
        ending.notes = notes(outcome, moment)
        ledger?.append(.sessionEnded(ending))
        return hasUsed
    }

    /// The note about the end for the tenant's receiver.
    private func notes(_ outcome: SessionOutcome, _ moment: WallTime) -> [Note] {
        let events: [Policy.Notify.Event] =
            outcome == .unanswered ? [.unanswered, .session] : [.session]
        return events.filter(notify.wants).map { event in
            .session(
                session, tenant: tenant, event: event.rawValue, at: moment, most: notify.queue)
        }
    }

    // MARK: Turns

    private func begin(_ number: Int, _ input: TurnInput, _ moment: WallTime) {
        meter?.turnStarted(number)
        lastTurn = number
        receipts = 0
        turn = OpenTurn(input: input, started: moment, user: heard)
        heard = ""
        isNextUtterance = false
        ledger?.append(
            .turnStarted(session: session, number: number, input: input.rawValue, at: moment))
    }

    /// The text of the question.
    private func typed(_ payload: Span<UInt8>, at now: Instant) {
        guard log.transcripts, ledger != nil,
            let text = typed ?? TypedText.read(payload, limit: 2000)
        else { return }
        if turn?.user.isEmpty == true {
            turn?.user = text
            turn?.isTyped = true
        }
        ledger?.append(
            event(
                TimelineEntry(
                    at: now - began, what: TimelineWord.typed.rawValue, lane: .client, text: text),
                text))
    }

    private func end(
        _ number: Int, _ outcome: TurnOutcome, _ moment: WallTime, into usage: inout TurnUsage
    ) -> Bool {
        guard let open = turn.take() else { return false }
        if meter == nil { usage = TurnUsage(turn: number) }
        meter?.turnEnded(number, into: &usage)
        guard let ledger else { return true }
        var record = Record.Turn(
            session: session, input: open.input.rawValue, started: open.started, ended: moment,
            outcome: outcome.rawValue, usage: usage)
        // A turn without a known input began with its answer; the end of its question was not
        // observed.
        record.inputEnded = open.input == .none ? nil : open.started
        record.firstAudio = open.firstAudio
        record.remedies = open.remedies
        if log.transcripts {
            record.userText = open.user
            record.modelText = open.model
        }
        ledger.append(.turnEnded(record))
        return true
    }

    private func hear(_ peer: Peer, _ range: ByteRange, _ payload: Span<UInt8>) {
        guard log.transcripts, ledger != nil else { return }
        let text = JSONText.unescape(payload, range, limit: Self.transcriptLimit)
        func add(to sum: inout String) {
            if sum.utf8.count + text.utf8.count <= Self.transcriptLimit { sum += text }
        }
        switch peer {
        case .gemini:
            if var open = turn {
                add(to: &open.model)
                turn = open
            }
        case .client:
            if var open = turn, !isNextUtterance {
                if open.isTyped { open.user += " " }
                open.isTyped = false
                add(to: &open.user)
                turn = open
            } else {
                add(to: &heard)
            }
        }
    }

    /// Gemini's usage report.
    ///
    /// - Parameter usage: Set to that of the turn that it belongs to, if that has ended.
    /// - Returns: Whether it has.
    func use(
        _ report: Usage, _ range: ByteRange, _ payload: Span<UInt8>, into usage: inout TurnUsage,
        at now: Instant
    ) -> Bool {
        let isLate = meter?.used(report, into: &usage) ?? false
        guard let ledger else { return isLate }
        let moment = self.moment(at: now)
        receipts += 1
        if receipts <= Self.receiptsPerTurn {
            ledger.append(
                .receipt(
                    session: session, turn: isLate ? usage.turn : lastTurn, at: moment,
                    json: Self.text(payload, range, limit: Self.receiptLimit)))
        }
        if isLate { ledger.append(.turnUsed(session: session, usage)) }
        return isLate
    }

    /// The current turn's usage so far; false between turns. It is also recorded, so that a long
    /// turn's cost can be watched, and survives a `kill -9`.
    func soFar(into usage: inout TurnUsage, at now: Instant) -> Bool {
        guard meter?.soFar(into: &usage) == true else { return false }
        let moment = self.moment(at: now)
        if let ledger, usage.reports > 0, moment >= nextRunning {
            ledger.append(.turnUsed(session: session, usage))
            nextRunning = moment + Self.runningPause
        }
        return true
    }

    // MARK: Tools

    private func called(_ range: ByteRange, _ payload: Span<UInt8>, _ moment: WallTime) {
        guard let ledger else { return }
        var reader = ToolReader(calls: range, in: payload)
        while let call = reader.nextCall(in: payload) {
            var id = JSONText.unescape(payload, call.id, limit: 256)
            if id.isEmpty {
                anonymousCalls += 1
                id = "#\(anonymousCalls)"
            }
            let open = OpenCall(
                name: JSONText.unescape(payload, call.name, limit: 256), called: moment)
            calls[id] = open
            var record = self.record(id, open, .open)
            if log.toolArguments {
                record.arguments = Self.text(payload, call.args, limit: Self.argumentsLimit)
            }
            ledger.append(.toolCall(record))
        }
    }

    private func answered(_ range: ByteRange, _ payload: Span<UInt8>, _ moment: WallTime) {
        guard let ledger else { return }
        var reader = ToolReader(answers: range, in: payload)
        while let answer = reader.nextAnswer(in: payload) {
            let id = JSONText.unescape(payload, answer.id, limit: 256)
            guard !answer.willContinue, let open = calls.removeValue(forKey: id) else { continue }
            // By convention of the API, a failed response says so itself.
            let start = Self.text(payload, answer.response, limit: 64).filter { !$0.isWhitespace }
            let hasFailed = start.hasPrefix(#"{"error""#)
            var record = record(id, open, hasFailed ? .failed : .answered)
            record.answered = moment
            if log.toolArguments {
                record.result = Self.text(payload, answer.response, limit: Self.argumentsLimit)
            }
            ledger.append(.toolCall(record))
        }
    }

    private func cancelled(_ range: ByteRange, _ payload: Span<UInt8>, _ moment: WallTime) {
        guard let ledger else { return }
        var reader = ToolReader(cancelled: range, in: payload)
        while let name = reader.nextCancelled(in: payload) {
            let id = JSONText.unescape(payload, name, limit: 256)
            guard let open = calls.removeValue(forKey: id) else { continue }
            ledger.append(.toolCall(record(id, open, .cancelled)))
        }
    }

    private func record(
        _ id: String, _ call: OpenCall, _ outcome: Record.ToolCall.Outcome
    ) -> Record.ToolCall {
        Record.ToolCall(
            session: session, id: id, name: call.name, called: call.called, outcome: outcome)
    }

    /// The bytes of a range, unchanged, at most `limit`.
    private static func text(_ payload: Span<UInt8>, _ range: ByteRange, limit: Int) -> String {
        var text: [UInt8] = []
        for index in range.range.clamped(to: 0..<payload.count).prefix(limit) {
            text.append(payload[index])
        }
        return String(decoding: text, as: UTF8.self)
    }

    // MARK: Timeline

    private func keep(_ entry: TimelineEntry?, of fact: Fact) {
        guard let ledger, let entry else { return }
        let isSameOnlyByText: Bool
        switch fact {
        case .ruleApplied: isSameOnlyByText = false
        // Each such entry says how much sound its activity had.
        case .activityStarted, .activityEnded: isSameOnlyByText = true
        default:
            settleRepeats()
            return ledger.append(event(entry, entry.text))
        }
        let place = repeated.firstIndex { (known, _) in
            known.what == entry.what && (!isSameOnlyByText || known.text == entry.text)
        }
        if let place {
            repeated[place] = (entry, repeated[place].count + 1)
        } else {
            if repeated.contains(where: { $0.entry.what == entry.what }) { settleRepeats() }
            repeated.append((entry, 0))
            ledger.append(event(entry, entry.text))
        }
    }

    private func settleRepeats() {
        for (entry, count) in repeated where count > 0 {
            ledger?.append(event(entry, "... and \(count) more"))
        }
        repeated = []
    }

    private func event(_ entry: TimelineEntry, _ text: String) -> Record {
        .event(
            Record.Event(
                session: session, at: entry.at, what: entry.what, lane: entry.lane.rawValue,
                text: text))
    }
}
