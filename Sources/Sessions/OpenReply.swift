import Basics
import Wire

/// The model's reply as far as the client has seen it.
struct OpenReply {
    /// The end of an interruption that the client was shown.
    enum InterruptionEnd {
        /// A phantom has no end.
        case none
        /// In automatic detection, gemini may have worked on a complete utterance before it was
        /// transcribed: the next end is taken for that of the work, but none is made up for it.
        case possible
        /// A reply, or the work on one, was interrupted.
        case owed
    }

    /// The model has spoken or sent text since the last end of a turn.
    private(set) var isOpen = false
    /// `generationComplete` was shown: only the end of the reply is missing.
    private(set) var isGenerated = false
    /// Its connection is gone, and it continues on another one.
    private(set) var isCut = false
    /// The user has moved on from a cut reply: its end must come before anything of the next one.
    var owesEnd = false
    /// The user asked something else while it was open, and it has not ended since.
    private(set) var isSuperseded = false
    /// `interrupted` was shown, but not yet the `turnComplete` that follows it.
    private(set) var isInterrupted = false
    /// `interrupted` was shown with nothing open, for a client that was still playing: its end, if
    /// one comes, is shown as well.
    private(set) var isPhantomOpen = false
    /// Whether the end that follows `interrupted` will come.
    private(set) var interruptionEnd = InterruptionEnd.none
    /// Interruptions in quick succession overlap: each has its own `turnComplete`.
    private var openInterruptions = 0
    /// When everything sent will have been played.
    private(set) var playedUntil = Instant(nanoseconds: 0)
    /// Duration of the audio in this reply.
    private(set) var audio = Interval.zero
    /// Audio of earlier replies; and how much of this one was already reported.
    private var spokenBefore = Interval.zero
    private var spokenTaken = Interval.zero
    /// Pictures, files, code: an answer without words.
    private(set) var hasOtherParts = false
    /// The examined audio of this reply was silent; also if it has none.
    private var looksSilent = false
    /// The beginning of this reply in words, as JSON text.
    private(set) var words: [UInt8] = []
    /// A call was shown at which the family ends the turn, but that end was not shown.
    private var owesCallEnd = false
    /// That end will not come: its connection is gone.
    private(set) var isCallEndLost = false
    /// The last end came after words of the model.
    private var endedWords = false
    /// It was the end of a call: more of the sentence may be on its way.
    private(set) var isSentenceLeft = false
    /// Its end was hidden from the client, whose question continued: the end of the rest ends it.
    private var isHalf = false
    /// Ends shown at calls since the question: when it is asked again, they come again.
    private var endsAtCalls = 0
    private(set) var repeatedEnds = 0

    /// Part of it could be heard or seen. If a reply is spoken, its words alone do not count.
    private(set) var isHeard = false

    private static let textLimit = 4096
    /// Whole answers of noise with a peak of 30 to 60 are on record; healthy ones are twenty times
    /// louder (failure catalogue 16.10).
    private static let silence: Int32 = 160
    private static let glance = 48

    /// Something audible or readable.
    static var speech: ServerMessage.Content {
        [.audio, .text, .otherPart, .outputTranscription]
    }

    mutating func shown(_ message: ServerMessage, _ payload: Span<UInt8>, at now: Instant) {
        let content = message.content
        if !content.isDisjoint(with: Self.speech) {
            if !isOpen { began() }
            isOpen = true
            // It continued without one.
            if !isCallEndLost { owesCallEnd = false }
            if content.contains(.otherPart) { (hasOtherParts, isHeard) = (true, true) }
            if message.audioBytes > 0 { listen(message, payload, at: now) }
            if content.contains(.outputTranscription), words.count < Self.textLimit {
                let range = message.outputText.range.clamped(to: 0..<payload.count)
                let kept = range.prefix(Self.textLimit - words.count)
                Bytes.append(payload.extracting(kept), to: &words)
            }
        }
        if content.contains(.generationComplete) { isGenerated = true }
        if content.contains(.interrupted) { interrupted(at: now) }
        if content.contains(.turnComplete) { ended() }
    }

