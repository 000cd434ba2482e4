public import Basics

/// What one report from the field tells: how the service misbehaves, and what the client does
/// meanwhile. Played against the service alone it ends as the report says.
public struct Story: Sendable {
    public var scenario: Scenario
    /// What the report complains of, in a sentence.
    public var title: String
    /// How the story ends without anybody's help.
    public var symptom: String
    /// Without `models/`.
    public var model: String
    /// Who finds out where turns begin and end: the client, or the service.
    public var isManual: Bool
    /// What a policy has to say about it, beside where the service is; YAML.
    public var policy = ""
    public var steps: [ClientStep]

    public var name: String { scenario.name }

    /// How many answers a client that follows the steps waits for.
    public var answersWanted: Int {
        steps.count {
            if case .awaitAnswer = $0 { true } else { false }
        }
    }

    /// Names of all stories: the number of the report, and what happens in it.
    public static var names: [String] { makers.map(\.name) }

    /// The story of that name. `scale` shortens its lengths of time: at 0.05 ten minutes take
    /// thirty seconds. Speech is not scaled.
    public static func named(_ name: String, scale: Double = 1) -> Story? {
        guard let maker = makers.first(where: { $0.name == name }) else { return nil }
        return maker.make(Pace(scale: scale, name: name))
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

    /// The lengths of time of one telling.
    struct Pace {
        var scale: Double
        var name: String

        func seconds(_ count: Double) -> Interval {
            Interval(nanoseconds: Int64(count * scale * 1e9))
        }

        /// As a scenario file or a policy would write it.
        func written(_ seconds: Double) -> String {
            "\(max(Int64(seconds * scale * 1000), 1))ms"
        }

        /// A scenario with these faults, each with its options.
        func scenario(_ faults: [(String, [FaultPlan.Option])]) -> Scenario {
            var scenario = Scenario(name: name)
            // Nobody listens along, so ends need not be waited for as long as answers play.
            scenario.playback = 0.3
            scenario.faults = faults.compactMap { name, options in
                // A story with a wrong option would be one without its fault; tests play each.
                try? ScenarioReader.plan(name, options, scale: scale)
            }
            return scenario
        }
    }
}

/// One thing a client does.
public enum ClientStep: Equatable, Sendable {
    /// A typed turn.
    case type(String)
    /// A whole spoken turn: phrase number so-and-so of `Voice.user`, as long as it takes, with its
    /// end, or with silence after it where the service finds the end.
    case speak(Int)
    /// The same, but the microphone's track dies with the last word: no frame, no silence, no end.
    case speakUntilTrackDies(Int)
    /// One turn of steady speech of that length.
    case dictate(Interval)
    /// An activity of nothing but noise.
    case noise(Interval)
    /// Waits for an answer that can be heard and comes to its end, no longer than that.
    case awaitAnswer(Interval)
    case pause(Interval)
}
