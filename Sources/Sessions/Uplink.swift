import Basics
import Wire

/// The exit to gemini: everything a session sends there goes through it, so that sending and
/// recording are one call. Rules decide what to send; only this type sends it.
struct Uplink {
    var journal = Journal()
    /// What the current connection knows.
    var memory = Knowledge()
    var bounds = Journal.Bounds()
    /// The client's latest opcode; messages made here use the same.
    var opcode = Opcode.text
    /// Sample rate of the client's audio; silence made here has the same.
    private var audioRate: Int32 = 16_000
    /// Answered but not known: sent along with the next question. Written only in extensions.
    var preface: Preface? { didSet { prefaceSize = preface?.words.utf8.count ?? 0 } }
    private var prefaceSize = 0
    /// Input that cannot be sent yet.
    var early = EarlyInput()
    private var again: Again?
    /// The current or last reply was given on this connection.
    private(set) var isReplyHere = false
    /// Until the audio sent at once on a new connection would have ended in real time.
    private var pace: Pace?
    /// The connection was given content that asks nothing, and has not answered anything since.
    private(set) var hasToldSilently = false
    /// An activity was begun again whose audio had to be dropped meanwhile.
    private(set) var isBare = false
    var sent = SentMessages()
    /// Results that ask nothing, of which no handle shows that they arrived.
    var silent: [(id: Journal.ID, at: Instant)] = []
    /// When a result was last sent again unchanged on this connection.
    var resultAgainAt: Instant?
    private var numbers = ClientNumbers()
    /// The number of its messages that the client was told are processed.
    private var processed: Int64 = 0

    /// Bytes kept.
    var size: Int {
        @inline(__always) get { journal.size + sizeBesideJournal }
    }

    var sizeBesideJournal: Int {
        @inline(__always) get { early.isEmpty ? prefaceSize : early.size + prefaceSize }
    }

    // MARK: Sending

    /// Notes the form of the client's messages, whatever happens to them; messages made here use
    /// the same.
    mutating func heard(_ message: ClientMessage, _ opcode: Opcode) {
        self.opcode = opcode
        if message.audioBytes > 0 { audioRate = message.audioRate }
    }

    /// Sends a client's message, unchanged or as it was kept.
    ///
    /// - Parameter isHistory: It asks nothing, and is never replayed: a new connection is told its
    ///   words.
    mutating func pass(
        _ outbound: OutboundMessage, _ payload: Span<UInt8>, isHistory: Bool = false,
        into out: inout Actions
    ) {
        if outbound.message.input.contains(.activityEnd) { sayPreface(into: &out) }
        if outbound.number > 0 { numbers.add(outbound.number, at: journal.end) }
        if let kept = outbound.kept {
            out.append(.send(.gemini, kept, outbound.opcode))
            keep(outbound.message, kept.span, outbound.opcode, isHistory: isHistory)
        } else {
            out.forward()
            keep(outbound.message, payload, outbound.opcode, isHistory: isHistory)
        }
    }

    /// Sends results under gemini's ids. Keeps those with the client's: a call may have another id
    /// on the next connection.
    mutating func pass(_ outbound: OutboundMessage, keeping own: [UInt8], into out: inout Actions) {
        if outbound.number > 0 { numbers.add(outbound.number, at: journal.end) }
        out.append(.send(.gemini, outbound.kept ?? own, outbound.opcode))
        keep(outbound.message, own.span, outbound.opcode, isHistory: false)
    }

    /// Sends a message on the client's behalf: a boundary it owes, silence.
    mutating func say(_ bytes: [UInt8], into out: inout Actions) {
        out.append(.send(.gemini, bytes, opcode))
        guard bounds.isKeeping, let message = try? ClientMessage.scan(bytes.span) else { return }
        keep(message, bytes.span, opcode, isHistory: false)
    }

    /// Sends one of our own messages that is not part of the user's words: a nudge, context, a
    /// refusal. It is never replayed.
    ///
    /// - Parameter ids: The entries that it tells in other words: known once it is answered.
    mutating func sayAside(
        _ bytes: [UInt8], about ids: [Journal.ID] = [], into out: inout Actions
    ) {
        out.append(.send(.gemini, bytes, opcode))
        note(journal.saidAside())
        for id in ids { memory.sent(id) }
    }

    /// Sends content that asks nothing.
    mutating func tellSilently(
        _ bytes: [UInt8], about ids: [Journal.ID] = [], into out: inout Actions
    ) {
        hasToldSilently = true
        sayAside(bytes, about: ids, into: &out)
    }

