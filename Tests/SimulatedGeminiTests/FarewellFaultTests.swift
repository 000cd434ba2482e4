import Basics
import SimulatedGemini
import Testing
import Wire

/// Faults of the way in and of the way out.
@Suite struct FarewellFaultTests {
    @Test("refuse-upgrade answers with the requested status, as often as requested")
    func refuseUpgrade() throws {
        let service = SimulatedService(
            seed: 1,
            scenario: try Scenario(
                name: "t", faults: [("refuse-upgrade", ["status: 503", "total: 2"])]))
        #expect(Caller(service).refusal == 503)
        #expect(Caller(service).refusal == 503)
        #expect(Caller(service).isAccepted)
    }

    @Test("slow-setup can be told never to answer, or only because of a field")
    func neverSetUp() throws {
        let never = try Play([("slow-setup", ["never: true", "total: 1"])])
        never.caller.wait(.seconds(60))
        #expect(never.caller.messages.isEmpty)
        #expect(never.come(back: nil).story.first == "setupComplete")
        let field = try Play(
            [("field-kills-setup", [])],
            fields: #""contextWindowCompression":{"triggerTokens":"25000"}"#)
        #expect(field.caller.messages.isEmpty)
        let other = try Play([("field-kills-setup", [])])
        #expect(other.caller.story == ["setupComplete"])
    }

    @Test("retired-model closes 1008, only for the models it names")
    func retiredModel() throws {
        let options: [FaultPlan.Option] = ["models: gemini-2.5-flash-native-audio-preview-12"]
        let gone = try Play([("retired-model", options)], model: Play.native25)
        #expect(gone.caller.close?.code == 1008)
        #expect(gone.caller.close?.reason.hasPrefix("models/gemini-2.5-flash-native") ?? false)
        #expect(try Play([("retired-model", options)]).caller.close == nil)
    }

    @Test("lingering-session refuses an early resume and accepts a later one")
    func lingeringSession() throws {
        let play = try Play([("lingering-session", ["for: 2s"])])
        play.turn(1)
        let handle = play.caller.handle
        #expect(play.come(back: handle).close == Close(1011, "Internal error encountered."))
        #expect(play.come(back: handle, after: .seconds(2)).close == nil)
        #expect(play.turn(2).outcomes == [.answered, .answered])
    }

    @Test("quota speaks of quotas under the code of an internal error")
    func quota() throws {
        let turn = try Play([("quota", ["turns: 1", "total: 1"])]).turn(1)
        #expect(turn.close?.code == 1011)
        let words = turn.close?.reason.lowercased() ?? ""
        #expect(words.contains("quota") || words.contains("exhausted"))
        let setup = try Play([("quota", ["at_setup: true"])]).caller
        #expect(setup.close?.code == 1011)
        #expect(setup.messages.isEmpty)
    }

    @Test("internal-error strikes an input's first attempt, also in a new session")
    func firstAttempts() throws {
        let play = try Play([("internal-error", ["attempts: 1"])])
        play.turn(1)
        #expect(play.caller.close == Close(1011, "Internal error encountered."))
        #expect(play.caller.messages.allSatisfy { $0.audio.isEmpty })
        play.come(back: nil)
        play.turn(1)
        #expect(service(play).map(\.heard.turns.count) == [1, 1])
        #expect(play.caller.heard.turns[0].attempt == 1)
        #expect(play.caller.outcomes == [.answered])
    }

    private func service(_ play: Play) -> [Conversation] { play.service.conversations }

    @Test("internal-error of one alias leaves its sibling alone")
    func alias() throws {
        let options: [FaultPlan.Option] = ["models: gemini-2.5-flash-native-audio-preview-12"]
        #expect(
            try Play([("internal-error", options)], model: Play.native25).turn(1).close != nil)
        let sibling = "gemini-2.5-flash-native-audio-preview-09-2025"
        #expect(try Play([("internal-error", options)], model: sibling).turn(1).close == nil)
    }

    @Test("cut-reply closes after part of the answer, with a code or with none")
    func cutReply() throws {
        let cut = try Play([("cut-reply", ["turns: 1"])]).turn(1)
        #expect(cut.close?.code == 1011)
        #expect(cut.heard.turns[0].replyBytes > 0)
        #expect(!cut.story.contains("turnComplete"))
        let broken = try Play([("cut-reply", ["code: 1006", "part: 0"])]).turn(1)
        #expect(broken.close == nil)
        #expect(broken.wasAborted)
    }

