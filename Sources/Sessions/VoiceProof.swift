import Basics
import Wire

/// Collects evidence of speech. Voice counts for, everything else a quarter against, so that noise
/// that occasionally sounds like a voice never adds up.
struct VoiceProof {
    private var score = Interval.zero
    /// All voice so far, however sparse.
    private(set) var voice = Interval.zero
    /// Some audio was not analysed: it could have been anything.
    private(set) var isBlind = false

    mutating func observe(_ message: ClientMessage) {
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

    /// Not enough for proof, but too much to discard.
    func isDoubtful(_ least: Interval) -> Bool { isBlind || voice >= least / 2 }
}
