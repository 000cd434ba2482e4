import Basics
import Foundation
import SimulatedGemini
import Testing
import Wire

@Suite struct StoryTests {
    @Test("every story has all the faults it names, at any pace")
    func complete() throws {
        #expect(Story.names.count == 10)
        for name in Story.names {
            for scale in [1, 0.05] {
                let story = try #require(Story.named(name, scale: scale))
                #expect(story.scenario.faults.count == 1, "\(name)")
                #expect(story.name == name)
                #expect(story.answersWanted > 0)
            }
            #expect(Scenario.named(name)?.name == name)
            #expect(Scenario.builtInNames.contains(name))
        }
    }

    @Test("the manual lists every fault and every story")
    func documented() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/SIMULATOR.md")
        let manual = try String(contentsOf: file, encoding: .utf8)
        for fault in Scenario.faultCatalogue {
            #expect(manual.contains("| `\(fault.name)` | \(fault.summary) |"))
        }
        for name in Story.names {
            let story = try #require(Story.named(name))
            #expect(manual.contains("| `\(name)` | \(story.title) | \(story.symptom) |"))
        }
    }

    @Test("only what a story is about changes its policy")
    func policies() throws {
        for name in Story.names {
            let story = try #require(Story.named(name))
            switch name {
            case "002-alias-down": #expect(story.changedPolicy.hasPrefix("models: { fallback: {"))
            case "003-transcription-30s":
                #expect(story.changedPolicy == "turns: { flush: 15000ms }")
            default: #expect(story.changedPolicy.isEmpty, "\(name)")
            }
        }
    }

    @Test("the scale shortens a story's clocks")
    func scale() throws {
        let story = try #require(Story.named("003-ten-minutes", scale: 0.02))
        let caller = Caller(SimulatedService(seed: 1, scenario: story.scenario))
        caller.setUp(story.model, Caller.manual)
        caller.wait(.seconds(11))
        #expect(caller.story.contains("goAway"))
        #expect(caller.close == nil)
        caller.wait(.seconds(1))
        #expect(caller.close?.code == 1011)
        #expect(caller.close?.reason.hasPrefix("Thread was cancelled when writing") ?? false)
    }

    @Test("an alias storm takes most first attempts and no second one")
    func storm() throws {
        let story = try #require(Story.named("002-alias-storm"))
        var deaths = 0
        for seed in 1...40 as ClosedRange<UInt64> {
            let service = SimulatedService(seed: seed, scenario: story.scenario)
            let caller = Caller(service)
            caller.setUp(story.model)
            caller.content("What is the resource limit?")
            caller.wait(.seconds(6))
            guard caller.close != nil else { continue }
            deaths += 1
            let again = Caller(service, at: caller.now)
            again.setUp(story.model)
            again.content("What is the resource limit?")
            again.wait(.seconds(6))
            #expect(again.outcomes == [.answered])
        }
        #expect((28...39).contains(deaths))
    }

    @Test("a stamp identifies the utterance, not the turn it became")
    func stamps() throws {
        let play = try Play([("internal-error", ["times: 1"])])
        let handle = play.handles.first
        play.turn(7)
        play.come(back: handle)
        play.turn(7)
        #expect(play.heard.turns.map(\.stamp) == ["#7", "#7"])
        #expect(play.heard.turns.last?.reply.hasSuffix(" #7") ?? false)
        play.caller.text("Hello")
        play.caller.wait(.seconds(5))
        let typed = play.heard.turns.last?.stamp ?? ""
        #expect(typed.count == 7)
        #expect(play.heard.turns.last?.reply.hasSuffix(typed) ?? false)
    }
}

@Suite struct RandomScenarioTests {
    private static let models = [Play.native25, Play.flash31, Play.live38, Play.thinking38]

    @Test("random mixtures cover every fault the families can have, and repeat from the seed")
    func coverage() throws {
        var seen: Set<String> = []
        for seed in 0..<600 as Range<UInt64> {
            var one = SeededRandom(seed: seed)
            var two = SeededRandom(seed: seed)
            let model = Self.models[Int(seed % 4)]
            let scenario = Scenario.drawn(using: &one, model: model, until: .seconds(20))
            let again = Scenario.drawn(using: &two, model: model, until: .seconds(20))
            #expect(scenario.faults.map(\.description) == again.faults.map(\.description))
            seen.formUnion(scenario.faults.map(\.name))
        }
        #expect(seen == Set(Scenario.faultCatalogue.map(\.name)))
    }