    @Test("after-tool-close and call-close end the connection around a tool's work")
    func toolCloses() throws {
        let after = try Play([("after-tool-close", ["code: 1008"])], fields: Play.tool)
        after.caller.text("call report")
        after.caller.wait(.seconds(3))
        let id = try #require(after.caller.callIDs.first)
        after.caller.answer(id, "report")
        after.caller.wait(.seconds(1))
        #expect(after.caller.close?.code == 1008)
        let during = try Play([("call-close", ["after: 2s"])], fields: Play.tool)
        during.caller.text("call report")
        during.caller.wait(.seconds(5))
        #expect(during.caller.callIDs.count == 1)
        #expect(during.caller.close?.code == 1008)
    }

    @Test("go-away ends with the chosen code, or in silence")
    func goAways() throws {
        let options: [FaultPlan.Option] = ["after: 5s", "time_left: 3s", "code: 1011"]
        let hard = try Play([("go-away", options)])
        hard.caller.wait(.seconds(10))
        #expect(hard.caller.close?.code == 1011)
        #expect(hard.caller.story.contains("goAway"))
        let mute = try Play([("go-away-silence", ["after: 5s", "time_left: 3s"])])
        mute.caller.wait(.seconds(5))
        mute.turn(1, wait: .seconds(60))
        #expect(mute.caller.story == ["setupComplete", "goAway"])
        #expect(mute.caller.close == nil)
        #expect(!mute.caller.isPaused)
    }

    @Test("clean-close, age-limit, vanish and idle-reap end connections by the clock")
    func clocks() throws {
        let clean = try Play([("clean-close", ["after: 4s"])])
        clean.caller.wait(.seconds(5))
        #expect(clean.caller.close == Close(1000))
        let old = try Play([("age-limit", ["after: 4s"])])
        old.caller.wait(.seconds(5))
        #expect(old.caller.close == Close(1008, "The operation was aborted."))
        let gone = try Play([("vanish", ["after: 4s"])])
        gone.caller.wait(.seconds(5))
        #expect(gone.caller.wasAborted)
        let idle = try Play([("idle-reap", ["after: 6s"])])
        idle.turn(1, wait: .seconds(4))
        #expect(!idle.caller.wasAborted)
        idle.turn(2, wait: .seconds(7))
        #expect(idle.caller.wasAborted)
    }

    @Test("context-limit closes when the prompt has grown too long")
    func contextLimit() throws {
        let play = try Play([("context-limit", ["tokens: 8"])])
        for turn in 1...6 where play.caller.close == nil { play.turn(turn) }
        #expect(play.caller.close?.code == 1007)
        #expect(play.caller.outcomes.first == .answered)
    }

    @Test("a mute socket takes nothing and says nothing, until faults are over")
    func muteSocket() throws {
        let play = try Play([("mute-socket", ["after: 5s"])]) { $0.faultsEnd = .seconds(60) }
        play.turn(1, wait: .seconds(5))
        let told = play.caller.messages.count
        play.turn(2, wait: .seconds(30))
        #expect(play.caller.messages.count == told)
        #expect(play.caller.isPaused)
        play.caller.wait(.seconds(30))
        #expect(!play.caller.isPaused)
        #expect(play.caller.outcomes == [.answered, .answered])
    }

    @Test("pong-lag takes nothing for a while and goes on speaking")
    func pongLag() throws {
        let play = try Play([("pong-lag", ["after: 1s", "lag: 9s"])])
        play.turn(1, wait: .zero)
        play.caller.wait(.seconds(4))
        #expect(play.caller.isPaused)
        play.caller.wait(.seconds(8))
        #expect(!play.caller.isPaused)
        #expect(play.caller.outcomes == [.answered])
    }

    @Test("deaf-turn goes dead inside an activity without input, and only there")
    func deafTurn() throws {
        let play = try Play([("deaf-turn", ["after: 3s"])])
        play.turn(1)
        #expect(!play.caller.isPaused)
        play.caller.start()
        play.caller.audio(turn: 2)
        play.caller.wait(.seconds(4))
        #expect(play.caller.isPaused)
        play.caller.end()
        play.caller.wait(.seconds(20))
        #expect(play.caller.outcomes == [.answered])
    }

    @Test("text-frames sends TEXT")
    func textFrames() throws {
        #expect(try Play([("text-frames", [])]).turn(1).opcodes == [1])
    }
}

extension Caller {
    func answer(_ id: String, _ name: String, _ response: String = #"{"output":"x"}"#) {
        say(
            #"{"toolResponse":{"functionResponses":[{"id":"\#(id)","name":"\#(name)","response":\#(response)}]}}"#
        )
    }
}