    /// Sends the setup, which begins a connection's memory.
    mutating func setUp(_ bytes: [UInt8]?, knowing memory: Knowledge, into out: inout Actions) {
        self.memory = memory
        isReplyHere = false
        again = nil
        pace = nil
        preface = nil
        silent = []
        resultAgainAt = nil
        sent = SentMessages()
        hasToldSilently = false
        if let bytes { out.append(.send(.gemini, bytes, opcode)) } else { out.forward() }
    }

    /// Messages that we cannot read are for gemini to judge.
    mutating func passUnread(_ outbound: OutboundMessage, into out: inout Actions) {
        if let kept = outbound.kept {
            out.append(.send(.gemini, kept, outbound.opcode))
        } else {
            out.forward()
        }
    }

    /// Sends silence in the client's audio format.
    mutating func saySilenceAside(_ duration: Interval, into out: inout Actions) {
        sayAside(Compose.silence(duration, rate: audioRate), into: &out)
    }

    /// To be sent with the next question: in the same activity, or before its words.
    ///
    /// - Parameters:
    ///   - pieces: The number of pieces of the conversation in it.
    ///   - ids: The entries it is about, as far as the journal has them: known once it is sent.
    mutating func preface(_ words: String, pieces: Int = 1, about ids: [Journal.ID] = []) {
        preface(
            Preface.Entry(words: words, isQuestion: ids.isEmpty), pieces: pieces, about: ids)
    }

    /// The same for the results of calls.
    mutating func preface(_ entry: Preface.Entry, pieces: Int = 1, about ids: [Journal.ID]) {
        var all = preface ?? Preface()
        all.add(entry, pieces: pieces, about: ids)
        preface = all
    }

    private mutating func sayPreface(into out: inout Actions) {
        guard let preface else { return }
        tell(preface, in: Compose.text(preface.words), into: &out)
    }

    private mutating func tell(_ preface: Preface, in bytes: [UInt8], into out: inout Actions) {
        sayAside(bytes, into: &out)
        told(preface, into: &out)
    }

    private mutating func told(_ preface: Preface, into out: inout Actions) {
        self.preface = nil
        for id in preface.ids { memory.sent(id) }
        out.note(.contextRestored(preface.pieces))
    }

    /// Sends a text that is a question by itself. Two texts would be two questions, so pending
    /// context goes before its words.
    mutating func passTyped(
        _ outbound: OutboundMessage, _ payload: Span<UInt8>, into out: inout Actions
    ) {
        let text = outbound.message.text
        guard let preface, !text.isEmpty else { return pass(outbound, payload, into: &out) }
        let bytes = preface.inFront(of: text, in: outbound.bytes(payload))
        if outbound.number > 0 { numbers.add(outbound.number, at: journal.end) }
        out.append(.send(.gemini, bytes, outbound.opcode))
        // Replayed, it is the client's text alone: what a new connection lacks is determined anew.
        let own = outbound.bytes(payload)
        keep(outbound.message, own.span, outbound.opcode, isHistory: false)
        told(preface, into: &out)
    }

    /// Before a question in content, which content that asks nothing may precede.
    mutating func sayPrefaceAsContent(into out: inout Actions) {
        guard let preface else { return }
        let turn = Compose.content([.init(.user, preface.words)], turnComplete: false)
        tell(preface, in: turn, into: &out)
    }

    private mutating func keep(
        _ message: ClientMessage, _ payload: Span<UInt8>, _ opcode: Opcode, isHistory: Bool
    ) {
        pace?.took(message.audioDuration)
        var bounds = bounds
        bounds.bytes -= sizeBesideJournal
        let id = journal.said(message, payload, opcode, bounds, isHistory: isHistory)
        note(id)
        if message.isWritten { sent.wrote(id, isAgain: false) }
    }

    private mutating func note(_ id: Journal.ID) {
        memory.sent(id)
        sent.add(id)
    }

    // MARK: Receiving

    /// The model begins to speak, or continues after a result: this becomes part of the
    /// connection's memory, whether or not the reply is ever complete.
    mutating func replyBegan(isUserSpeaking: Bool = false) {
        hasToldSilently = false
        journal.replyBegan(isUserSpeaking: isUserSpeaking, unsaid: unsaid)
        isReplyHere = true
        memory.sent(journal.reply)
    }

