import Basics
import SimulatedGemini
import Testing
import Wire

/// Faults of handles, and of what a resumed conversation still knows.
@Suite struct HandleFaultTests {
    private func updates(_ play: Play) -> [[String: Any]] {
        play.caller.messages.compactMap { $0.json["sessionResumptionUpdate"] as? [String: Any] }
    }

    @Test("empty-update and no-handle leave a client without one")
    func noHandles() throws {
        let empty = try Play([("empty-update", [])])
        empty.turn(1)
        #expect(!updates(empty).isEmpty)
        #expect(updates(empty).allSatisfy { $0["newHandle"] == nil })
        let none = try Play([("no-handle", [])])
        none.turn(1)
        #expect(none.caller.handle == nil)
    }

    @Test("a stale handle has forgotten the last turn")
    func stale() throws {
        let play = try Play([("stale-handle", [])])
        play.turn(1)
        play.turn(2)
        play.come(back: play.caller.handle)
        #expect(play.heard.resumes.last?.remembers == [1])
        #expect(play.heard.handles.last?.covers == [1])
    }

    @Test("a dead handle is refused each time, an earlier one is not")
    func dead() throws {
        let play = try Play([("dead-handle", ["turns: 2"])])
        play.turn(1)
        let good = play.caller.handle
        play.turn(2)
        let bad = play.caller.handle
        #expect(bad != good)
        for _ in 0..<2 {
            let code = play.come(back: bad).close?.code
            #expect([1007, 1008, 1011].contains(code))
        }
        #expect(play.come(back: good).close == nil)
        #expect(play.service.violations.isEmpty)
    }

    @Test("a poisoned handle brings the trouble back, or a mute model")
    func poisoned() throws {
        let play = try Play([("poisoned-handle", ["turns: 1", "after: 2s"])])
        play.turn(1)
        let handle = play.caller.handle
        for _ in 0..<2 {
            play.come(back: handle)
            #expect(play.caller.close == nil)
            play.caller.wait(.seconds(3))
            #expect(play.caller.close?.code == 1011)
        }
        let mute = try Play([("poisoned-handle", ["turns: 1", "mute: true"])])
        mute.turn(1)
        mute.come(back: mute.caller.handle)
        mute.turn(2)
        #expect(mute.caller.story == ["setupComplete", "heard"])
    }

    @Test("a foreign handle is refused with 1007, and serves when faults are over")
    func foreign() throws {
        let play = try Play([("foreign-handle", ["turns: 1"])]) { $0.faultsEnd = .seconds(30) }
        play.turn(1)
        let handle = play.caller.handle
        #expect(play.come(back: handle).close?.code == 1007)
        #expect(play.come(back: handle, after: .seconds(30)).close == nil)
    }

    @Test("no handle is issued while a blocking call is open")
    func openCall() throws {
        let play = try Play([], model: Play.native25, fields: Play.tool)
        play.caller.content("call report")
        play.caller.wait(.seconds(3))
        #expect(play.caller.callIDs.count == 1)
        #expect(play.handles.count <= 1)
        play.caller.answer(play.caller.callIDs[0], "report")
        play.caller.wait(.seconds(4))
        #expect(play.heard.handles.last?.covers == [1, 2])
    }

