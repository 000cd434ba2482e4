import Basics
import Policies
import Sessions

/// What a proxy's process learns about its models' pace, as far as one session shows it.
struct LearnedPace {
    private var health = ModelHealth()
    private var times: [String: ResponseTimes] = [:]
    private var family = LearnedClocks(soft: .zero, hard: .zero)
    private var told: LearnedClocks?
    private var news: LearnedClocks?

    mutating func hear(_ fact: Fact, at now: Instant) {
        if let finding = health.hear(fact, at: now) {
            times[health.model, default: ResponseTimes()].hear(finding)
        }
        switch fact {
        case .setUp, .fellBack:
            told = nil
            let profile = Profiles.builtIn.profile(for: health.model)
            family = LearnedClocks(soft: profile.soft, hard: profile.hard)
            learn()
        case .turnStarted, .firstAudio, .firstText, .outputPaused, .toolCalled: learn()
        default: break
        }
    }

    private mutating func learn() {
        let known = times[health.model, default: ResponseTimes()].clocks(family: family)
        guard known != told else { return }
        told = known
        news = known
    }

    /// Changes since the last call, for the session.
    mutating func takeNews() -> LearnedClocks? {
        defer { news = nil }
        return news
    }
}
