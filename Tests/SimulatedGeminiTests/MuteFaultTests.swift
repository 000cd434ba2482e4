import Basics
import SimulatedGemini
import Testing
import Wire

/// Faults after which nothing is said, and what cures them.
@Suite struct MuteFaultTests {
    private func isAnswered(_ play: Play, _ turn: Int) -> Bool {
        let heard = play.heard.turns.last { $0.stamp == "#\(turn)" }
        return heard?.outcome == .answered && heard?.replyBytes ?? 0 > 0
    }

    private func nudge(_ play: Play, wait: Interval = .seconds(6)) {
        if play.model.hasPrefix("gemini-2.5") {
            play.caller.say(#"{"clientContent":{"turnComplete":true}}"#)
        } else {
            play.caller.text(" ")
        }
        play.caller.wait(wait)
    }

    @Test(
        "a nudge in the family's own form revives the turn",
        arguments: [
            "end-ignored", "first-reply-never", "empty-turn", "output-freeze", "rejected",
        ], [Play.flash31, Play.native25, Play.live38])
    func nudged(_ fault: String, _ model: String) throws {
        let play = try Play([(fault, ["nudges: 1"])], model: model)
        play.turn(1)
        let heard = play.heard.turns[0]
        #expect(heard.outcome != .answered || heard.replyBytes == 0 || fault == "output-freeze")
        nudge(play)
        #expect(isAnswered(play, 1))
        #expect(play.heard.turns.count == 1)
        #expect(play.heard.turns[0].answers == 1)
        #expect(play.heard.nudges.map(\.isRude) == [false])
    }

    @Test("end-ignored says nothing at all, and with deaf hears nothing either")
    func endIgnored() throws {
        let play = try Play([("end-ignored", ["turns: 1", "deaf: true"])])
        play.turn(1, wait: .seconds(20))
        #expect(play.caller.story == ["setupComplete"])
        #expect(play.caller.isPaused)
        nudge(play)
        #expect(play.caller.story == ["setupComplete"])
        let setup = play.handles.first
        play.come(back: setup)
        play.turn(1)
        // The same words again are the second attempt, but `turns` meant the first of them.
        #expect(isAnswered(play, 1))
    }

    @Test("text-ignored strikes typed words and leaves spoken ones alone")
    func textIgnored() throws {
        let play = try Play([("text-ignored", ["attempts: 1"])])
        play.caller.text("Hello")
        play.caller.wait(.seconds(6))
        #expect(play.heard.turns[0].outcome == .unanswered)
        play.turn(1)
        #expect(isAnswered(play, 1))
        play.caller.text("Hello")
        play.caller.wait(.seconds(6))
        #expect(play.heard.turns[2].outcome == .answered)
    }

    @Test("text-only sends one to six tokens of text and no sound, for as many turns as it lasts")
    func textOnly() throws {
        let play = try Play([("text-only", ["total: 1", "lasts: 2"])], model: Play.native25)
        for turn in 1...3 { play.turn(turn) }
        #expect(play.heard.turns.map { $0.replyBytes > 0 } == [false, false, true])
        for turn in play.heard.turns.prefix(2) {
            #expect((1...6).contains(turn.usage?.responseText ?? 0))
            #expect(turn.usage?.responseAudio == 0)
        }
        let nudged = try Play([("text-only", ["total: 1", "lasts: 3"])], model: Play.native25)
        nudged.turn(1)
        nudge(nudged)
        #expect(isAnswered(nudged, 1))
        #expect(nudged.turn(2).heard.turns[1].replyBytes > 0)
    }

    @Test("rejected gives its reason, twice in a row")
    func rejected() throws {
        let play = try Play([("rejected", ["times: 2"])])
        for turn in 1...3 { play.turn(turn) }
        let reasons = play.caller.messages.compactMap {
            $0.content["turnCompleteReason"] as? String
        }
        #expect(reasons == ["RESPONSE_REJECTED", "RESPONSE_REJECTED"])
        #expect(isAnswered(play, 3))
    }

    @Test("in-progress-stuck never becomes idle")
    func inProgress() throws {
        let play = try Play(
            [("in-progress-stuck", ["attempts: 1", "nudges: 1"])], model: Play.thinking38)
        play.turn(1, wait: .seconds(60))
        #expect(play.caller.story.contains("IN_PROGRESS"))
        #expect(!play.caller.story.contains("IDLE"))
        nudge(play, wait: .seconds(10))
        #expect(play.caller.story.contains("IDLE"))
    }

    @Test("output-freeze stops half-way without an end")
    func outputFreeze() throws {
        let play = try Play([("output-freeze", ["times: 1"])])
        play.turn(1, wait: .seconds(60))
        #expect(play.heard.turns[0].replyBytes > 0)
        #expect(!play.caller.story.contains("generationComplete"))
        #expect(!play.caller.story.contains("turnComplete"))
    }

    @Test("late-answer answers a second time after a nudge, and only once without")
    func lateAnswer() throws {
        let patient = try Play([("late-answer", ["delay: 6s"])])
        patient.turn(1, wait: .seconds(15))
        #expect(patient.heard.turns[0].answers == 1)
        for model in [Play.flash31, Play.native25] {
            let nudged = try Play([("late-answer", ["delay: 6s"])], model: model)
            nudged.turn(1, wait: .seconds(3))
            nudge(nudged, wait: .seconds(12))
            #expect(nudged.heard.turns[0].answers == 2)
        }
    }

    @Test("late-again transcribes twice, the same words, and answers at last")
    func lateAgain() throws {
        let play = try Play([("late-again", ["delay: 50s"])])
        play.turn(1, wait: .seconds(70))
        let transcripts = play.caller.messages.compactMap {
            ($0.content["inputTranscription"] as? [String: Any])?["text"] as? String
        }
        #expect(transcripts == ["turn 1", "turn 1"])
        #expect(isAnswered(play, 1))
    }

    @Test(
        "a mute conversation is cured by a handle from before, and not by one from after",
        arguments: ["silent-freeze", "zero-output"])
    func muteForGood(_ fault: String) throws {
        let play = try Play([(fault, ["turns: 2", "total: 1"])])
        play.turn(1)
        let before = play.caller.handle
        for turn in 2...4 { play.turn(turn) }
        #expect(play.heard.turns.map { $0.replyBytes > 0 } == [true, false, false, false])
        nudge(play)
        #expect(play.heard.turns[3].replyBytes == 0)
        play.caller.hangUp()
        if let after = play.caller.handle, after != before {
            play.come(back: after)
            play.turn(5)
            #expect(!isAnswered(play, 5))
        }
        play.come(back: before)
        play.turn(6)
        #expect(isAnswered(play, 6))
        #expect(play.heard.resumes.last?.remembers == [1])
    }

    @Test("deep zero-output needs a fresh session")
    func deepWedge() throws {
        let play = try Play([("zero-output", ["turns: 2", "total: 1", "deep: true"])])
        play.turn(1)
        let before = play.caller.handle
        play.turn(2)
        play.come(back: before)
        #expect(play.turn(2).heard.turns.last?.replyBytes == 0)
        play.come(back: nil)
        play.turn(2)
        #expect(isAnswered(play, 2))
    }

    @Test("phantom-interrupt comes after a complete turn; an earlier handle is free of it")
    func phantom() throws {
        let play = try Play(
            [("phantom-interrupt", ["turns: 1", "total: 1", "wedge: true"])], model: Play.native25)
        play.turn(1)
        let story = play.caller.story
        let complete = try #require(story.firstIndex(of: "turnComplete"))
        #expect(story[complete...].starts(with: ["turnComplete", "interrupted", "turnComplete"]))
        let before = play.handles.last
        play.turn(2)
        #expect(play.caller.story.last == "turnComplete")
        #expect(play.heard.turns[1].replyBytes == 0)
        #expect(play.heard.turns[1].usage?.response == 0)
        play.come(back: before)
        play.turn(2)
        #expect(isAnswered(play, 2))
        let harmless = try Play([("phantom-interrupt", ["turns: 1"])])
        harmless.turn(1)
        harmless.turn(2)
        #expect(isAnswered(harmless, 2))
    }

    @Test("refusal-loop answers everything with one sentence")
    func refusals() throws {
        let play = try Play([("refusal-loop", ["times: 1", "lasts: 2"])])
        for turn in 1...4 { play.turn(turn) }
        #expect(
            play.caller.replies.map { $0.contains("cannot help") } == [true, true, true, false])
    }

