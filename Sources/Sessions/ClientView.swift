import Basics
import Wire

/// What the client has been shown of gemini. Whatever the remedies do behind its back, it must read
/// as one well-behaved conversation with one service.
struct ClientView {
    /// Speech or text of the model since the last end of a turn.
    private(set) var isSpeaking = false
    /// `generationComplete` was shown: nothing of the answer is missing but its end.
    private(set) var isGenerated = false
    /// `interrupted` was shown then, and the `turnComplete` that follows it was not yet.
    private(set) var interruptedAt: Instant?
    /// Interruptions in quick succession overlap: each has a `turnComplete` of its own.
    private var openInterruptions = 0
    /// A `turnComplete` was made here; should gemini's own come after all, it is one too many.
    var expectsSpareEnd = false
    /// What the client was shown is stale: `interrupted` goes before anything new.
    var owesInterruption = false
    /// When all it was sent will have been played.
    private(set) var playedUntil = Instant(nanoseconds: 0)
    /// Sound in this answer.
    private(set) var audio = Interval.zero
    /// Sound of this answer that was looked at, and was nothing.
    private(set) var looksSilent = false
    /// The beginning of this answer in words, as JSON text.
    private(set) var words: [UInt8] = []
    /// What the client knows the user said in this turn, as JSON text.
    private(set) var heard: [UInt8] = []
    /// What gemini says of the same words after they were sent again.
    private var again: [UInt8] = []
    private var isRepeating = false
    /// The question that is transcribed again is not the last one any more.
    private var isLate = false

    private static let textLimit = 4096

    /// Something audible or readable.
    static let speech: ServerMessage.Content = [.audio, .text, .otherPart, .outputTranscription]

    mutating func show(_ message: ServerMessage, _ payload: Span<UInt8>, at now: Instant) {
        let content = message.content
        if !content.isDisjoint(with: Self.speech) {
            if !isSpeaking { beginAnswer() }
            openInterruptions = 0
            interruptedAt = nil
            isSpeaking = true
            // What was to come of the answer before this one would have come before it.
            expectsSpareEnd = false
            if message.audioBytes > 0 { listen(message, payload, at: now) }
            if content.contains(.outputTranscription), words.count < Self.textLimit {
                append(message.outputText, payload, to: &words)
            }
        }
        if content.contains(.inputTranscription), heard.count < Self.textLimit {
            append(message.inputText, payload, to: &heard)
        }
        if content.contains(.generationComplete) { isGenerated = true }
        if content.contains(.interrupted) { interruptedNow(at: now) }
        if content.contains(.turnComplete) { turnEnded() }
    }

    private mutating func beginAnswer() {
        audio = .zero
        looksSilent = true
        words = []
    }

    private mutating func listen(
        _ message: ServerMessage, _ payload: Span<UInt8>, at now: Instant
    ) {
        audio = audio + message.audioDuration
        playedUntil = max(playedUntil, now) + message.audioDuration
        // Until something is heard once: a healthy answer costs one look.
        if looksSilent, Loudness.ofPCM16(base64: payload, message.audio, limit: 48).peak > 16 {
            looksSilent = false
        }
    }

    mutating func interruptedNow(at now: Instant) {
        interruptedAt = now
        openInterruptions += 1
        isSpeaking = false
        isGenerated = false
        playedUntil = now
        owesInterruption = false
    }

    mutating func turnEnded() {
        isSpeaking = false
        isGenerated = false
        openInterruptions = max(openInterruptions - 1, 0)
        if openInterruptions == 0 { interruptedAt = nil }
    }

    /// No end will come any more for what was interrupted.
    mutating func interruptionsEnded() {
        openInterruptions = 0
        interruptedAt = nil
    }

    // MARK: Transcripts of what is sent again

    mutating func newQuestion() {
        // What was said again may be transcribed yet, though another question has followed it.
        if isRepeating, again.count < heard.count { return isLate = true }
        forgetQuestion()
    }

    private mutating func forgetQuestion() {
        heard = []
        isRepeating = false
        isLate = false
    }

    mutating func replayed() {
        isRepeating = !heard.isEmpty
        again = []
    }

    mutating func answered() { isLate ? forgetQuestion() : (isRepeating = false) }

    /// Whether a transcript repeats what the client was shown of the same words before. What goes
    /// beyond that is shown.
    mutating func isRepeated(_ text: ByteRange, _ payload: Span<UInt8>) -> Bool {
        guard isRepeating else { return false }
        append(text, payload, to: &again)
        if isLate {
            let isSame = heard.starts(with: again)
            if !isSame || again.count == heard.count { forgetQuestion() }
            return isSame
        }
        if again.count <= heard.count { return true }
        isRepeating = false
        return !again.starts(with: heard)
    }

    private func append(_ range: ByteRange, _ payload: Span<UInt8>, to text: inout [UInt8]) {
        let range = range.range.clamped(to: 0..<payload.count)
        Bytes.append(payload.extracting(range), to: &text)
    }
}