    private mutating func began() {
        isPhantomOpen = false
        isSuperseded = false
        isSentenceLeft = false
        hasOtherParts = false
        isHeard = false
        spokenBefore = spokenBefore + audio - spokenTaken
        spokenTaken = .zero
        audio = .zero
        looksSilent = true
        words = []
        openInterruptions = 0
        isInterrupted = false
        isGenerated = false
    }

    /// Nothing of it was heard or seen yet.
    var mayBeMute: Bool { !isOpen || looksSilent && !hasOtherParts }

    /// How this reply, which ends with the message, fails to be an answer in a session that speaks.
    /// `nil` if it is one, or there is none.
    ///
    /// - Parameter tokens: Gemini's count for the reply; `nil` if it reported none, -1 if it left
    ///   that out.
    func muteness(
        with message: ServerMessage, _ payload: Span<UInt8>, tokens: Int64?
    ) -> Stall? {
        guard isOpen || !message.content.isDisjoint(with: Self.speech), mayBeMute,
            !message.content.contains(.otherPart), !Self.isAudible(message, payload)
        else { return nil }
        let audio = (isOpen ? self.audio : .zero) + message.audioDuration
        if audio >= .seconds(1) { return .silentAudio }
        guard audio == .zero, let tokens else { return nil }
        // A few tokens, or words that were not meant to be heard.
        return tokens >= 0 && tokens <= 10 || words.isEmpty ? .textOnly : nil
    }

    private mutating func listen(
        _ message: ServerMessage, _ payload: Span<UInt8>, at now: Instant
    ) {
        audio = audio + message.audioDuration
        playedUntil = max(playedUntil, now) + message.audioDuration
        // Checked until something is audible: a healthy reply needs one check, of a few samples.
        if looksSilent, Self.isAudible(message, payload) {
            (looksSilent, isHeard) = (false, true)
        }
    }

    private static func isAudible(_ message: ServerMessage, _ payload: Span<UInt8>) -> Bool {
        isAudible(message, payload, samples: Loudness.glance)
            || isAudible(message, payload, samples: glance)
    }

    private static func isAudible(
        _ message: ServerMessage, _ payload: Span<UInt8>, samples: Int
    ) -> Bool {
        Loudness.ofPCM16(base64: payload, message.audio, limit: samples).peak > silence
    }

    mutating func interrupted(at now: Instant) {
        if isOpen || isHalf {
            interruptionEnd = .owed
        } else if !isInterrupted {
            interruptionEnd = .none
        }
        isInterrupted = true
        openInterruptions += 1
        isOpen = false
        isGenerated = false
        isCut = false
        isSuperseded = false
        owesEnd = false
        playedUntil = now
    }

    mutating func ended() {
        isPhantomOpen = false
        endedWords = isOpen
        owesCallEnd = false
        isCallEndLost = false
        isOpen = false
        isGenerated = false
        isCut = false
        isSuperseded = false
        owesEnd = false
        isHalf = false
        openInterruptions = max(openInterruptions - 1, 0)
        if openInterruptions == 0 { isInterrupted = false }
    }

    mutating func halfEnded() {
        ended()
        isHalf = true
    }

    mutating func workWasInterrupted() { if isInterrupted { interruptionEnd = .owed } }

    mutating func workMayHaveBeenInterrupted() {
        if isInterrupted, interruptionEnd == .none { interruptionEnd = .possible }
    }

    /// A question was asked, and nothing was interrupted: the next end belongs to that question.
    mutating func forgotPhantom() { if interruptionEnd == .none { interruptionsEnded() } }

    mutating func phantomShown() {
        interruptionsEnded()
        isPhantomOpen = true
    }

    /// No end of an interrupted reply will come any more.
    mutating func interruptionsEnded() {
        openInterruptions = 0
        isInterrupted = false
    }

    mutating func superseded() { isSuperseded = isOpen }

    mutating func cut() { isCut = isOpen }

    /// The reply continues where it broke off, or starts again, within the same turn.
    mutating func wentOn() { isCut = false }