    /// The reply ended whole, or the user interrupted it: its question is answered.
    mutating func answered(
        ring: Interval?, spoken: Interval = .zero, isWhole: Bool = false, isByVoice: Bool = false,
        isUserSpeaking: Bool = false
    ) {
        confirmReply()
        journal.answered(
            ring: ring, spoken: spoken, isWhole: isWhole, isByVoice: isByVoice,
            isUserSpeaking: isUserSpeaking, unsaid: unsaid)
    }

    /// The user moved on before the model began to speak, and the model signalled that: it knows
    /// the earlier question.
    mutating func questionIsKnown() {
        memory.confirm(through: journal.asked - 1)
        journal.questionInterrupted()
    }

    /// The connection that gave the reply knows it, and no other does; its turn continues.
    mutating func confirmReply() { if isReplyHere { memory.confirm(through: journal.reply) } }

    /// The connection was told the answered input that it lacked. Until it has answered something,
    /// there is no evidence that it knows it: a handle may have been saved before.
    ///
    /// - Parameter later: What it will be told with the next question.
    mutating func toldAnswered(_ told: [Words.Piece], later: [Words.Piece]) {
        let end = journal.kept.entries.first?.id ?? journal.end
        var start = Words.earlier
        // Nor of a result without an answer, because the user moved on from it, perhaps only now.
        let untold = journal.words.pieces.filter { piece in
            piece.isResult && !told.contains { $0.id == piece.id }
        }
        for id in (later + untold).map(\.id).sorted() where start <= id && id < end {
            memory.unsure.insert(start..<id)
            start = id + 1
        }
        if start < end { memory.unsure.insert(start..<end) }
        // Sound may be kept from before a history.
        for piece in told { memory.unsure.insert(piece.id) }
    }

    /// It answered what it was told.
    mutating func toldIsKnown() { memory.confirm(through: journal.end - 1) }

    /// What a handle issued now stands for.
    ///
    /// - Parameters:
    ///   - isGenerated: Only the end of the reply is missing.
    ///   - consumed: Number of our messages that the service says are included; negative if
    ///   unknown. It never makes speech that may not have ended count as known: that its sound
    ///   arrived does not show that it was understood.
    func knowledge(isGenerated: Bool, consumed: Int64, isManual: Bool) -> Knowledge {
        var knowledge = memory
        if isGenerated { knowledge.confirm(through: journal.reply) }
        // It is unknown whether it counts from zero or from one (wire reference 14).
        if consumed > 1, let id = sent.id(ofMessage: consumed - 1) {
            let last = min(id, journal.unfinished(isManual: isManual) - 1)
            if last >= 0 { knowledge.confirm(through: last) }
        }
        return knowledge
    }

    /// Counts one more message, for a client that is told how many gemini has processed.
    mutating func counted() -> Int64 { numbers.next() }

    /// Converts gemini's count of our messages to a count of the client's. It never falls: if the
    /// client knows a message to be processed, we must replay it to a new connection ourselves.
    mutating func ofClient(consumed: Int64) -> Int64 {
        processed = max(processed, count(consumed: consumed))
        return processed
    }

    private func count(consumed: Int64) -> Int64 {
        guard let id = sent.id(ofMessage: consumed) else {
            guard let first = sent.first else { return consumed }
            return consumed + numbers.number(at: first - 1)
        }
        // It is unknown whether gemini counts from 0 or 1: without changes the number stays as it
        // is.
        return consumed - min(consumed, sent.count) + numbers.number(at: id)
    }

    // MARK: Replaying

    /// Messages of the journal that are replayed to a new connection.
    private struct Again {
        var ids: [Journal.ID]
        var next = 0
        /// Sent before the last one: the request to continue.
        var beforeLast: [UInt8]?
        /// The client's history that belongs between them.
        var history: [Words.Piece]
    }

    /// Part of the journal still waits to be replayed.
    var isCatchingUp: Bool { again != nil }

    /// The first entry that still waits to be replayed.
    private var unsaid: Journal.ID? {
        guard let again, again.next < again.ids.count else { return nil }
        return again.ids[again.next]
    }

    /// The end of the user's question is among them, so no answer can belong to it.
    var isQuestionUnsaid: Bool { unsaid.map { $0 < journal.asked } ?? false }

    /// When more may be sent, of the journal or of what was held after it.
    var deadline: Instant? {
        @inline(__always) mutating get { isCatchingUp || !early.isEmpty ? nextPaced() : nil }
    }

