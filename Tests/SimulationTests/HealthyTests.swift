import Basics
import Policies
import Simulation
import Testing

/// Healthy sessions of every family: long thoughts, slow tools, turns a proactive model lets pass,
/// users who say "wait a moment". Nothing is done about any of them.
@Suite struct HealthyTests {
    @Test("nothing is done about a healthy session", arguments: healthyModels)
    func healthy(_ model: String) {
        var heard = 0
        for seed in 1...40 {
            let report = simulate(seed: UInt64(seed), healthy: model)
            if let failure = report.failure {
                Issue.record(
                    "seed \(seed): \(failure.invariant) \(failure.what)\n\(report.options)")
                return
            }
            heard += report.turnsHeard
        }
        #expect(heard >= 40)
    }

    @Test("canary: with a clock that is too short, healthy models are nudged")
    func impatience() {
        for seed in 1...100 {
            let report = simulate(
                seed: UInt64(seed), healthy: "gemini-3.1-flash-live-preview"
            ) { $0.stalls.soft = .value(.milliseconds(1200)) }
            if report.failure?.invariant == "False positive" { return }
        }
        Issue.record("100 healthy runs with a clock of 1.2 s, and nobody was nudged")
    }

    @Test("every family of profiles has its healthy sessions")
    func families() {
        let profiles = healthyModels.map { Profiles.builtIn.profile(for: $0) }
        let families = Set(profiles.map(\.family))
        #expect(families == Set(Profiles.builtIn.families.map(\.value.family)))
    }
}
