import Basics
import Wire

/// Something the connection will do at its own time.
indirect enum Deed {
    case message(Draft)
    case close(Close)
    case abort
    /// Sends nothing for this time; with `deaf`, receives nothing either.
    case freeze(Interval, deaf: Bool)
    /// Receives nothing for this time, pings included, but continues to speak.
    case deafen(Interval)
    /// Answers this turn, as if it had just been received.
    case answer(Int)
    /// From now on the model is mute; with `deep`, whichever handle restores the conversation.
    case wedge(Wedge, deep: Bool)
    /// If nothing came from the client for this time, does it; otherwise checks again later.
    case whenQuiet(Interval, onlyInActivity: Bool, Deed)
}

/// The service's answer to one input, before it begins: the value that faults change.
struct Reply {
    struct Step {
        /// From the end of the user's input.
        var after: Interval
        var deed: Deed
        /// Part of the model's speech, which an interruption cancels.
        var isSpeech = true
    }

    /// Why the model speaks.
    enum Cause { case input, nudge, noise, again }

    /// The turn it answers.
    let heard: Heard.Turn
    /// The turn before that.
    let previous: Heard.Turn?
    /// As `heard.input`, but `tool` if it continues after a tool's result.
    let input: Heard.Input
    let cause: Cause
    let family: Family
    let wantsHandles: Bool
    /// Since the connection's setup.
    let age: Interval
    let isFirstOfConnection: Bool
    let isResumed: Bool
    /// Tokens of the prompt this answer is billed for.
    let promptTokens: Int
    /// Calls cancelled by an interruption.
    var cancelled: [String] = []
    var turn: Int { heard.number }
    /// In order of time.
    private(set) var steps: [Step] = []
    var composer: Composer
    var random: SeededRandom

    mutating func add(_ draft: Draft, after: Interval, isSpeech: Bool = true) {
        add(.message(draft), after: after, isSpeech: isSpeech)
    }

    mutating func add(_ deed: Deed, after: Interval, isSpeech: Bool = true) {
        let index = steps.lastIndex { $0.after <= after }.map { $0 + 1 } ?? 0
        steps.insert(Step(after: after, deed: deed, isSpeech: isSpeech), at: index)
    }

    /// When the first sound, word or call of the model is due.
    var firstOutput: Interval? {
        steps.first {
            guard case .message(let draft) = $0.deed else { return false }
            return draft.isOutput || !draft.calls.isEmpty
        }?.after
    }

    /// When the turn is complete.
    var end: Interval? { drafts.last { $0.draft.turnComplete }?.after }

    var lastStep: Interval { steps.last?.after ?? .zero }

    var hasCall: Bool { drafts.contains { !$0.draft.calls.isEmpty } }

    var hasSound: Bool { drafts.contains { !$0.draft.audio.isEmpty } }

    var drafts: [(after: Interval, draft: Draft)] {
        steps.compactMap { step in
            guard case .message(let draft) = step.deed else { return nil }
            return (step.after, draft)
        }
    }

    // MARK: What faults do to it

    /// Removes everything from `after` on.
    mutating func cut(from after: Interval) {
        steps.removeAll { $0.after >= after }
    }

    /// Keeps of the model's output only what `isKept` accepts.
    mutating func keepSpeech(_ isKept: (Draft) -> Bool) {
        steps.removeAll { step in
            guard case .message(let draft) = step.deed, step.isSpeech else { return false }
            return !isKept(draft)
        }
    }

    /// Changes each message; `nil` removes it.
    mutating func change(_ body: (Draft) -> Draft?) {
        steps = steps.compactMap { step in
            guard case .message(let draft) = step.deed else { return step }
            guard let changed = body(draft) else { return nil }
            return Step(after: step.after, deed: .message(changed), isSpeech: step.isSpeech)
        }
    }

