import Basics
import Policies
import Wire

/// For families whose input transcription stops in long speech (failure catalogue 9.1): from time
/// to time the activity is ended and begun again at a moment of silence. The model takes that for
/// the end of a turn; its output for half a sentence is hidden from the client.
struct Flush: ~Copyable {
    /// Mean loudness since the search began, and the duration of that audio.
    private var loudness: Int64 = 0
    private var sound = Interval.zero
    /// The loudest of the activity.
    private var loudest: Int64 = 0
    /// The user has paused since a flush was due.
    private var isPausing = false
    /// Where an observed flush would have been, in audio of this activity.
    private var mark = Interval.zero
    /// The current or last activity has been flushed.
    private(set) var isActive = false
    /// The activity was not flushed, but ended for its silence, and has continued.
    private(set) var isOfDeadAir = false
    /// Flushes whose end of turn has not arrived.
    private var pending = 0
    private var lastAt = Instant(nanoseconds: 0)
    /// Gemini is answering half a sentence.
    private var isAnswered = false
    /// Its interruption was hidden, and has an end that ends nothing.
    private var isInterrupted = false

    /// Before a flush is due, the loudness is learned; after that a pause is looked for; a moment
    /// later any dip suffices, and finally none is needed.
    static let window = Interval.seconds(2)
    private static let patience = Interval.seconds(3)
    /// A quiet voice is louder, and most rooms are not.
    private static let noise = Int64(Journal.voice) / 4
    /// Who spoke so many times louder has stopped: this is the room.
    private static let fall: Int64 = 16
    /// After the user's real end: by then every by-product has arrived, because a flush cuts itself
    /// short.
    private static let echo = Interval.seconds(2)

    /// Whether the activity should be flushed before this piece of audio. `heard` is the audio that
    /// gemini has received in it.
    ///
    /// Not in a pause but at its end: a pause that does not end is the end of speech, and a model
    /// that receives only silence after a flush may have nothing to say.
    mutating func isDue(before message: ClientMessage, heard: Interval, every interval: Interval)
        -> Bool
    {
        if heard < mark { mark = .zero }
        if heard == .zero { loudest = 0 }
        loudest = max(loudest, Int64(message.voicing.level))
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
        // The mean alone may be that of a room in which nobody has spoken for a while.
        let isRoom = level <= Self.noise || level * Self.fall <= loudest
        let isQuiet = isRoom || level * dip <= mean
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
        // No by-products of an earlier activity will come any more.
        pending = isActive ? pending + 1 : 1
        isActive = true
        isOfDeadAir = false
        lastAt = now
    }

    /// An activity that was ended for its silence and continues has the same by-products.
    ///
    /// - Parameter isAnswered: Gemini has begun to answer its first half.
    mutating func resumed(isAnswered: Bool, at now: Instant) {
        flushed(at: now)
        isOfDeadAir = true
        self.isAnswered = isAnswered
    }

    /// Whether gemini's output was caused by a flush.
    ///
    /// - Parameter isSpeaking: The user has not finished.
    mutating func isByproduct(
        _ message: ServerMessage, isSpeaking: Bool, at now: Instant
    ) -> Bool {
        let said = message.content.subtracting(Self.transcripts)
        // A call is the model's decision, whatever caused it: it waits for the result. After the
        // user's end it begins the answer, and a following end of turn belongs to the call.
        if message.members.contains(.toolCall) {
            if !isSpeaking { isActive = false }
            return false
        }
        guard isActive, !said.isEmpty else { return false }
        let speaks = !said.isDisjoint(with: Self.answer)
        if !isSpeaking {
            // An answer that is being hidden is hidden to its end.
            guard now < lastAt + Self.echo, isAnswered || pending > 0 && !speaks else {
                isActive = false
                return false
            }
        }
        if speaks { isAnswered = true }
        if said.contains(.interrupted) { (isAnswered, isInterrupted) = (false, true) }
        // A model that signals that it continues has not ended its answer.
        if said.contains(.turnComplete), !said.contains(.inProgress) {
            isAnswered = false
            isInterrupted = false
            pending = max(0, pending - 1)
        }
        return true
    }

    /// The end of a hidden interruption is still on its way.
    func owesEnd(at now: Instant) -> Bool { isActive && isInterrupted && now < lastAt + Self.echo }

    /// The transcripts, which are the purpose of a flush.
    static var transcripts: ServerMessage.Content {
        [.inputTranscription, .interimInputTranscription]
    }
    private static var answer: ServerMessage.Content {
        [.audio, .text, .thought, .otherPart, .outputTranscription]
    }
}