    private mutating func nextPaced() -> Instant? {
        guard let pace else { return nil }
        guard let again else {
            guard let next = early.next else { return nil }
            // A message longer than the limit is sent when all earlier audio has ended.
            return pace.began + max(.zero, pace.sent + min(.zero, next - pace.most))
        }
        guard again.next < again.ids.count else { return nil }
        let index = journal.kept.index(of: again.ids[again.next])
        let next = index < journal.kept.entries.count ? journal.kept.entries[index].audio : .zero
        return pace.began + max(.zero, pace.sent + next - pace.bound)
    }

    /// From now on the connection's audio is counted, unless it is already.
    mutating func keepPace(_ bound: Interval, at now: Instant) {
        pace = pace ?? Pace(bound: bound, began: now)
    }

    /// Something is waiting already, or this audio would be too far ahead. Called for every
    /// message.
    mutating func mustWait(_ audio: Interval, at now: Instant) -> Bool {
        guard let pace else { return false }
        if !early.isEmpty { return true }
        let ahead = pace.ahead(at: now)
        // From here on the client sets the pace.
        if ahead == .zero { self.pace = nil }
        return ahead > .zero && ahead + audio > pace.most
    }

    /// Held messages that may be sent now, in order.
    mutating func release(at now: Instant) -> [OutboundMessage] {
        guard let pace else { return early.release() }
        let ahead = pace.ahead(at: now)
        let room = ahead == .zero ? max(pace.most, early.next ?? .zero) : pace.most - ahead
        return early.release(room)
    }

    mutating func sayAgain(
        _ ids: [Journal.ID], beforeLast: [UInt8]?, between history: [Words.Piece] = []
    ) {
        isBare = false
        again = Again(ids: ids, beforeLast: beforeLast, history: history)
    }

    mutating func stopSayingAgain() { again = nil }

    /// Replays as much as may be sent now.
    ///
    /// - Parameter rewrite: Returns the message in the form to be sent; empty if another message
    ///   tells it, `nil` to skip it.
    /// - Returns: The number of messages and the audio sent.
    mutating func goOnSaying(
        at now: Instant, into out: inout Actions,
        rewrite: (KeptMessages.Entry, [UInt8]) -> [UInt8]?
    ) -> (count: Int, audio: Interval) {
        guard var again, var pace else { return (0, .zero) }
        var (count, audio) = (0, Interval.zero)
        while again.next < again.ids.count {
            let id = again.ids[again.next]
            tell(&again.history, before: id, into: &out)
            let index = journal.kept.index(of: id)
            guard index < journal.kept.entries.count, journal.kept.entries[index].id == id,
                !journal.kept.entries[index].isGone
            else {
                again.next += 1
                continue
            }
            let entry = journal.kept.entries[index]
            if pace.sent > .zero, pace.ahead(at: now) + entry.audio > pace.bound { break }
            again.next += 1
            if again.next == again.ids.count, let text = again.beforeLast {
                out.append(.send(.gemini, text, opcode))
            }
            if entry.kind == .end { sayPreface(into: &out) }
            if entry.kind == .end, isBare { saySilenceAside(.milliseconds(100), into: &out) }
            if entry.kind == .start { isBare = true }
            if entry.kind == .end || entry.audio > .zero { isBare = false }
            guard var bytes = rewrite(entry, journal.kept.message(entry)) else { continue }
            note(id)
            if entry.kind.isWritten { sent.wrote(id, isAgain: true) }
            if entry.kind == .text, let preface, journal.activity(around: index) == index,
                let message = try? ClientMessage.scan(bytes.span), !message.text.isEmpty
            {
                bytes = preface.inFront(of: message.text, in: bytes)
                told(preface, into: &out)
            }
            if bytes.isEmpty { continue }
            out.append(.send(.gemini, bytes, entry.opcode))
            pace.took(entry.audio)
            audio = audio + entry.audio
            count += 1
        }
        if again.next == again.ids.count { tell(&again.history, before: .max, into: &out) }
        self.again = again.next < again.ids.count ? again : nil
        self.pace = pace
        return (count, audio)
    }

    /// As the client sent it, asking nothing.
    mutating func tell(
        _ history: inout [Words.Piece], before id: Journal.ID = .max, into out: inout Actions
    ) {
        guard let first = history.first, first.id < id else { return }
        let pieces = Array(history.prefix { $0.id < id })
        history.removeFirst(pieces.count)
        guard let bytes = pieces.content(closing: nil, turnComplete: false) else { return }
        tellSilently(bytes, about: pieces.map(\.id), into: &out)
        out.note(.contextRestored(pieces.count))
    }
}
