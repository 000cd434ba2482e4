import Foundation
import Testing

/// `UPDATE=1 swift test --filter VoiceDetectionTests` writes `docs/voice-detection.md` from all
/// the speech that can be had on the machine; `make voice-table` installs that first.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["UPDATE"] == "1"))
struct TableTests {
    static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/voice-detection.md")

    @Test("speech and noise are told apart, and the page says how well")
    func table() throws {
        var speech: [String] = []
        var (proven, phrases) = (0, 0)
        for speaker in Speaker.all {
            let trials = try speaker.phrases.map { try Trial($0, rate: speaker.rate) }
            let delays = trials.compactMap(\.proofAfter).sorted()
            speech.append(
                "| \(speaker.name) | \(trials.count) | \(seconds(trials)) | \(share(trials)) "
                    + "| \(delays.count) of \(trials.count) | \(trials.count(where: \.isKept)) "
                    + "| \(delays.isEmpty ? "" : "\(delays[delays.count / 2]) ms") "
                    + "| \(delays.last.map { "\($0) ms" } ?? "") |")
            guard !speaker.name.contains("whisper") else { continue }
            proven += delays.count
            phrases += trials.count
        }
        var noise: [String] = []
        for name in Noises.names {
            let trial = try Trial(Noises.make(name), rate: 16_000)
            noise.append(
                "| \(name) | \(seconds([trial])) | \(share([trial])) "
                    + "| \(trial.proofAfter.map { "yes, after \($0) ms" } ?? "no") "
                    + "| \(trial.isKept ? "yes" : "no") |")
        }
        #expect(Double(proven) >= Double(phrases) * 0.97)
        try text(speech: speech, noise: noise, proven: "\(proven) of \(phrases)")
            .write(to: Self.page, atomically: true, encoding: .utf8)
    }

    private func seconds(_ trials: [Trial]) -> String {
        String(format: "%.1f", trials.map(\.seconds).reduce(0, +))
    }

    private func share(_ trials: [Trial]) -> String {
        let all = trials.map(\.seconds).reduce(0, +)
        let voiced = trials.map { $0.voiced * $0.seconds }.reduce(0, +)
        return String(format: "%.1f %%", all > 0 ? 100 * voiced / all : 0)
    }

    private func text(speech: [String], noise: [String], proven: String) -> String {
        """
        # Telling voice from noise

        Written by `make voice-table`. What is measured is the detector of
        [decision 19](decisions/0019-voice-detection.md) and the proof that `noise_hold` asks for, with
        `turns.noise_hold: 100ms`: frames of 20 ms, each file heard from its beginning by a fresh detector.

        ## Speech

        \(proven) phrases (whispers left out) prove themselves. The time runs from the first sound, voiced or not, to the proof: a phrase that begins with
        an s or an st is that much older when its first vowel comes. "Voiced" counts pauses in. An activity that ends unproven is kept all the same if half the
        proof was there.

        | speaker | phrases | seconds | voiced | proven | kept | half of them within | all within |
        |---|---|---|---|---|---|---|---|
        \(speech.joined(separator: "\n"))

        A whisper has no voice: while `noise_hold` waits for proof, a whispered activity is taken for noise.

        ## Noise

        Made by `Tests/VoiceDetectionTests/Noises.swift`. Tones are as periodic as a voice, and pass for one until the suppressor has learned them.

        | noise | seconds | voiced | taken for speech | kept at its end |
        |---|---|---|---|---|
        \(noise.joined(separator: "\n"))

        """
    }
}
