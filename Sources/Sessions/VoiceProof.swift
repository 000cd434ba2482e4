import Basics
import Wire

/// Gathers evidence that somebody speaks. Voice counts for, the rest a quarter against, so that
/// noise that sounds like a voice for a moment, now and then, never adds up.
struct VoiceProof {
    private var score = Interval.zero
    /// All voice there was, however thinly spread.
    private(set) var voice = Interval.zero
    /// Some audio was never listened to: it could have been anything.
    private(set) var isBlind = false

    mutating func take(_ message: ClientMessage) {
        guard message.voicing.extent == .voice else {
            isBlind = true
            return
        }
        let voiced = Interval.milliseconds(Int64(message.voicing.voiced))
        let rest = max(.zero, message.audioDuration - voiced)
        voice = voice + voiced
        score = max(.zero, score + voiced - rest / 4)
    }

    func reaches(_ least: Interval) -> Bool { isBlind || score >= least }

    /// Less than proof, but too much to throw away.
    func isDoubtful(_ least: Interval) -> Bool { isBlind || voice >= least / 2 }
}
