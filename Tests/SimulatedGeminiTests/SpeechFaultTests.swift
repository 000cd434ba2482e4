import Basics
import SimulatedGemini
import Testing
import Wire

/// Answers that are wrong, late, doubled or without sense.
@Suite struct SpeechFaultTests {
    private func one(
        _ fault: String, _ options: [FaultPlan.Option] = [], wait: Interval = .seconds(30)
    ) throws -> Play {
        let play = try Play([(fault, options)]) { $0.replyRepeats = 40 }
        play.turn(1, wait: wait)
        return play
    }

    @Test("slow-output leaves gaps in the middle of an answer")
    func slowOutput() throws {
        let play = try one("slow-output", ["gap: 3s"])
        let times = play.caller.messages.filter { !$0.audio.isEmpty }.map(\.at)
        let gaps = zip(times, times.dropFirst()).map { $1 - $0 }
        #expect(gaps.contains { $0 >= .seconds(1) })
        #expect(play.caller.outcomes == [.answered])
    }

    @Test("silent-audio has the right length and nothing in it")
    func silentAudio() throws {
        let play = try one("silent-audio")
        let sound = play.caller.messages.flatMap(\.audio)
        #expect(sound.count > 10_000)
        #expect(sound.allSatisfy { $0 == 0 })
    }

    @Test("truncated completes the turn before its words are complete")
    func truncated() throws {
        let play = try one("truncated")
        #expect(play.caller.outcomes == [.answered])
        #expect(!play.heard.turns[0].reply.hasSuffix("#1"))
        #expect(!play.caller.story.contains("interrupted"))
    }

    @Test("double-reply answers twice, late enough to tell")
    func doubleReply() throws {
        let play = try one("double-reply")
        #expect(play.heard.turns[0].answers == 2)
        #expect(play.caller.story.filter { $0 == "turnComplete" }.count == 2)
    }

    @Test(
        "unasked words come after a complete turn",
        arguments: ["unasked-reply", "repeats-unasked"])
    func unasked(_ fault: String) throws {
        let play = try one(fault)
        #expect(play.heard.turns.count == 1)
        #expect(play.caller.story.filter { $0 == "turnComplete" }.count == 2)
        play.turn(2, wait: .seconds(3))
        play.caller.start()
        play.caller.wait(.seconds(1))
        #expect(play.heard.violations.isEmpty)
    }

    @Test("unasked speech is interrupted by the user")
    func unaskedInterrupted() throws {
        let play = try Play([("unasked-reply", ["after: 1s", "times: 1"])])
        play.turn(1, wait: .seconds(2))
        while !play.caller.story.contains("turnComplete") { play.caller.wait(.milliseconds(100)) }
        play.caller.wait(.milliseconds(1010))
        play.turn(2)
        #expect(play.caller.outcomes == [.answered, .answered])
    }

    @Test("the spoken answer can be wrong in many ways")
    func words() throws {
        let cases = [
            ("repeats-phrase", "Goodbye, and thank you for calling. Goodbye"),
            ("speaks-code", "default_api"), ("wrong-language", "Hola"),
        ]
        for (fault, words) in cases {
            #expect(try one(fault).heard.turns[0].reply.contains(words))
        }
    }

    @Test("thought-leak sends text parts without a flag among the sounds")
    func thoughtLeak() throws {
        let play = try one("thought-leak")
        let parts = play.caller.messages.flatMap {
            ($0.content["modelTurn"] as? [String: Any])?["parts"] as? [[String: Any]] ?? []
        }
        #expect(parts.contains { $0["text"] != nil && $0["thought"] == nil })
    }

    @Test("drone drowns the answer in one tone")
    func drone() throws {
        let play = try one("drone", ["for: 14s"])
        let seconds = Double(play.caller.messages.flatMap(\.audio).count) / 48_000
        #expect(seconds > 14)
        #expect(play.caller.outcomes == [.answered])
    }

    @Test("latency-creep grows with the age of a connection")
    func creep() throws {
        let play = try Play([("latency-creep", ["per_minute: 3s"])])
        func latency(_ turn: Int) -> Interval {
            play.caller.speak(turn: turn)
            let start = play.caller.messages.count
            let ended = play.caller.now - Instant(nanoseconds: 0)
            play.caller.wait(.seconds(20))
            let first = play.caller.messages.dropFirst(start).first { !$0.audio.isEmpty }
            return (first?.at ?? .zero) - ended
        }
        let early = latency(1)
        play.caller.wait(.seconds(90))
        #expect(latency(2) > early + .seconds(4))
    }

    @Test("bare-usage has totals alone, or nothing")
    func bareUsage() throws {
        func receipts(_ options: [FaultPlan.Option]) throws -> [[String: Any]] {
            try one("bare-usage", options).caller.messages.compactMap {
                $0.json["usageMetadata"] as? [String: Any]
            }
        }
        let bare = try receipts([])
        #expect(bare.count == 1)
        #expect(bare[0]["totalTokenCount"] != nil)
        #expect(bare[0]["promptTokensDetails"] == nil)
        #expect(try receipts(["absent: true"]).isEmpty)
    }
}
