import Basics
import Wire

/// The conversation as gemini should know it, in order: the client's input, as messages until it is
/// answered and as words after that, and gemini's replies, as words. What one connection knows of
/// it is the connection's `Knowledge`; what a new one must be told is a `Plan`.
///
/// *Answered* and *known* are different. Answered: by a reply that ended whole, or that the user
/// interrupted; a reply that is cut answers nothing. Known: in a connection's memory. Replaying
/// adds nothing here; it marks the same entries in the new memory.
struct Journal {
    /// Position of an entry: counts everything said by either side since the session began.
    typealias ID = Int

    /// Written only in extensions of this type, like all that is not private.
    var kept = KeptMessages()
    var words = Words()
    /// Position of the next entry.
    private(set) var end: ID = 0
    /// Everything before it belongs to the user's question.
    private(set) var asked: ID = 0
    /// Where the current or last reply began: it answers everything before.
    private(set) var reply = Words.unspoken
    /// That reply answers everything up to here; input that still had to be replayed lies after it.
    private var replyCovers = Words.unspoken
    private(set) var isReplyOver = false
    /// It was to the first part of a question that goes on, and answers nothing.
    private(set) var isReplyToPart = false
    /// The user moved on from everything before it without an answer, and gemini signalled that.
    private(set) var interrupted: ID = 0
    /// The number of those questions.
    private(set) var interruptions = 0
    /// Audio before it was sent by the end of an answer during which the user did not speak.
    var settled: ID = 0
    /// Nothing before it may be dropped.
    var cursor: ID = 0
    var audio = Interval.zero
    /// Audio that is not silence, since the last answer.
    private(set) var voiced = Interval.zero
    /// The same, without a reply playing, and since the last reply began, or the voice that ended it:
    /// it has had no effect yet.
    private(set) var voicedAlone = Interval.zero
    /// The part of it that was heard to its end before the reply began.
    private var voicedBefore = Interval.zero
    /// The speech since the last pause.
    private var utterance = Interval.zero
    /// Its first entry.
    private var utteranceBegin: ID = 0
    /// The rest: an answer, or a call, was not for that.
    var voicedAnew: Interval { voiced - voicedBefore }
    /// It contains an earlier, complete utterance: gemini may be working on it, transcribed or not.
    private(set) var mayBeWorkedOn = false
    /// Words were typed behind a voice, and the last reply may be to the voice alone.
    private(set) var mayOweTyped = false
    /// The last answer ended in the middle of an utterance to which it does not belong.
    private var isUtteranceLeft = false
    /// Since then the client ended its stream, or its audio was silent for long enough.
    private var isStreamOver = false
    /// Neither: nothing came after a voice, so we ended or filled the stream for the client.
    private var isStalled = false
    private var silent = Interval.zero
    private(set) var lastVoiced: Instant?
    private var lastVoicedID: ID?
    /// The client was not read until then, in the middle of an utterance.
    private var unreadUntil = Instant(nanoseconds: 0)
    /// After the newest sound, and after the newest typed words.
    private var soundEnd: ID = 0
    private var typedEnd: ID = 0
    /// Unanswered audio that had to be dropped.
    var dropped = Interval.zero
    /// The same for text, and for results.
    var hasDroppedWords = false
    /// Answered sound that was never transcribed, by its last entry: it cannot be told.
    private(set) var untold: [(id: ID, role: Words.Role, audio: Interval)] = []
    /// Sound that is not kept because nothing is replayed, and the part of it that the reply is
    /// for: if it is never transcribed, it cannot be told either.
    private var unkept = Interval.zero
    private var unkeptBefore = Interval.zero
    /// The only picture, unless it is gone; and whether its message is nothing else.
    var picture: (id: ID, isPlain: Bool)?
    /// Gemini has closed once on unanswered input before it, as invalid.
    var refused: ID = 0
    private(set) var flushes = Flushes()

    /// Bytes kept.
    var size: Int {
        @inline(__always) get { kept.size + words.size }
    }
    /// Nothing is unanswered.
    var isEmpty: Bool { kept.isEmpty }

    // MARK: The client

    /// Keeps a copy of a message sent to gemini, unless it is history, which is kept as words.
    mutating func said(
        _ message: ClientMessage, _ payload: Span<UInt8>, _ opcode: Opcode, _ bounds: Bounds,
        isHistory: Bool = false
    ) -> ID {
        let (id, length) = (end, message.audioDuration)
        end += 1
        if !bounds.isKeeping { unkept = unkept + length }
        guard bounds.isKeeping, !isHistory, let kind = Kind(message) else { return id }
        if message.hasPicture { dropPicture(for: (id, message.isPlainPicture)) }
        if kind == .sound { soundEnd = end }
        if kind == .start { words.utterance = id }
        kept.append(payload, id: id, kind: kind, opcode: opcode, audio: length)
        audio = audio + length
        if flushes.isPending { flushes.heard(length, words: words.asked) }
        shrink(to: bounds)
        return id
    }

    /// Something of ours that is not part of the conversation, but counted by gemini.
    mutating func saidAside() -> ID {
        defer { end += 1 }
        return end
    }

