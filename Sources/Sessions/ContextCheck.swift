import Basics
import Wire

/// Whether the model still knows the conversation: once it has forgotten, it bills fewer tokens for
/// it (failure catalogue 5.8), or greets again after a resume.
struct ContextCheck {
    /// Prompt tokens of audio in the last usage report.
    private var audio: Int64?
    /// Prompt tokens of the last answer, and its own.
    private var last: (prompt: Int64, response: Int64)?
    var hasForgotten = false
    /// The next answer shows what a resumed model remembers.
    private(set) var isFirstSinceResume = false
    /// The prompt of that answer contains the one before.
    private var isProven = false
    /// The prompt of that answer was reported.
    private var isReported = false
    /// That answer was a greeting, and its prompt is not reported yet.
    private var isInDoubt = false
    /// How often the conversation was told again.
    private(set) var recaps = 0

    private static let recapsPerSession = 2

    var mayRecap: Bool { recaps < Self.recapsPerSession }

    mutating func resumed() {
        isFirstSinceResume = true
        isProven = false
        isReported = false
        isInDoubt = false
    }

    /// Gemini's report of what an answer used, or has used so far.
    mutating func billed(_ usage: Usage) {
        if usage.prompt > 0 {
            if isFirstSinceResume || isInDoubt, !isReported { compare(usage.prompt) }
            last = (usage.prompt, max(0, usage.response))
        }
        let audio = usage.promptDetails.audio
        guard audio >= 0 else { return }
        if let last = self.audio, last >= 200, audio * 10 < last * 4 { hasForgotten = true }
        self.audio = audio
    }

    /// A model that has forgotten is billed for the setup and the question. One that remembers is
    /// also billed for the last prompt, and for most of the answer to it: no question is as long,
    /// unless the conversation has hardly begun.
    private mutating func compare(_ prompt: Int64) {
        isReported = true
        if let last, last.response > 0 { isProven = prompt >= last.prompt + last.response / 2 }
        if isInDoubt, !isProven { hasForgotten = true }
        isInDoubt = false
    }

    /// - Parameter isGreeting: It repeats the conversation's first words.
    mutating func answered(isGreeting: Bool) {
        isFirstSinceResume = false
        guard isGreeting, !isProven else { return }
        // A service that reports will report this one as well.
        if isReported || last == nil { hasForgotten = true } else { isInDoubt = true }
    }

    /// The context was changed on purpose.
    mutating func startOver() {
        audio = nil
        last = nil
    }

    mutating func recapped() {
        recaps += 1
        startOver()
    }
}
