import Policies
import SimulatedGemini
import Simulation
import Testing

/// A sick service that a client must not notice: what is wrong with it, and where it shows.
struct Trial: Sendable, CustomTestStringConvertible {
    var name: String
    var faults: [(name: String, options: [FaultPlan.Option])]
    /// Parts of the names of models it is played with; empty: all that can have the fault.
    var models: [String] = []
    var plots: [Scene.Plot] = [.talk, .tool]
    /// `nil`: both.
    var isManual: Bool?
    /// What the operator has set for it.
    var policy: @Sendable (inout Policy, String) -> Void = { _, _ in }

    init(
        _ name: String, _ options: FaultPlan.Option..., with: String? = nil,
        _ more: [FaultPlan.Option] = [], models: [String] = [],
        plots: [Scene.Plot] = [.talk, .tool],
        isManual: Bool? = nil,
        policy: @escaping @Sendable (inout Policy, String) -> Void = { _, _ in }
    ) {
        self.name = with.map { "\(name), \($0)" } ?? name
        faults = [(name, options)]
        if let with { faults.append((with, more)) }
        self.models = models
        self.plots = plots
        self.isManual = isManual
        self.policy = policy
    }

    var testDescription: String {
        faults.map { fault in
            let options = fault.options.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
            return options.isEmpty ? fault.name : "\(fault.name) { \(options) }"
        }.joined(separator: " + ")
    }

    static let modelNames = [
        "gemini-2.5-flash-native-audio-preview-12-2025", "gemini-3.1-flash-live-preview",
        "gemini-3.8-live", "gemini-3.8-live-extended-thinking",
    ]

    /// Every conversation it is played in.
    var scenes: [Scene] {
        var scenes: [Scene] = []
        for model in Trial.modelNames {
            let suiting = Scenario.faults(suiting: model)
            guard models.isEmpty || models.contains(where: { model.hasPrefix("gemini-\($0)") }),
                faults.allSatisfy({ suiting.contains($0.name) })
            else { continue }
            for isManual in [true, false] where self.isManual ?? isManual == isManual {
                for plot in plots where !isAmbiguous(model, plot) {
                    scenes.append(Scene(model: model, isManual: isManual, plot: plot))
                }
            }
        }
        return scenes
    }
}

extension Trial {
    /// 3.8 ends an utterance while its tool runs. Asked again it does so once more, with the result
    /// given already: a client that counts turns by open calls takes that for the answer's end, and
    /// no message tells it otherwise.
    private func isAmbiguous(_ model: String, _ plot: Scene.Plot) -> Bool {
        plot == .tool && model == "gemini-3.8-live"
            && faults.contains { $0.name == "cut-reply" || $0.name == "output-freeze" }
    }

    /// Families on which a turn without a word is an event; on 3.8 it is legal.
    private static let talkative = ["2.5", "3.1"]

    /// Everything `docs/FAILURES.md` calls recovered, where a simulated service can show it.
    static let all: [Trial] = doors + farewells + handles + mutes + tools

    private static let doors: [Trial] = [
        Trial("slow-setup", "total: 1"),
        Trial("slow-setup", "never: true", "total: 1"),
        Trial("quota", "turns: 2", "total: 1"),
        Trial("quota", "at_setup: true", "total: 1"),
        Trial(
            "retired-model", "models: gemini-2.5-flash-native-audio-preview-12-2025",
            models: ["2.5"]
        ) { policy, model in
            policy.models.fallback = [model: ["gemini-2.5-flash-native-audio-preview-09-2025"]]
        },
    ]

    private static let farewells: [Trial] = [
        Trial("internal-error", "attempts: 1"),
        Trial("internal-error", "probability: 0.85", "attempts: 1"),
        Trial("internal-error", "turns: 1", "total: 1"),
        Trial("cut-reply", "attempts: 1"),
        Trial("cut-reply", "turns: 3", "total: 1", "part: 0.9"),
        Trial("go-away", "after: 8s", "time_left: 10s", "times: 1"),
        Trial("go-away-silence", "after: 8s", "time_left: 10s", "times: 1"),
        Trial("clean-close", "after: 8s", "times: 1"),
        Trial("clean-close", "after: 3s", "times: 2", "code: 1011"),
        Trial("age-limit", "after: 12s"),
        Trial("idle-reap", "after: 1200ms", "times: 1"),
        Trial("context-limit", "tokens: 60", "total: 1"),
        Trial("vanish", "after: 8s", "times: 1"),
        Trial("freeze", "turns: 3", "total: 1"),
        Trial("mute-socket", "after: 8s", "deaf: true", "times: 1"),
    ]

    private static let handles: [Trial] = [
        Trial("empty-update", with: "internal-error", ["turns: 3", "total: 1"]),
        Trial("no-handle", with: "internal-error", ["turns: 3", "total: 1"]),
        Trial("stale-handle", with: "internal-error", ["turns: 3", "total: 1"]),
        Trial("dead-handle", with: "internal-error", ["turns: 3", "total: 1"]),
        Trial("poisoned-handle", "total: 3", with: "internal-error", ["turns: 3", "total: 1"]),
        Trial("foreign-handle", with: "internal-error", ["turns: 3", "total: 1"]),
        Trial("forgotten-resume", with: "internal-error", ["turns: 3", "total: 1"]),
        Trial("lingering-session", with: "internal-error", ["turns: 3", "total: 1"]),
        Trial("lost-call", with: "call-close", ["total: 1"], plots: [.tool]),
        Trial("call-again", with: "call-close", ["total: 1"], plots: [.tool]),
        Trial("context-collapse", "turns: 3", "times: 1", "greets: false"),
    ]

    private static let mutes: [Trial] = [
        Trial("end-ignored", "turns: 3", "total: 1", isManual: true),
        Trial("end-ignored", "turns: 3", "total: 1", "transcript: true"),
        Trial("first-reply-never", "total: 1"),
        Trial("text-ignored", "total: 1"),
        Trial("empty-turn", "turns: 3", "total: 1", models: talkative),
        Trial("text-only", "turns: 3", "total: 1", models: talkative),
        Trial("in-progress-stuck", "turns: 3", "total: 1"),
        Trial("output-freeze", "turns: 3", "total: 1"),
        Trial("late-answer", "turns: 3", "total: 1", plots: [.talk]),
        Trial("late-again", "turns: 3", "total: 1"),
        Trial("silent-freeze", "turns: 3", "total: 1"),
        Trial("silent-freeze", "turns: 3", "total: 1", "needs_nudges: 1"),
        Trial("zero-output", "turns: 3", "total: 1", models: talkative),
        Trial("zero-output", "turns: 3", "total: 1", "deep: true", models: talkative),
        Trial("phantom-interrupt", "turns: 1", "total: 1"),
        Trial("phantom-interrupt", "turns: 1", "total: 1", "wedge: true", models: talkative),
        Trial("wedge-after-interrupt", "total: 1", plots: [.bargeIn]),
        Trial("interrupt-unfinished", plots: [.bargeIn]),
    ]

    private static let tools: [Trial] = [
        Trial("after-tool-close", "total: 1", plots: [.tool]),
        Trial("after-tool-close", "total: 1", "code: 1008", plots: [.tool]),
        Trial("call-close", "total: 1", plots: [.tool]),
        Trial("call-close", "total: 1", "after: 3s", plots: [.tool]),
        Trial("tool-result-ignored", "total: 1", plots: [.tool]),
        Trial("tool-result-ignored", "total: 1", "nudges: 1", plots: [.tool]),
        Trial("tool-result-waits", plots: [.tool]),
        Trial("call-twice", plots: [.tool]),
    ]
}
