import Basics
import Policies
import SimulatedGemini
import Simulation
import Testing

/// The newer checkers and kinds of trouble: each checker notices a violation.
@Suite struct ProbeTests {
    /// Later kinds of trouble change what a seed means.
    private static let pinned = Probe.all.subtracting([.manner])

    @Test("what is left out of random runs says why, and is printed")
    func skipped() {
        for line in Probe.skipped { print(line) }
        #expect(Probe.skipped.count == Probe.pending.count)
        #expect(Probe.on.isDisjoint(with: Probe.pending.keys))
    }

    @Test("canary: each checker notices its promise broken", arguments: Sabotage.allCases)
    func canary(_ sabotage: Sabotage) {
        // The others are checked in every run.
        let checkers = Set([Probe(rawValue: sabotage.invariant)].compactMap { $0 })
        for seed in 1...400 {
            let broken = simulate(seed: UInt64(seed), probes: checkers, sabotage: sabotage)
            guard broken.failure?.invariant == sabotage.invariant else { continue }
            // And it was the sabotage that broke it.
            let whole = simulate(seed: UInt64(seed), probes: checkers)
            if whole.failure?.invariant != sabotage.invariant { return }
        }
        Issue.record("400 runs with \(sabotage.rawValue), and nobody noticed")
    }

    /// Each was reported although the journal was right: questions that waited behind one being
    /// answered, the parts of an activity that was ended for silence, an end that came too late,
    /// a user who asked something else before the question could be said again.
    @Test(
        "the journal's check knows whose answer it hears",
        arguments: [
            18, 6774, 8600, 17_228, 32_179, 2_000_828, 2_004_775, 2_105_450,
            2_300_289,
        ] as [UInt64])
    func whoseAnswer(seed: UInt64) {
        let failure = simulate(seed: seed, probes: Self.pinned).failure
        #expect(failure == nil, "\(failure?.invariant ?? "") \(failure?.what ?? "")")
    }

    /// The answer ended while the user went on in the same activity, a silent turn, a nudge, a model
    /// that had forgotten; one of two results while the other is awaited, a call of another question
    /// than the one said again, a call whose id has changed twice, one that is made again while its
    /// result waits for the next question, one whose result a voice came upon, one that was made again
    /// before its result was told in words.
    @Test(
        "what came of a call is told, and once",
        arguments: [
            2253, 5432, 18_346, 18_658, 19_729, 71_968, 106_525, 118_468, 209_253, 301_305,
            414_301,
        ] as [UInt64])
    func resultsTold(seed: UInt64) {
        let failure = simulate(seed: seed, probes: Probe.all).failure
        #expect(failure == nil, "\(failure?.invariant ?? "") \(failure?.what ?? "")")
    }

    /// The model spoke before its call, and the user into it; the answer to what they said came at once.
    @Test("an answer behind a withdrawn call is nobody's rest")
    func withdrawn() {
        let failure = simulate(seed: 2_002_395, probes: Probe.all).failure
        #expect(failure == nil, "\(failure?.invariant ?? "") \(failure?.what ?? "")")
    }

    /// An interrupted question with noise behind it, also where noise before it had no end; a reply
    /// that nobody can hear, too short to be judged.
    @Test("the journal's check knows what settles a question", arguments: [515, 4257, 5932])
    func settled(seed: UInt64) {
        let failure = simulate(seed: seed, probes: Probe.all).failure
        #expect(failure == nil, "\(failure?.invariant ?? "") \(failure?.what ?? "")")
    }

    /// A reply to the first half of a question that goes on, with an earlier question waiting (and the
    /// same in automatic detection, where the stream stalled); words that were typed earlier; the end
    /// of a reply that nobody can hear, shown only when the user has ended, or not at all; one message
    /// that ends a question and begins the next; content that interrupts a model at work; what was
    /// said before a call whose result came too late.
    @Test(
        "the journal's check knows half a question from a whole one",
        arguments: [
            80_013_205, 80_045_933, 80_063_140, 80_024_454, 80_023_335, 80_057_451, 80_034_251,
            90_001_932, 90_017_012, 502_497,
        ] as [UInt64])
    func half(seed: UInt64) {
        let failure = simulate(seed: seed, probes: Probe.all).failure
        #expect(failure == nil, "\(failure?.invariant ?? "") \(failure?.what ?? "")")
    }