    /// Moves everything from `after` on by `lag`.
    mutating func delay(_ lag: Interval, from after: Interval = .zero) {
        for index in steps.indices where steps[index].after >= after {
            steps[index].after = steps[index].after + lag
        }
    }

    /// No output; the turn completes nonetheless.
    mutating func silence(endingAfter end: Interval, reason: String? = nil) {
        keepSpeech { _ in false }
        var empty = Draft()
        empty.turnComplete = true
        empty.turnCompleteReason = reason
        empty.interaction = family == .thinking38 ? .idle : nil
        empty.receipt = .exact
        add(empty, after: end)
    }

    /// One to six tokens of text instead of speech.
    mutating func answerInText(after start: Interval) {
        keepSpeech { _ in false }
        var words = Draft()
        words.text = "…"
        if random.chance(0.5) { add(words, after: start) }
        var end = Draft()
        end.turnComplete = true
        end.interaction = family == .thinking38 ? .idle : nil
        end.receipt = .textOnly(Int.random(in: 1...6, using: &random))
        add(end, after: start + .milliseconds(20))
    }

    /// The time at which `part` of the answer's audio has been sent.
    func moment(_ part: Double) -> Interval? {
        let sounds = drafts.filter { !$0.draft.audio.isEmpty }
        guard !sounds.isEmpty else { return nil }
        let index = min(Int(Double(sounds.count) * part), sounds.count - 1)
        return sounds[index].after
    }

    /// Keeps only the first `part` of the audio, at least one piece. Returns when that ends. Audio
    /// comes in bursts of several pieces: their order counts.
    @discardableResult
    mutating func keepFirst(_ part: Double) -> Interval? {
        let sounds = steps.indices.filter { index in
            guard case .message(let draft) = steps[index].deed else { return false }
            return !draft.audio.isEmpty
        }
        guard !sounds.isEmpty else { return nil }
        let last = sounds[min(Int(Double(sounds.count) * part), max(sounds.count - 2, 0))]
        let end = steps[last].after + .milliseconds(2)
        steps = steps[...last] + steps[(last + 1)...].filter { !$0.isSpeech }
        if case .message(var draft) = steps[last].deed, draft.turnComplete {
            // The only sound, with the end of the turn.
            draft.turnComplete = false
            draft.generationComplete = false
            draft.receipt = .none
            draft.interaction = nil
            steps[last].deed = .message(draft)
        }
        return end
    }

    /// Adds speech. Returns when it is sent and when it will have been played.
    mutating func speak(
        _ phrase: Voice.Phrase, from start: Interval
    ) -> (sent: Interval, played: Interval) {
        var voice = composer
        voice.random = random.fork()
        return voice.speak(phrase, from: start, into: &self)
    }

    /// Puts the end of the turn into the message with the last sound, after the transcripts that
    /// belong to it. Returns whether it could: nothing else may come after that sound.
    mutating func endWithLastSound(_ end: Draft) -> Bool {
        let place = steps.lastIndex { step in
            guard case .message(let draft) = step.deed else { return false }
            return !draft.audio.isEmpty || !draft.calls.isEmpty
        }
        guard let place, case .message(var last) = steps[place].deed, last.calls.isEmpty else {
            return false
        }
        let at = steps.remove(at: place).after
        last.generationComplete = end.generationComplete
        last.turnComplete = true
        last.interaction = end.interaction
        last.receipt = end.receipt
        // Transcripts follow their sound within a millisecond.
        add(last, after: at + .milliseconds(2))
        return true
    }

    /// Adds a whole utterance in a separate turn.
    mutating func utter(_ phrase: Voice.Phrase, from start: Interval) {
        let (sent, played) = speak(phrase, from: start)
        var voice = composer
        voice.end(
            &self, sent: sent, played: played,
            interaction: family == .thinking38 ? .idle : nil)
    }

    mutating func milliseconds(_ range: ClosedRange<Int64>) -> Interval {
        .milliseconds(Int64.random(in: range, using: &random))
    }
}
