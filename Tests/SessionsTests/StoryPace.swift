import Basics
import Policies
import Sessions

/// What a process learns about the model of a story that says `learns`.
struct StoryPace {
    private var health = ModelHealth()
    private var times = ResponseTimes()
    private var told: LearnedClocks?

    mutating func hear(_ fact: Fact, at now: Instant) {
        if let finding = health.hear(fact, at: now) { times.hear(finding) }
    }

    /// Changes since the last call, for the session.
    mutating func takeNews() -> LearnedClocks? {
        let profile = Profiles.builtIn.profile(for: health.model)
        let clocks = times.clocks(family: LearnedClocks(soft: profile.soft, hard: profile.hard))
        guard !health.model.isEmpty, clocks != told else { return nil }
        told = clocks
        return clocks
    }
}
