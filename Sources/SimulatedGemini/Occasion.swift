import Basics
import Wire

/// The upgrade, before it is answered.
struct Opening {
    /// An HTTP answer instead of 101.
    var refusal: (status: Int, body: String)?
}

/// A legal setup, before it is answered.
struct SetupReply {
    var delay: Interval
    /// `nil`: never.
    var answer: Deed?
    /// A resume that the model nonetheless forgets.
    var forgets = false
    /// In addition, it greets with its next answer.
    var greets = false
    let isResumed: Bool
    /// Since the previous connection of the conversation ended.
    let sinceRelease: Interval?
    let model: String
    let family: Family
    let settings: Settings
    var quirks = Quirks()
    var random: SeededRandom
}

/// Permanent peculiarities of one connection.
struct Quirks {
    /// How much silence ends a turn, whatever the setup says.
    var silence: Interval?
    /// How much of one utterance's speech is transcribed.
    var transcriptLimit: Interval?
    /// After an unannounced pause in the audio stream, speech is no longer detected.
    var deafAfterPause: Interval?
    /// Real-time input during an open blocking call closes the connection.
    var diesOfInputDuringCall = false
    /// Speaks about results whose scheduling says `SILENT`.
    var narratesSilentResults = false
    /// Adds unknown fields to its messages, and usage reports where none are needed.
    var sendsRiders = false
    /// Sends TEXT frames.
    var sendsText = false
    /// What happens after this much time without a message from the client.
    var whenQuiet: (after: Interval, onlyInActivity: Bool, deed: Deed)?
}

/// What a connection does at fixed times after `setupComplete`.
struct Timeline {
    struct Step {
        var after: Interval
        var deed: Deed
        /// Announced by an earlier step, so that it happens even if faults have ended.
        var isAnnounced = false
        var isSpeech = false
    }

    var steps: [Step] = []
    let isResumed: Bool
    /// The model's last words in this conversation.
    let lastReply: String
    var composer: Composer
    var random: SeededRandom

    mutating func add(_ deed: Deed, after: Interval, isAnnounced: Bool = false) {
        steps.append(Step(after: after, deed: deed, isAnnounced: isAnnounced))
    }

    /// Words nobody asked for.
    mutating func speak(_ words: String, from start: Interval) {
        let phrase = Voice.Phrase(text: words, pcm: composer.voice.say(.resumed).pcm)
        let speech = composer.pieces(of: phrase, from: start)
        for piece in speech.pieces {
            steps.append(Step(after: piece.after, deed: .message(piece.draft), isSpeech: true))
        }
        var end = Draft()
        end.generationComplete = true
        end.turnComplete = true
        steps.append(Step(after: speech.played, deed: .message(end), isSpeech: true))
    }

    mutating func addGoAway(after: Interval, timeLeft: Interval, last: Deed) {
        var warning = Draft()
        warning.goAway = timeLeft
        add(.message(warning), after: after)
        add(last, after: after + timeLeft, isAnnounced: true)
    }
}

/// The model's frame of mind when it begins to answer.
struct Mind {
    let turn: Heard.Turn
    let previous: Heard.Turn?
    let family: Family
    let voice: Voice
    let isFirstOfConnection: Bool
    let isResumed: Bool
    var memory: Memory
    /// Said instead of an answer.
    var phrase: Voice.Phrase?
    /// Whether it uses a tool that was asked for.
    var callsTools = true
    var random: SeededRandom

    /// The sound of `line` with other words: no voice need have spoken them.
    mutating func says(_ words: String, soundingLike line: Voice.Line = .sorry) {
        phrase = Voice.Phrase(text: words, pcm: voice.say(line).pcm)
    }
}

/// A handle, before it is given out.
struct Issue {
    /// The message that carries it; `resumption` says whether it still does.
    var update: Draft
    var isSent = true
    var ticket: Ticket
    /// What the model remembered before the last turn.
    let memoryBefore: Memory
    var random: SeededRandom
}

/// What keeps a model mute although it listens. Part of its memory: a handle issued before does
/// not carry it.
struct Wedge: Equatable, Sendable {
    enum Kind: String, Sendable {
        /// Completes each turn with nothing in it.
        case empty
        /// Transcribes, and that is all.
        case silent
        /// A few tokens of text, and no sound.
        case textOnly = "text-only"
        /// Says the same refusal to everything.
        case refusal
    }

    var kind: Kind
    /// Further inputs of the user's it outlasts; `nil`: all of them.
    var turns: Int?
    /// Nudges that end it; `nil`: none does.
    var nudges: Int?

    /// Takes note of an input or a nudge. Returns whether the model is still mute.
    mutating func holds(against cause: Reply.Cause) -> Bool {
        switch cause {
        case .nudge:
            guard let left = nudges else { return true }
            nudges = left - 1
            return left > 1
        case .input:
            guard let left = turns else { return true }
            turns = left - 1
            return left > 0
        case .noise, .again:
            return true
        }
    }

    func strike(_ reply: inout Reply) {
        guard let start = reply.firstOutput else { return }
        switch kind {
        case .empty:
            reply.silence(endingAfter: start)
        case .silent:
            reply.keepSpeech { _ in false }
        case .textOnly:
            reply.answerInText(after: start)
        case .refusal:
            break
        }
    }
}
