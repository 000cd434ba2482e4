import Basics
import Policies
import Testing

@Suite("Profiles of model families")
struct ProfileTests {
    @Test(
        "a model finds its family in every spelling",
        arguments: [
            ("models/gemini-2.5-flash-native-audio-preview-12-2025", "gemini-2.5"),
            ("gemini-live-2.5-flash-native-audio", "gemini-2.5"),
            ("models/gemini-3.1-flash-live-preview", "gemini-3.1"),
            ("gemini-3.8-live", "gemini-3.8"),
            (
                "projects/p/locations/us-central1/publishers/google/models/gemini-3.8-live",
                "gemini-3.8"
            ),
            ("publishers/google/models/gemini-3.8-live-001", "gemini-3.8"),
            ("models/gemini-3.8-live-extended-thinking", "gemini-3.8-extended-thinking"),
            ("gemini-3.5-live-translate-preview", "gemini-3.5-live-translate"),
            ("gemini-3.5-transcribe-live", "gemini-3.5-transcribe-live"),
            ("models/gemini-9-live", "default"), ("", "default"), ("models/", "default"),
            ("gemini-3.8", "default"),
        ])
    func lookup(model: String, family: String) {
        #expect(Profiles.builtIn.profile(for: model).family == family)
    }

    @Test("the longest pattern wins, and a whole name over any pattern")
    func longestWins() throws {
        let set = try read([
            (
                "models.yaml",
                """
                families:
                  broad: { models: ["gemini-3.8-live-ext*"] }
                  exact: { models: [gemini-3.8-live] }
                """
            )
        ]).get()
        #expect(set.profiles.profile(for: "gemini-3.8-live").family == "exact")
        #expect(set.profiles.profile(for: "gemini-3.8-live-2").family == "gemini-3.8")
        #expect(set.profiles.profile(for: "gemini-3.8-live-extra").family == "broad")
    }

    @Test("a new family is like another, or like the default; a known one keeps the rest")
    func overlay() throws {
        let set = try read([
            (
                "models.yaml",
                """
                families:
                  default: { soft: 7s }
                  gemini-4.0:
                    like: gemini-3.8
                    models: ["gemini-4.0-live*"]
                    prices: { date: 2027-01-15, audio_in: 2 }
                  gemini-5.0: { models: ["gemini-5*"] }
                  gemini-3.1: { flush_harms: false }
                """
            )
        ]).get()
        let four = set.profiles.profile(for: "gemini-4.0-live")
        #expect(four.family == "gemini-4.0")
        #expect(four.pause == .silence)
        #expect(four.prices?.date == "2027-01-15")
        #expect(four.prices?.audioIn == 2)
        #expect(four.prices?.audioOut == 12)
        #expect(set.profiles.profile(for: "gemini-3.8-live").family == "gemini-3.8")
        #expect(set.profiles.profile(for: "gemini-5").soft == .seconds(7))
        let three = set.profiles.profile(for: "gemini-3.1-flash-live-preview")
        #expect(!three.flushHarms)
        #expect(three.rejectsClientContent)
        #expect(three.prices?.audioIn == 3)
    }

    @Test("families differ as the wire reference says")
    func differences() {
        func profile(_ model: String) -> Profile { Profiles.builtIn.profile(for: model) }
        let (two, three) = (profile("gemini-2.5-x"), profile("gemini-3.1-flash-live-preview"))
        let (eight, thinking) = (
            profile("gemini-3.8-live"), profile("gemini-3.8-live-extended-thinking")
        )
        #expect(two.nudge == .clientContent && three.nudge == .realtimeText)
        #expect(two.flush == .seconds(15) && !two.flushHarms && three.flushHarms)
        #expect(two.gatesInputDuringTools && !three.gatesInputDuringTools)
        #expect(two.pause == .audioStreamEnd && three.pause == .audioStreamEnd)
        #expect(eight.pause == .silence && thinking.pause == .silence)
        #expect(eight.removedSetupFields.contains("generationConfig.thinkingConfig"))
        #expect(!thinking.removedSetupFields.contains("generationConfig.thinkingConfig"))
        #expect(thinking.idle == .interactionStatus && eight.idle == .turnComplete)
        #expect(!profile("gemini-3.5-transcribe-live").resumes)
        #expect(profile("gemini-3.5-live-translate-preview").isContinuous)
        #expect(profile("gemini-unheard-of") == profile("*"))
    }

    @Test("the default family is an unmodified profile")
    func defaultFamily() {
        var expected = Profile()
        expected.models = ["*"]
        #expect(Profiles.builtIn.profile(for: "unheard-of") == expected)
    }

    @Test("allowed models match by pattern in every spelling")
    func allowed() throws {
        let models = try #require(
            try readDefault("models: { allow: [\"gemini-3.8-*\", exact] }")?.models)
        #expect(models.allows("models/gemini-3.8-live"))
        #expect(models.allows("exact"))
        #expect(!models.allows("exactly"))
        #expect(!models.allows("models/gemini-2.5-flash"))
        #expect(Policy().models.allows("projects/p/locations/l/publishers/google/models/gemini-x"))
    }
}
