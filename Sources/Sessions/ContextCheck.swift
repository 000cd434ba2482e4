import Basics

/// Whether the model still knows the conversation: it bills for less of it once it has forgotten
/// (failure catalogue 5.8), or greets anew after a resume.
struct ContextCheck {
    /// Prompt tokens of audio in the last receipt.
    private var audio: Int64?
    var hasForgotten = false
    /// The next answer shows what a resumed model remembers.
    var isFirstSinceResume = false
    /// How often it was told.
    private(set) var recaps = 0

    private static let recapsPerSession = 2

    var mayRecap: Bool { recaps < Self.recapsPerSession }

    /// - Parameter audio: prompt tokens of audio; negative where the receipt does not say.
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
