import Basics
import Policies
import Wire

/// Families whose input transcription stops in long speech (failure catalogue 9.1): now and then
/// the activity is ended and begun again, where the user was quiet for a moment. The model takes
/// that for the end of a turn; what it makes of half a sentence is kept from the client.
struct Flush: ~Copyable {
    /// Mean loudness since the search began, and the sound it is the mean of.
    private var loudness: Int64 = 0
    private var sound = Interval.zero
    /// The user has paused since a flush was due.
    private var isPausing = false
    /// Where an observed flush would have been, in audio of this activity.
    private var mark = Interval.zero
    /// The activity that is open, or was last, has been flushed.
    private(set) var isActive = false
    /// Flushes whose end of a turn has not been seen.
    private var pending = 0
    private var lastAt = Instant(nanoseconds: 0)
    /// Gemini is speaking of half a sentence.
    private var isAnswered = false

    /// Before the time has come loudness is learned, after it a pause is looked for; a moment later
    /// the least dip will do, and then none is needed.
    static let window = Interval.seconds(2)
    private static let patience = Interval.seconds(3)
    /// After the user's real end: by then every by-product has come, for a flush cuts itself short.
    private static let echo = Interval.seconds(2)

    /// Whether the activity should be flushed before this piece of audio. `heard` is the audio that
    /// gemini was given in it so far.
    ///
    /// Not in a pause but where it ends: one that does not end is the end, and a model that is
    /// given nothing but silence after a flush may have nothing to say.
    mutating func isDue(before message: ClientMessage, heard: Interval, every interval: Interval)
        -> Bool
    {
        if heard < mark { mark = .zero }
        let age = heard - mark
        guard age >= interval - Self.window else {
            forgetLoudness()
            return false
        }
        let isLate = age >= interval + Self.patience
        guard message.voicing.extent >= .level, sound > .zero else {
            learn(message)
            return isLate && message.voicing.extent < .level
        }
        let (level, mean) = (Int64(message.voicing.level), loudness)
        learn(message)
        guard age >= interval else { return false }
        let dip: Int64 = age < interval + Self.window ? 4 : 2
        let isQuiet = level * dip <= mean
        defer { isPausing = isPausing || isQuiet }
        return !isQuiet && (isPausing || isLate)
    }

    private mutating func learn(_ message: ClientMessage) {
        let level = Int64(message.voicing.level)
        let length = message.audioDuration
        let whole = min(sound + length, .seconds(2))
        guard message.voicing.extent >= .level, whole > .zero else { return }
        let share = min(length, whole)
        let (old, new) = ((whole - share).milliseconds, share.milliseconds)
        loudness = (loudness * old + level * new) / max(1, old + new)
        sound = whole
    }

    private mutating func forgetLoudness() {
        sound = .zero
        loudness = 0
        isPausing = false
    }

    mutating func observed(at heard: Interval) {
        mark = heard
        forgetLoudness()
    }

    mutating func flushed(at now: Instant) {
        forgetLoudness()
        isActive = true
        pending += 1
        lastAt = now
    }

    /// Whether what gemini says was brought about by a flush. `isSpeaking`: the user has not come
    /// to their end.
    mutating func isByproduct(
        _ message: ServerMessage, isSpeaking: Bool, at now: Instant
    ) -> Bool {
        let said = message.content.subtracting(Self.transcripts)
        // A call is the model's word, whatever brought it about: it waits for the result. After the
        // user's end it begins the answer, and the end of a turn that follows is the call's.
        if message.members.contains(.toolCall) {
            if !isSpeaking { isActive = false }
            return false
        }
        guard isActive, !said.isEmpty else { return false }
        let speaks = !said.isDisjoint(with: Self.answer)
        if !isSpeaking {
            guard pending > 0, now < lastAt + Self.echo, isAnswered || !speaks else {
                isActive = false
                return false
            }
        }
        if speaks { isAnswered = true }
        if said.contains(.interrupted) { isAnswered = false }
        if said.contains(.turnComplete) {
            isAnswered = false
            pending = max(0, pending - 1)
        }
        return true
    }

    /// The user's words, which are what it is all for.
    static let transcripts: ServerMessage.Content = [
        .inputTranscription, .interimInputTranscription,
    ]
    private static let answer: ServerMessage.Content = [
        .audio, .text, .thought, .otherPart, .outputTranscription,
    ]
}
