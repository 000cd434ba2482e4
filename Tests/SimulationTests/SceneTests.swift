import Foundation
import SimulatedGemini
import Simulation
import Testing

/// The same conversation over a healthy service and over a sick one: the client gets the same
/// turns, in the same order.
@Suite struct SceneTests {
    /// What the client gets while nothing is wrong, by scene.
    private static let healthy: [String: Performance] = {
        var found: [String: Performance] = [:]
        for model in Trial.modelNames {
            for isManual in [true, false] {
                for plot in Scene.Plot.allCases {
                    let scene = Scene(model: model, isManual: isManual, plot: plot)
                    found[scene.description] = scene.play()
                }
            }
        }
        return found
    }()

    @Test("over a healthy service every line is answered, and nothing is doctored")
    func health() {
        #expect(Self.healthy.count == 24)
        for (scene, played) in Self.healthy {
            #expect(played.failure == nil, "\(scene)")
            #expect(played.close == nil && played.setups == 1, "\(scene)")
            #expect(played.remedies.first == nil, "\(scene)")
            #expect(
                played.turns.count
                    == (scene.hasSuffix("talk") ? 6 : scene.hasSuffix("tool") ? 5 : 4))
            #expect(played.turns.allSatisfy { $0.isAudible })
            #expect(played.turns.count { $0.heard.contains("weather") } == 1)
            let calls = played.turns.flatMap(\.calls).count
            #expect(calls == (scene.hasSuffix("tool") ? 1 : 0))
        }
    }

    @Test(
        "over a sick service the client gets the same turns in the same order", arguments: Trial.all
    )
    func sickness(_ trial: Trial) throws {
        var recoveries: [Int64] = []
        var struck = 0
        var treated = 0
        let scenes = trial.scenes
        try #require(!scenes.isEmpty)
        for scene in scenes {
            let healthy = try #require(Self.healthy[scene.description])
            var sick = scene
            sick.scenario = try Scenario(name: trial.name, faults: trial.faults)
            trial.policy(&sick.policy, scene.model)
            let played = sick.play()
            let say = "\(trial.testDescription) in \(scene): \(played.turns)"
            #expect(Listener.Turn.sameOrSaidAnew(played.turns, healthy.turns), "\(say)")
            #expect(played.close == nil, "\(say) closed \(played.close?.code ?? 0)")
            #expect(played.setups == 1, "\(say)")
            #expect(played.failure == nil, "\(say): \(played.failure?.what ?? "")")
            if trial.faults.allSatisfy({ played.strikes[$0.name] ?? 0 > 0 }) { struck += 1 }
            let remedies = played.remedies
            if remedies.troubles + remedies.stalls > 0 { treated += 1 }
            recoveries += remedies.recoveries.map(\.milliseconds)
        }
        #expect(struck > 0, "\(trial.testDescription) never struck")
        Self.tell(trial, scenes: scenes.count, treated: treated, recoveries.sorted())
    }

    @Test("a model that has forgotten the conversation is detected, and told again")
    func forgotten() throws {
        let sicknesses =
            [
                [("context-collapse", ["turns: 4", "times: 1"])],
                [("context-collapse", ["turns: 4", "times: 1", "greets: false"])],
                [
                    ("forgotten-resume", ["greets: true", "times: 1"]),
                    ("internal-error", ["turns: 3", "total: 1"]),
                ],
            ] as [[(name: String, options: [FaultPlan.Option])]]
        for faults in sicknesses {
            // Extended thinking says something else before it greets.
            for model in Trial.modelNames.dropLast() {
                var scene = Scene(model: model, isManual: true, plot: .talk)
                scene.utterance = 45
                scene.isStamped = false
                let healthy = scene.play()
                scene.scenario = try Scenario(name: "forgets", faults: faults)
                let played = scene.play()
                #expect(healthy.remedies.first == nil)
                #expect(played.remedies.kinds == [.forgotten], "\(faults) \(model)")
                #expect(played.failure == nil && played.close == nil && played.setups == 1)
                // One turn may show that it forgot; no other does.
                let same = zip(played.turns, healthy.turns).count { $0 == $1 }
                #expect(same >= healthy.turns.count - 1, "\(played.turns)")
                #expect(played.turns.count == healthy.turns.count, "\(played.turns)")
            }
        }
    }

    /// A line of the table: from trouble seen to the model's next output.
    private static func tell(_ trial: Trial, scenes: Int, treated: Int, _ times: [Int64]) {
        var line = "\(trial.testDescription): \(scenes) conversations, \(treated) with trouble seen"
        if let first = times.first, let last = times.last {
            line += "; \(times.count) recoveries after \(first) to \(last) ms, "
            line += "half within \(times[times.count / 2]) ms"
        }
        print(line)
    }
}