    /// The reply was whole but not an answer, or begins again on another connection: what follows
    /// is judged separately.
    ///
    /// - Parameter goesOn: It is the rest of what was heard.
    mutating func judgedAnew(goesOn: Bool = false) {
        isHeard = isHeard && goesOn
        spokenBefore = spokenBefore + audio - spokenTaken
        spokenTaken = .zero
        audio = .zero
        hasOtherParts = false
        words = []
        looksSilent = true
        isGenerated = false
    }

    /// Duration of all audio since `takeSpoken`, also of what broke off before.
    var spoken: Interval { spokenBefore + audio - spokenTaken }

    mutating func takeSpoken() -> Interval {
        defer { (spokenBefore, spokenTaken) = (.zero, audio) }
        return spoken
    }

    // MARK: Ends at calls

    /// The question is over, or another was asked: its calls no longer belong to a question. A
    /// transcript does not show this, because it may come after the call it led to.
    mutating func forgotCalls() {
        owesCallEnd = false
        isCallEndLost = false
        isSentenceLeft = false
        endsAtCalls = 0
        repeatedEnds = 0
    }

    /// The model called, and its turn ends with that.
    mutating func called() {
        owesCallEnd = true
        isCallEndLost = false
    }

    /// The call was made again on a connection that remembers it: the owed end comes from there.
    mutating func calledAgain() { isCallEndLost = false }

    mutating func lostConnection() { isCallEndLost = owesCallEnd }

    mutating func endedAtCall() {
        endsAtCalls += 1
        isSentenceLeft = endedWords
    }

    /// The question was replayed from its beginning.
    mutating func askedAgain() { repeatedEnds = endsAtCalls }

    mutating func hidEnd() {
        assert(repeatedEnds > 0, "an end was hidden that nobody expected again")
        repeatedEnds -= 1
    }

    // MARK: Impossible states

    /// Fields about the same reply, or the same interruption, agree.
    var isConsistent: Bool {
        (isOpen || !isCut && !isSuperseded) && isInterrupted == (openInterruptions > 0)
            && (owesCallEnd || !isCallEndLost) && repeatedEnds >= 0
    }
}

/// The user's words as shown to the client, so that a repeated transcript is shown once.
struct ShownQuestion {
    /// What the client knows of the user's words in this turn.
    private(set) var heard = Transcript()
    /// The repeated transcript of the same words.
    private var again = Transcript()
    private var isRepeating = false
    /// The question that is transcribed again is no longer the last one.
    private var isLate = false

    /// Words as JSON text: their length, and enough of them to distinguish them from others.
    struct Transcript {
        private(set) var beginning: [UInt8] = []
        private(set) var length = 0
        var isEmpty: Bool { length == 0 }

        private static let limit = 4096

        mutating func append(_ range: ByteRange, _ payload: Span<UInt8>) {
            let range = range.range.clamped(to: 0..<payload.count)
            length += range.count
            let kept = range.prefix(Self.limit - beginning.count)
            Bytes.append(payload.extracting(kept), to: &beginning)
        }
    }

    mutating func heard(_ text: ByteRange, _ payload: Span<UInt8>) { heard.append(text, payload) }

    mutating func begin() {
        // A replayed question may still be transcribed although another has followed.
        if isRepeating, again.length < heard.length { return isLate = true }
        forget()
    }

    private mutating func forget() {
        heard = Transcript()
        isRepeating = false
        isLate = false
    }

    mutating func saidAgain() {
        isRepeating = !heard.isEmpty
        again = Transcript()
    }

    mutating func answered() { isLate ? forget() : (isRepeating = false) }

    /// How a transcript relates to the one that the client was shown before.
    enum Repetition {
        /// More than that: it must be shown.
        case none
        case same
        /// The same sound, heard differently: not shown, but kept as the user's words.
        case other
    }

    mutating func repetition(_ text: ByteRange, _ payload: Span<UInt8>) -> Repetition {
        guard isRepeating else { return .none }
        again.append(text, payload)
        if isLate {
            let isSame = heard.beginning.starts(with: again.beginning)
            if !isSame || again.length == heard.length { forget() }
            return isSame ? .same : .none
        }
        let isSame = heard.beginning.contains(again.beginning)
        if again.length <= heard.length { return isSame ? .same : .other }
        isRepeating = false
        return again.beginning.starts(with: heard.beginning) ? .none : .other
    }
}
