import Basics

/// Whether the model still knows the conversation: once it has forgotten, it bills fewer tokens for
/// it (failure catalogue 5.8), or greets again after a resume.
struct ContextCheck {
    /// Prompt tokens of audio in the last usage report.
    private var audio: Int64?
    var hasForgotten = false
    /// The next answer shows what a resumed model remembers.
    var isFirstSinceResume = false
    /// How often the conversation was told again.
    private(set) var recaps = 0

    private static let recapsPerSession = 2

    var mayRecap: Bool { recaps < Self.recapsPerSession }

    /// - Parameter audio: Prompt tokens of audio; negative if the report does not say.
    mutating func billed(audio: Int64) {
        guard audio >= 0 else { return }
        if let last = self.audio, last >= 200, audio * 10 < last * 4 { hasForgotten = true }
        self.audio = audio
    }

    /// The context was changed on purpose.
    mutating func startOver() { audio = nil }

    mutating func recapped() {
        recaps += 1
        audio = nil
    }
}