    /// The sound from before an activity had the room of a new handle; handles had that of what waits.
    @Test(
        "no session is closed for what it need not keep",
        arguments: [90_001_563, 9781, 90_017_094, 90_017_396] as [UInt64])
    func needless(seed: UInt64) {
        let failure = simulate(seed: seed, probes: Probe.all).failure
        #expect(failure == nil, "\(failure?.invariant ?? "") \(failure?.what ?? "")")
    }

    /// The user spoke in an outage, in a buffer of four kilobytes that was full.
    @Test("a voice for which there was no room does not interrupt a reply that was cut")
    func noRoomForVoice() {
        let failure = simulate(seed: 706_503, probes: Probe.all).failure
        #expect(failure == nil, "\(failure?.invariant ?? "") \(failure?.what ?? "")")
    }

    /// The interruption of half a question was hidden, and its end came in the next activity.
    @Test("the end of a hidden interruption is no empty turn")
    func hiddenInterruption() {
        let failure = simulate(seed: 80_004_676, probes: Probe.all).failure
        #expect(failure == nil, "\(failure?.invariant ?? "") \(failure?.what ?? "")")
    }

    /// The client was spared the end of the answer to the first half of a question.
    @Test("an interruption after half a question has its end")
    func halves() {
        let failure = simulate(seed: 119_878, probes: Probe.all).failure
        #expect(failure == nil, "\(failure?.invariant ?? "") \(failure?.what ?? "")")
    }

    @Test("early audio that fits once it is decoded is within the buffer")
    func decoded() {
        let failure = simulate(seed: 14_095, probes: Self.pinned).failure
        #expect(failure == nil, "\(failure?.invariant ?? "") \(failure?.what ?? "")")
    }

    @Test("a model that works through earlier questions is not nudged while it speaks")
    func patient() {
        let failure = simulate(seed: 18_550, probes: Self.pinned).failure
        #expect(failure == nil, "\(failure?.invariant ?? "") \(failure?.what ?? "")")
    }

    /// What was said again was answered, or the other way round: a model at work that ends a turn,
    /// an answer taken for the rest of the one before, or for more of it, a call remembered.
    @Test(
        "the journal knows whose answer it hears",
        arguments: [4461, 10_579, 17_100, 33_491, 2_107_246, 2_306_963] as [UInt64])
    func whoseReply(seed: UInt64) {
        let failure = simulate(seed: seed, probes: Self.pinned).failure
        #expect(failure == nil, "\(failure?.invariant ?? "") \(failure?.what ?? "")")
    }

    @Test("a second reply is not heard, although the user begins to speak", arguments: [401, 805])
    func secondReply(seed: UInt64) {
        for model in Self.models.dropFirst() {
            let failure = simulate(
                seed: seed, healthy: model, firstSound: .seconds(9), probes: Self.pinned
            )
            .failure
            #expect(failure == nil, "\(failure?.invariant ?? "") \(failure?.what ?? "")")
        }
    }

    private static let models = [
        "gemini-2.5-flash-native-audio-preview-12-2025", "gemini-3.1-flash-live-preview",
        "gemini-3.8-live",
    ]

    @Test("a model whose first sound takes 5, 9 or 12 s is left alone", arguments: models)
    func slow(_ model: String) {
        for pace in [5, 9, 12] as [Int64] {
            for seed in 1...6 {
                let report = simulate(
                    seed: UInt64(seed), healthy: model, firstSound: .seconds(pace))
                guard let failure = report.failure else { continue }
                Issue.record("\(pace) s, seed \(seed): \(failure.invariant) \(failure.what)")
                return
            }
        }
    }

    @Test("canary: with a clock that is too short, a slow model is disturbed again and again")
    func impatience() {
        for seed in 1...40 {
            let report = simulate(
                seed: UInt64(seed), healthy: Self.models[1], firstSound: .seconds(9),
                probes: [.leftAlone]
            ) {
                $0.stalls.soft = .value(.milliseconds(600))
                $0.stalls.hard = .value(.milliseconds(1200))
            }
            if report.failure?.invariant == "I17" { return }
        }
        Issue.record("40 slow runs with a clock of 600 ms, and nobody was disturbed")
    }
}