    @Test("lost-call swallows the next input, unless an error answers the call first")
    func lostCall() throws {
        for answers in [false, true] {
            let play = try Play([("lost-call", [])], fields: Play.tool)
            play.caller.text("call report")
            play.caller.wait(.seconds(3))
            let id = try #require(play.caller.callIDs.first)
            let handle = play.caller.handle
            play.come(back: handle)
            if answers { play.caller.answer(id, "report", #"{"error":"lost"}"#) }
            play.turn(1)
            #expect(play.heard.turns[1].outcome == (answers ? .answered : .unanswered))
            #expect(!play.caller.story.contains("toolCallCancellation"))
            play.turn(2)
            #expect(play.heard.turns[2].outcome == .answered)
        }
    }

    @Test("call-again makes the lost call once more, under another id")
    func callAgain() throws {
        let play = try Play([("call-again", [])], fields: Play.tool)
        play.caller.text("call report")
        play.caller.wait(.seconds(3))
        let first = play.caller.callIDs
        play.come(back: play.caller.handle)
        play.caller.wait(.seconds(2))
        #expect(play.caller.callIDs.count == 1)
        #expect(play.caller.callIDs != first)
        #expect(play.heard.calls.map(\.turn) == [1, 1])
        play.caller.answer(play.caller.callIDs[0], "report")
        play.caller.wait(.seconds(4))
        #expect(play.caller.story.contains("audio"))
    }

    @Test("forgotten-resume restarts its counts, greets if told to, and its usage shows it")
    func forgotten() throws {
        let play = try Play([("forgotten-resume", ["greets: true"])])
        for turn in 1...3 { play.turn(turn) }
        let before = play.heard.turns[2].usage?.promptAudio ?? 0
        play.come(back: play.caller.handle)
        #expect(play.heard.resumes.last?.remembers == [])
        play.turn(4)
        play.turn(5)
        #expect(play.heard.turns[3].reply.hasPrefix(" Hello!"))
        #expect(play.heard.turns[4].reply.hasPrefix(" This is answer number two"))
        #expect(play.heard.turns[3].usage?.promptAudio ?? 0 < before)
        #expect(play.heard.turns[4].context == [4, 5])
    }

    @Test("context-collapse shows in the audio tokens of the prompt, and the model greets again")
    func collapse() throws {
        let play = try Play([("context-collapse", ["turns: 4", "times: 1"])])
        for turn in 1...4 { play.turn(turn) }
        let tokens = play.heard.turns.map { $0.usage?.promptAudio ?? 0 }
        #expect(tokens[2] > tokens[1])
        #expect(tokens[3] * 10 < tokens[2] * 4)
        #expect(play.heard.turns[3].reply.hasPrefix(" Hello!"))
        #expect(play.heard.turns[3].context == [4])
    }

    @Test("a configured window shrinks the context legally")
    func window() throws {
        let play = try Play(
            [],
            fields:
                #""contextWindowCompression":{"triggerTokens":"9","slidingWindow":{"targetTokens":4}}"#
        )
        for turn in 1...4 { play.turn(turn) }
        let tokens = play.heard.turns.map { $0.usage?.promptAudio ?? 0 }
        #expect(zip(tokens, tokens.dropFirst()).contains { $1 < $0 })
        #expect(play.caller.outcomes == [.answered, .answered, .answered, .answered])
    }

    @Test("resume-repeats says the last answer once more")
    func repeats() throws {
        let play = try Play([("resume-repeats", [])])
        play.turn(1)
        play.come(back: play.caller.handle)
        play.caller.wait(.seconds(2))
        #expect(
            play.caller.story == ["setupComplete", "audio", "generationComplete", "turnComplete"])
    }

    @Test("given history is remembered in either form, and counts")
    func seeds() throws {
        let play = try Play([], model: Play.native25)
        play.caller.say(
            #"{"clientContent":{"turns":[{"role":"user","parts":[{"text":"one"}]},{"role":"model","parts":[{"text":"1"}]},{"role":"user","parts":[{"text":"two"}]}],"turnComplete":true}}"#
        )
        play.caller.wait(.seconds(5))
        #expect(play.heard.seeds.map(\.role) == ["user", "model"])
        #expect(play.heard.turns.map(\.text) == ["two"])
        #expect(play.heard.turns[0].reply.hasPrefix(" This is answer number two."))
        let three = try Play(
            [], fields: #""historyConfig":{"initialHistoryInClientContent":true}"#)
        three.caller.content("one")
        three.caller.wait(.seconds(5))
        #expect(three.heard.turns.isEmpty)
        three.caller.text(" ")
        three.caller.wait(.seconds(5))
        #expect(three.heard.turns.map(\.text) == ["one"])
        #expect(three.heard.turns[0].reply.hasPrefix(" This is answer number one."))
    }
}