    @Test("random mixtures choose from the faults they are given")
    func chosen() throws {
        var random = SeededRandom(seed: 1)
        for _ in 0..<50 {
            let scenario = Scenario.drawn(
                using: &random, model: Play.flash31, faults: ["vanish", "text-only"],
                until: .seconds(20))
            #expect(Set(scenario.faults.map(\.name)).isSubset(of: ["vanish", "text-only"]))
            #expect(!scenario.faults.isEmpty)
        }
    }

    @Test("after faults have ended, a new or resumed conversation is healthy")
    func healing() throws {
        for seed in 0..<400 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let model = Self.models[Int(seed % 4)]
            let scenario = Scenario.drawn(using: &random, model: model, until: .seconds(20))
            let service = SimulatedService(seed: seed, scenario: scenario)
            let fields =
                Caller.manual
                + (model == Play.thinking38
                    ? #","generationConfig":{"thinkingConfig":{"thinkingLevel":"LOW"}}"# : "")
            let first = Caller(service)
            first.setUp(model, fields + #","sessionResumption":{}"#)
            first.wait(.seconds(1))
            for turn in 1...2 where first.close == nil {
                first.speak(turn: turn)
                first.wait(.seconds(6))
            }
            first.hangUp()
            for handle in [first.handle, nil] {
                let second = Caller(service, at: Instant(nanoseconds: 40_000_000_000))
                let resumption = handle.map { #"{"handle":"\#($0)"}"# } ?? "{}"
                second.setUp(model, fields + #","sessionResumption":\#(resumption)"#)
                second.wait(.seconds(1))
                second.speak(turn: 5)
                second.wait(.seconds(12))
                let turn = second.heard.turns.last
                #expect(
                    turn?.outcome == .answered && turn?.replyBytes ?? 0 > 0,
                    "seed \(seed), \(model): \(scenario.faults)")
                second.hangUp()
            }
        }
    }
}

@Suite struct AnyClientTests {
    /// Clients that do anything in any order, come back with any handle, and faults of any kind:
    /// the service never traps, and always comes to rest.
    @Test("random clients and random faults never bring the service down")
    func anything() throws {
        for seed in 0..<300 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let models = [Play.native25, Play.flash31, Play.live38, Play.thinking38]
            let model = models[Int(seed % 4)]
            var scenario = Scenario.drawn(using: &random, model: model, until: .seconds(40))
            scenario.isStrict = random.chance(0.5)
            scenario.dictates = random.chance(0.2)
            let service = SimulatedService(seed: seed, scenario: scenario)
            var handles: [String] = []
            var now = Instant(nanoseconds: 0)
            for _ in 0..<4 {
                let caller = Caller(service, at: now)
                act(caller, model, handles.randomElement(using: &random), &random)
                caller.wait(.seconds(1))
                handles += service.conversations.flatMap(\.heard.handles).map(\.handle).suffix(2)
                if random.chance(0.5) { caller.hangUp(.abnormal) }
                now = caller.now
            }
            #expect(service.conversations.allSatisfy { $0.heard.turns.count < 200 })
        }
    }

    private func act(
        _ caller: Caller, _ model: String, _ handle: String?, _ random: inout SeededRandom
    ) {
        let resumption = handle.map { #"{"handle":"\#($0)"}"# } ?? "{}"
        let thinking =
            model == Play.thinking38
            ? #","generationConfig":{"thinkingConfig":{"thinkingLevel":"LOW"}}"# : ""
        let manual = random.chance(0.7) ? "," + Caller.manual : ""
        caller.setUp(
            model, #""sessionResumption":\#(resumption),\#(Play.tool)\#(manual)\#(thinking)"#)
        for _ in 0..<12 where caller.close == nil && !caller.wasAborted {
            switch Int.random(in: 0..<10, using: &random) {
            case 0: caller.start()
            case 1: caller.end()
            case 2, 3: caller.audio(turn: Int.random(in: 0...4, using: &random))
            case 4: caller.text(random.chance(0.5) ? " " : "call report")
            case 5: caller.content("call report", complete: random.chance(0.7))
            case 6: caller.say(#"{"clientContent":{"turnComplete":true}}"#)
            case 7: caller.answer(caller.callIDs.last ?? "x", "report")
            case 8: caller.speak(turn: Int.random(in: 1...4, using: &random))
            default: caller.say(#"{"realtimeInput":{"audioStreamEnd":true}}"#)
            }
            caller.wait(.milliseconds(Int64.random(in: 0...2500, using: &random)))
        }
    }
}
