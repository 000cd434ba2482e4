import Basics
import SimulatedGemini
import Testing
import Wire

@Suite struct ToolFaultTests {
    /// Typed request for a tool, up to the call.
    private func called(
        _ faults: [(String, [FaultPlan.Option])], model: String = Play.flash31,
        wait: Interval = .seconds(3)
    ) throws -> Play {
        let play = try Play(faults, model: model, fields: Play.tool)
        if model == Play.native25 {
            play.caller.content("call report")
        } else {
            play.caller.text("call report")
        }
        play.caller.wait(wait)
        return play
    }

    private func answer(_ play: Play) {
        play.caller.answer(play.caller.callIDs.first ?? "", "report")
        play.caller.wait(.seconds(5))
    }

    @Test("tool-result-ignored continues only after a resume, tool-result-waits after a nudge")
    func results() throws {
        let ignored = try called([("tool-result-ignored", ["times: 1"])])
        answer(ignored)
        #expect(ignored.heard.turns[0].outcome == .unanswered)
        let waits = try called([("tool-result-waits", [])])
        answer(waits)
        #expect(waits.heard.turns[0].outcome == .unanswered)
        waits.caller.text(" ")
        waits.caller.wait(.seconds(5))
        #expect(waits.heard.turns[0].outcome == .answered)
        #expect(waits.heard.turns[0].reply.contains("The tool has answered"))
        #expect(waits.heard.calls.count == 1)
        let old = try called([("tool-result-ignored", ["nudges: 1"])], model: Play.native25)
        answer(old)
        old.caller.say(#"{"clientContent":{"turnComplete":true}}"#)
        old.caller.wait(.seconds(5))
        #expect(old.heard.turns[1].outcome == .answered)
    }

    @Test("input-during-call closes 1008 on families that otherwise accept it")
    func input() throws {
        let play = try called([("input-during-call", [])])
        play.caller.start()
        #expect(play.caller.close?.code == 1008)
        #expect(play.service.violations.isEmpty)
        let healthy = try called([])
        healthy.caller.start()
        #expect(healthy.caller.close == nil)
    }

    @Test("call-stall repeats itself with long silences, and calls in the end")
    func stall() throws {
        let play = try called(
            [("call-stall", ["gap: 7s", "repeats: 2"])], wait: .seconds(30))
        #expect(play.caller.callIDs.count == 1)
        let words = play.caller.messages.compactMap {
            ($0.content["outputTranscription"] as? [String: Any])?["text"] as? String
        }.joined()
        #expect(words.components(separatedBy: "Let me think about that.").count == 4)
        #expect(words.contains("(waiting)"))
        answer(play)
        #expect(play.caller.outcomes == [.answered])
    }

    @Test("call-twice delivers one id twice, as a call or among the parts")
    func twice() throws {
        let play = try called([("call-twice", [])])
        #expect(play.caller.callIDs.count == 2)
        #expect(Set(play.caller.callIDs).count == 1)
        answer(play)
        answer(play)
        #expect(play.service.violations.isEmpty)
        #expect(play.caller.outcomes == [.answered])
        let parts = try called([("call-twice", ["in_parts: true"])])
        #expect(parts.caller.callIDs.count == 1)
        let text = parts.caller.messages.map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(text.contains { $0.contains("functionCall\"") })
    }

    @Test("call-in-end puts the call and the end of the turn into one message")
    func inEnd() throws {
        for model in [Play.flash31, Play.native25] {
            let play = try called([("call-in-end", [])], model: model)
            let both = play.caller.messages.filter {
                $0.json["toolCall"] != nil && $0.content["turnComplete"] != nil
            }
            #expect(both.count == 1)
            answer(play)
            #expect(play.heard.turns.last?.outcome == .answered)
        }
    }

    @Test("call-not-made speaks instead; narrates-silent speaks of what should be silent")
    func speaking() throws {
        let play = try called([("call-not-made", [])])
        #expect(play.caller.callIDs.isEmpty)
        #expect(play.caller.story.contains("audio"))
        let fields =
            #""tools":[{"functionDeclarations":[{"name":"report","behavior":"NON_BLOCKING"}]}]"#
        for fault in [[], [("narrates-silent", [FaultPlan.Option]())]] {
            let tells = try Play(fault, model: Play.live38, fields: fields)
            tells.caller.text("call report")
            tells.caller.wait(.seconds(4))
            let id = try #require(tells.caller.callIDs.first)
            tells.caller.say(
                #"{"toolResponse":{"functionResponses":[{"id":"\#(id)","name":"report","scheduling":"SILENT","response":{"x":1}}]}}"#
            )
            tells.caller.wait(.seconds(4))
            #expect(tells.heard.turns[1].outcome == (fault.isEmpty ? .silent : .answered))
        }
    }
}

@Suite struct HearingFaultTests {
    private func quiet(_ play: Play, _ length: Interval) {
        for _ in 0..<length.milliseconds / 100 {
            play.caller.audio(turn: 0)
            play.caller.wait(.milliseconds(100))
        }
    }

