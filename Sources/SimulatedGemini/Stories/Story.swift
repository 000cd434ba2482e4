public import Basics

/// One report from the field: how the service misbehaves, and what the client does meanwhile.
/// Played directly against the service it ends as reported.
public struct Story: Sendable {
    public var scenario: Scenario
    /// The problem, in a sentence.
    public var title: String
    /// How the story ends without the proxy.
    public var symptom: String
    /// Without `models/`.
    public var model: String
    /// Who determines where turns begin and end: the client, or the service.
    public var isManual: Bool
    /// Additional policy, besides the service's address; YAML.
    public var policy = ""
    public var steps: [ClientStep]

    public var name: String { scenario.name }

    /// How many answers a client that follows the steps waits for.
    public var answersWanted: Int {
        steps.count {
            if case .awaitAnswer = $0 { true } else { false }
        }
    }

    /// The keys of the policy that the story changes, with their values, in a line; empty if it is told
    /// with the default policy.
    public var changedPolicy: String {
        policy.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// Names of all stories: the number of the report, and what happens.
    public static var names: [String] { makers.map(\.name) }

    /// The story with that name. `scale` multiplies its durations, but not speech.
    public static func named(_ name: String, scale: Double = 1) -> Story? {
        guard let maker = makers.first(where: { $0.name == name }) else { return nil }
        return maker.make(Pace(scale: scale, name: name))
    }

    /// The scale at which a story takes half a minute, by its name: two last minutes.
    public static func usualScale(of name: String) -> Double {
        switch name {
        case "003-ten-minutes": 0.05
        case "003-transcription-30s": 0.25
        default: 1
        }
    }

    static let makers: [(name: String, make: @Sendable (Pace) -> Story)] = [
        ("000-dead-track", deadTrack),
        ("000-end-ignored", endIgnored),
        ("001-noise-burst", noiseBurst),
        ("001-turn-two-dies", turnTwoDies),
        ("001-text-only", textOnly),
        ("002-alias-storm", aliasStorm),
        ("002-alias-down", aliasDown),
        ("003-ten-minutes", tenMinutes),
        ("003-transcription-30s", transcription),
        ("004-phantom-interrupt", phantomInterrupt),
    ]

    /// The durations of one performance.
    struct Pace {
        var scale: Double
        var name: String

        func seconds(_ count: Double) -> Interval {
            Interval(nanoseconds: Int64(count * scale * 1e9))
        }

        /// As in a scenario file or a policy, which may not accept less than that.
        func written(_ seconds: Double, least: Double = 0.001) -> String {
            "\(Int64(max(seconds * scale, least) * 1000))ms"
        }

        /// A scenario with these faults, each with its options.
        func scenario(_ faults: [(String, [FaultPlan.Option])]) -> Scenario {
            var scenario = Scenario(name: name)
            // Nobody listens, so ends need not be delayed until answers have been played.
            scenario.playback = 0.3
            scenario.faults = faults.compactMap { name, options in
                // A wrong option would remove the fault from the story; tests play each one.
                try? ScenarioReader.plan(name, options, scale: scale)
            }
            return scenario
        }
    }
}

/// One action of a client.
public enum ClientStep: Equatable, Sendable {
    /// A typed turn.
    case type(String)
    /// A whole spoken turn: this phrase of `Voice.user`, in real time, with its end, or followed by
    /// silence if the service finds the end.
    case speak(Int)
    /// The same, but the microphone's track dies with the last word: no frames, no silence, no end.
    case speakUntilTrackDies(Int)
    /// One turn of steady speech of that length.
    case dictate(Interval)
    /// An activity of nothing but noise.
    case noise(Interval)
    /// Waits for a completed answer with audio, no longer than this.
    case awaitAnswer(Interval)
    case pause(Interval)
}