    /// The user was heard.
    ///
    /// - Parameters:
    ///   - isAlone: No reply was playing.
    ///   - pause: The silence that ends an utterance.
    mutating func heardVoice(
        _ length: Interval, isAlone: Bool, after pause: Interval, at now: Instant
    ) {
        // Data that waited in a socket arrives at once: then only the silence in it counts.
        let since = lastVoiced.map { now - $0 }
        let isPaused = isHeardOut(after: pause) || since.map { $0 >= pause } ?? true
        // It continues in the middle of a word: the network paused, not the user.
        let goesOn = isStalled && since.map { $0 < Self.comeback } ?? false
        // The silence before it does not count as missing.
        if voiced == .zero { dropped = .zero }
        if isPaused, voicedAnew > .zero || isUtteranceLeft { mayBeWorkedOn = true }
        isUtteranceLeft = false
        isStreamOver = false
        isStalled = false
        silent = .zero
        utterance = isPaused && !goesOn ? length : utterance + length
        if isPaused, !goesOn {
            utteranceBegin = max(0, end - 1)
            words.utterance = utteranceBegin
        }
        voiced = voiced + length
        if isAlone { voicedAlone = voicedAlone + length }
        lastVoiced = now
        lastVoicedID = end
    }

    /// The client has not been read until now; the user may have continued to speak.
    mutating func clientWasUnread(at now: Instant, after pause: Interval) {
        if !isHeardOut(after: pause) { unreadUntil = now }
    }

    /// Until when the user spoke, or may have.
    var voicedUntil: Instant? { lastVoiced.map { max($0, unreadUntil) } }

    /// The client sent silence: only that, or the end of its stream, shows gemini that the user has
    /// paused.
    ///
    /// - Parameter isOurs: It is made up, because the client sends nothing any more.
    mutating func heardSilence(_ length: Interval, isOurs: Bool = false) {
        isStalled = isOurs && (isStalled || silent == .zero && !isStreamOver)
        silent = silent + length
    }

    mutating func streamEnded(isOurs: Bool = false) {
        isStalled = isOurs && silent == .zero
        isStreamOver = true
    }

    /// A stream that stalls on a bad network is back by then.
    private static let comeback = Interval.seconds(5)

    /// Whether gemini has heard the user to the end since their last sound.
    func isHeardOut(after pause: Interval) -> Bool { isStreamOver || silent >= pause }

    /// The user kept speaking after asking; a replay does not count as speech.
    var isVoicedSinceAsked: Bool { lastVoicedID.map { $0 > asked } ?? false }

    /// The new connection hears it only now.
    mutating func voiceSaidAgain(at now: Instant) { if voiced > .zero { lastVoiced = now } }

    /// The user's turn is complete, or the model treated it so.
    mutating func markAsked() { asked = end }

    /// The user moved on from the question before the model spoke, and the model signalled that.
    mutating func questionInterrupted() {
        interrupted = asked
        interruptions += 1
    }

    /// It signalled that about an utterance before this one, which it had heard to its end.
    mutating func workInterrupted() {
        interrupted = max(interrupted, utteranceBegin)
        interruptions += 1
    }

    /// The activity was ended and begun again to obtain its transcript.
    mutating func flushed() { flushes.flushed(at: end) }

    /// Shorter than any silence that ends an utterance.
    static let pause = Interval.milliseconds(300)

    /// Gemini's transcript of the user's speech, or the user's typed words.
    ///
    /// - Parameter isLate: It belongs to a turn that was already answered.
    /// - Returns: It did, and is written down only now.
    @discardableResult
    mutating func transcribed(
        _ range: ByteRange, _ payload: Span<UInt8>, isManual: Bool, isLate: Bool = false
    ) -> Bool {
        // Messages of ours may lie after it, such as a nudge: no other connection knows those.
        let last = soundEnd > asked && asked > reply ? soundEnd : asked
        var id = (isManual ? last : lastVoicedID ?? end) - 1
        // A late transcript does not belong to text typed since.
        if isManual, soundEnd > 0, typedEnd > soundEnd { id = soundEnd - 1 }
        if isLate, let last = untold.last(where: { $0.role == .user }) { id = last.id }
        isTold(.user, id)
        // Anything with a transcript can be told in words, whatever it belongs to.
        isStalled = false
        return words.say(.user, range, payload, at: max(id, 0))
    }

    /// The same words once more, of a question that was replayed.
    mutating func transcribedAgain() { isStalled = false }

    /// A transcript on a connection that is being replaced: accepted if it belongs to an answered
    /// turn whose words are missing, because the waiting question is transcribed again.
    mutating func transcribedAtLeaving(_ range: ByteRange, _ payload: Span<UInt8>) {
        guard asked <= reply, let last = untold.last(where: { $0.role == .user }) else { return }
        isTold(.user, last.id)
        words.say(.user, range, payload, at: last.id)
    }

    mutating func typed(_ range: ByteRange, _ payload: Span<UInt8>) {
        typedEnd = end
        words.utterance = max(end - 1, 0)
        words.say(.user, range, payload, at: words.utterance)
        words.utterance = end
    }