    @Test("wedge-after-interrupt is cured by a nudge, or by a resume")
    func afterInterrupt() throws {
        let play = try Play([("wedge-after-interrupt", ["times: 1"])]) { $0.replyRepeats = 400 }
        let before = play.handles.first
        play.turn(1, wait: .seconds(2))
        play.turn(2, wait: .seconds(10))
        #expect(play.caller.story.contains("interrupted"))
        #expect(!isAnswered(play, 2))
        nudge(play, wait: .seconds(30))
        #expect(isAnswered(play, 2))
        #expect(before == nil || play.come(back: before).close == nil)
    }

    @Test("interrupt-unfinished leaves turnComplete out")
    func unfinished() throws {
        let play = try Play([("interrupt-unfinished", [])]) { $0.replyRepeats = 400 }
        play.turn(1, wait: .seconds(2))
        play.caller.start()
        play.caller.audio(turn: 2)
        play.caller.wait(.seconds(4))
        #expect(play.caller.story.last == "interrupted")
    }

    @Test("silence-after-cancel does not answer after it has cancelled a call")
    func afterCancel() throws {
        let play = try Play(
            [("silence-after-cancel", ["times: 1"])], model: Play.live38,
            fields: #""tools":[{"functionDeclarations":[{"name":"report","behavior":"BLOCKING"}]}]"#
        )
        play.caller.text("call report")
        play.caller.wait(.seconds(3))
        play.turn(1)
        #expect(play.caller.story.contains("toolCallCancellation"))
        #expect(!isAnswered(play, 1))
        nudge(play)
        #expect(isAnswered(play, 1))
    }

    @Test("when faults are over no model stays mute")
    func healing() throws {
        let play = try Play([("zero-output", ["deep: true"]), ("silent-freeze", [])]) {
            $0.faultsEnd = .seconds(20)
        }
        play.turn(1)
        #expect(!isAnswered(play, 1))
        play.caller.wait(.seconds(20))
        play.turn(2)
        #expect(isAnswered(play, 2))
    }
}