    private func loud(_ play: Play, _ turn: Int, _ length: Interval = .milliseconds(400)) {
        for _ in 0..<length.milliseconds / 100 {
            play.caller.audio(turn: turn)
            play.caller.wait(.milliseconds(100))
        }
    }

    @Test("early-end makes two turns of one sentence, and may leave the second half unanswered")
    func earlyEnd() throws {
        let play = try Play(
            [("early-end", ["silence: 200ms", "stalls: true"])], isManual: false)
        loud(play, 1)
        quiet(play, .milliseconds(300))
        loud(play, 1)
        quiet(play, .seconds(4))
        #expect(play.heard.turns.map(\.outcome) == [.interrupted, .answered])
        #expect(play.heard.turns[1].replyBytes == 0)
        let late = try Play([("late-end", ["silence: 7s"])], isManual: false)
        loud(late, 1)
        quiet(late, .seconds(6))
        #expect(late.heard.turns.isEmpty)
        quiet(late, .seconds(2))
        #expect(late.heard.turns.count == 1)
    }

    @Test("stuck-detector hears nothing after a pause, unless the pause was announced")
    func stuckDetector() throws {
        for announces in [false, true] {
            let play = try Play([("stuck-detector", ["pause: 1500ms"])], isManual: false)
            loud(play, 1)
            quiet(play, .seconds(3))
            if announces { play.caller.say(#"{"realtimeInput":{"audioStreamEnd":true}}"#) }
            play.caller.wait(.seconds(3))
            loud(play, 2)
            quiet(play, .seconds(4))
            #expect(play.heard.turns.count == (announces ? 2 : 1))
        }
    }

    /// Two seconds that change their sign as hiss does.
    private var noise: [UInt8] {
        var random = SeededRandom(seed: 3)
        return (0..<16_000).flatMap { _ -> [UInt8] in
            let sample = Int16.random(in: -6000...6000, using: &random)
            let bits = UInt16(bitPattern: sample)
            return [UInt8(bits & 255), UInt8(bits >> 8)]
        }
    }

    private func makeNoise(_ play: Play) {
        play.caller.start()
        play.caller.sound(noise)
        play.caller.wait(.seconds(1))
        play.caller.end()
    }

    @Test("noise is not transcribed; a healthy model answers what was said before it")
    func noiseIsNothing() throws {
        let play = try Play([])
        play.turn(1, wait: .milliseconds(200))
        makeNoise(play)
        play.caller.wait(.seconds(5))
        #expect(play.heard.turns.map(\.outcome) == [.answered, .silent])
        #expect(play.heard.turns[0].reply.contains("#1"))
    }

    @Test("noise-wait waits through two hellos, and is cured by a nudge")
    func noiseWait() throws {
        let play = try Play([("noise-wait", [])])
        play.turn(1, wait: .milliseconds(200))
        makeNoise(play)
        for turn in 2...4 { play.turn(turn) }
        #expect(play.heard.turns.map { $0.replyBytes > 0 } == [false, false, false, false, true])
        let nudged = try Play([("noise-wait", [])])
        nudged.turn(1, wait: .milliseconds(200))
        makeNoise(nudged)
        nudged.caller.wait(.seconds(4))
        nudged.caller.text(" ")
        nudged.caller.wait(.seconds(4))
        #expect(nudged.heard.turns[0].outcome == .answered)
    }

    @Test("transcript-stops after its limit, until an activity ends and another begins")
    func transcript() throws {
        func dictate(_ faults: [(String, [FaultPlan.Option])], flush: Bool) throws -> Int {
            let play = try Play(faults, model: Play.native25) { $0.dictates = true }
            play.caller.start()
            for second in 1...40 {
                loud(play, 1, .seconds(1))
                guard flush, second % 15 == 0 else { continue }
                play.caller.end()
                play.caller.start()
            }
            play.caller.end()
            play.caller.wait(.seconds(4))
            return play.caller.messages.compactMap {
                ($0.content["inputTranscription"] as? [String: Any])?["text"] as? String
            }.count
        }
        #expect(try dictate([], flush: false) == 40)
        #expect(try dictate([("transcript-stops", ["after: 30s"])], flush: false) == 30)
        #expect(try dictate([("transcript-stops", ["after: 30s"])], flush: true) == 40)
    }
}