    mutating func quoted(
        content: ByteRange, role: Words.Role, _ payload: Span<UInt8>, isHistory: Bool
    ) {
        words.quote(
            content: content, role: role, payload, at: max(end - 1, 0), isHistory: isHistory)
    }

    // MARK: Gemini

    /// The model transcribed what the user said into its reply: its next output answers that.
    mutating func heardIntoReply(at now: Instant) {
        guard let lastVoiced, now - lastVoiced >= Self.pause, lastVoicedID ?? 0 > reply,
            words.hasUnanswered(.user, before: reply)
        else { return }
        isReplyOver = true
    }

    /// The user continued the question before the reply to its first part was over: that part is
    /// answered with the rest, and so is what was waiting for the same reply.
    mutating func replyWasToPart() {
        guard let first = kept.entries.first(where: { !$0.isGone }), first.id < reply
        else { return }
        isReplyToPart = true
        replyCovers = min(replyCovers, first.id)
        questionInterrupted()
    }

    /// The model withdrew its call, which only a voice causes: its next output answers that.
    mutating func callWithdrawn() { if voicedAnew > .zero { isReplyOver = true } }

    /// The model begins to speak, or continues after a result.
    ///
    /// - Parameters:
    ///   - isUserSpeaking: In automatic detection, the user has not paused for long enough to be
    ///   answered: the reply is not for the current speech.
    ///   - unsaid: The first entry that its connection has yet to be told.
    mutating func replyBegan(isUserSpeaking: Bool = false, unsaid: ID? = nil) {
        isReplyOver = false
        isReplyToPart = false
        reply = end
        replyCovers = unsaid ?? reply
        unkeptBefore = unkept
        words.reply = reply
        mayOweTyped = voicedAnew > .zero && typedEnd > lastVoicedID ?? 0
        voicedBefore = isUserSpeaking ? max(.zero, voiced - utterance) : voiced
        voicedAlone = .zero
        mayBeWorkedOn = false
        end += 1
    }

    /// - Parameter isAhead: Its words come before its audio, so it has not begun yet.
    /// - Returns: The words belong to an answer that has ended.
    @discardableResult
    mutating func replied(_ range: ByteRange, _ payload: Span<UInt8>, isAhead: Bool) -> Bool {
        let id = isAhead ? end : reply
        isTold(.model, id)
        return words.say(.model, range, payload, at: id)
    }

    /// Late words.
    private mutating func isTold(_ role: Words.Role, _ id: ID) {
        guard let last = untold.lastIndex(where: { $0.role == role }), id <= untold[last].id
        else { return }
        untold.remove(at: last)
    }

    /// The reply ended whole, or the user interrupted it: everything before it is answered.
    ///
    /// - Parameters:
    ///   - ring: How much of the audio since then is kept, in automatic detection, if no question
    ///   was found in it.
    ///   - spoken: The part of the reply that the client heard.
    ///   - isWhole: The user did not speak during the reply.
    ///   - isByVoice: They did, and that voice is the next question.
    ///   - isUserSpeaking: In automatic detection, they speak as it ends, without an answer.
    ///   - unsaid: The first entry that its connection has yet to be told: neither that nor what
    ///   follows is answered.
    mutating func answered(
        ring: Interval?, spoken: Interval = .zero, isWhole: Bool = false, isByVoice: Bool = false,
        isUserSpeaking: Bool = false, unsaid: ID? = nil
    ) {
        let covered = min(replyCovers, unsaid ?? replyCovers)
        // The voice may have begun before the reply did.
        let isBefore = isByVoice && utteranceBegin < covered && lastVoicedID ?? 0 > reply
        let first = isBefore ? utteranceBegin : covered
        let sound = kept.entries.reduce(unkeptBefore) { sum, entry in
            entry.id < first && !entry.isGone ? sum + entry.audio : sum
        }
        if sound > .zero, !words.hasUnanswered(.user, before: covered) {
            cannotTell(.user, covered - 1, sound)
        }
        if spoken > .zero, !words.hasUnanswered(.model, before: end) {
            cannotTell(.model, reply, spoken)
        }
        unkept = unkept - unkeptBefore
        unkeptBefore = .zero
        discard(before: first)
        guard covered == reply else { return words.settle(through: covered - 1, reply: reply) }
        if interrupted <= covered { interruptions = 0 }
        words.settle(through: reply)
        isUtteranceLeft = isUserSpeaking
        if !isByVoice { isStalled = false }
        voiced = isByVoice ? voiced - voicedBefore : .zero
        voicedBefore = .zero
        voicedAlone = voiced
        mayBeWorkedOn = false
        dropped = .zero
        hasDroppedWords = false
        flushes = Flushes()
        if isWhole { settled = end }
        guard let ring else { return }
        var index = kept.index(of: cursor)
        while index < kept.entries.count, audio > ring {
            // Typed text, or a result, is a question without a voice.
            if kept.entries[index].kind == .sound { drop(index) }
            index += 1
        }
        kept.compact()
    }

    private mutating func cannotTell(_ role: Words.Role, _ id: ID, _ audio: Interval) {
        untold.append((id, role, audio))
        if untold.count > 64 { untold.removeFirst() }
    }
}
