import Basics
import CLinux
import Fixtures
import Manual
import SimulatedGemini
import Speech
import Synchronization
import Transport

extension Commands {
    /// Plays the story of a report twice at once: directly against the simulated service, and
    /// through the proxy. Returns 0 if the proxy's half succeeded.
    static func play(_ name: String, _ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        let scale =
            arguments["scale"] == nil
            ? Story.usualScale(of: name) : try ScenarioChoice.scale(arguments)
        guard let story = Story.named(name, scale: scale) else { return 2 }
        do {
            return try StoryDemonstration(story, scale: scale).run() ? 0 : 1
        } catch {
            Output.error("turnkeeper: \(error)")
            return 1
        }
    }
}

/// One story, two columns.
struct StoryDemonstration {
    private static let width = 58

    private let story: Story
    private let scale: Double
    private let voice: Voice
    /// Each half has its own service and its own random faults.
    private let without: ProxyFixture
    private let with: ProxyFixture
    private let start = tk_now()

    init(_ story: Story, scale: Double) throws {
        self.story = story
        self.scale = scale
        voice = Voice.recorded ?? .tones
        without = try ProxyFixture(scenario: story.scenario, voice: voice)
        with = try ProxyFixture(scenario: story.scenario, voice: voice, policy: story.policy)
    }

    /// Whether the conversation succeeded through the proxy.
    func run() throws -> Bool {
        defer {
            without.stop()
            with.stop()
        }
        Output.result("\(story.name): \(story.title)")
        let pace = scale == 1 ? "" : ", its clocks at \(scale) of their length"
        Output.result("\(story.model), \(story.isManual ? "manual" : "automatic") turns\(pace)")
        let changed = story.changedPolicy
        Output.result(
            (changed.isEmpty ? "the default policy" : "the default policy, but for: \(changed)")
                + "\n")
        Output.result(Self.row("", "without the proxy", "with the proxy"))
        Output.result(String(repeating: "-", count: 9 + 2 * Self.width))
        let alone = Half()
        let ended = Half()
        if let client = try without.directClient() { try begin(alone, client, isLeft: true) }
        try begin(ended, try with.client(), isLeft: false)
        // Longer than any wait in a story.
        let limit = Interval.seconds(600)
        let left = Polling.wait(limit) { alone.outcome }
        let right = Polling.wait(limit) { ended.outcome }
        Output.result("")
        Output.result(Self.row("", Self.sum(left), Self.sum(right)))
        return right?.isGood ?? false
    }

    /// Holds the outcome of one half.
    private final class Half: Sendable {
        private let content = Mutex<StoryPlayer.Outcome?>(nil)
        var outcome: StoryPlayer.Outcome? { content.withLock { $0 } }
        func end(_ outcome: StoryPlayer.Outcome) { content.withLock { $0 = outcome } }
    }

    private func begin(_ half: Half, _ client: LiveClient, isLeft: Bool) throws {
        let (story, voice, start) = (story, voice, start)
        try startThread(isLeft ? "without" : "with") {
            var player = StoryPlayer(story, client: client, voice: voice) { line in
                Self.put(line, after: tk_now() - start, isLeft: isLeft)
            }
            half.end(player.play())
        }
    }

    private static func sum(_ outcome: StoryPlayer.Outcome?) -> String {
        guard let outcome else { return "did not end" }
        var words = "answered: \(outcome.answered) of \(outcome.wanted)"
        if outcome.dictated > 0 {
            words += "; transcribed: \(outcome.transcribed) of \(outcome.dictated) s"
        }
        if case .closed(let code, _) = outcome.ending { words += "; closed \(code)" }
        return words + (outcome.isGood ? ". It went on." : ". It FAILED.")
    }

    private static func put(_ line: String, after nanoseconds: Int64, isLeft: Bool) {
        let milliseconds = nanoseconds / 1_000_000
        var time = "\(milliseconds / 1000).\(String(milliseconds % 1000 + 1000).dropFirst())"
        var rest = Substring(line)
        while !rest.isEmpty {
            let piece = String(rest.prefix(width - 2))
            Output.result(isLeft ? row(time, piece, "") : row(time, "", piece))
            rest = rest.dropFirst(width - 2)
            time = ""
        }
    }

    private static func row(_ time: String, _ left: String, _ right: String) -> String {
        var line = TimelinePrinter.pad(time, 7) + "  " + left
        if !right.isEmpty {
            line += String(repeating: " ", count: max(1, width - left.count)) + right
        }
        return line
    }
}
