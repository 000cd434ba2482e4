import Basics
import SimulatedGemini
import Testing
import Wire

/// Kinds of trouble met since the first faults, and unknown behaviour of the service.
@Suite struct MetSinceTests {
    private func called(
        _ faults: [(String, [FaultPlan.Option])], change: (inout Scenario) -> Void = { _ in }
    ) throws -> Play {
        let play = try Play(faults, fields: Play.tool, change: change)
        play.caller.text("call report")
        play.caller.wait(.seconds(3))
        return play
    }

    private func answer(_ play: Play, wait: Interval = .seconds(6)) {
        play.caller.answer(play.caller.callIDs.first ?? "", "report")
        play.caller.wait(wait)
    }

    private func text(_ play: Play, since start: Int = 0) -> String {
        play.caller.messages.dropFirst(start)
            .map { String(decoding: $0.bytes, as: UTF8.self) }.joined()
    }

    @Test("streamed-call is one call in three messages, complete with the last")
    func streamed() throws {
        let play = try called([("streamed-call", [])])
        #expect(play.caller.callIDs.count == 3)
        #expect(Set(play.caller.callIDs).count == 1)
        #expect(play.heard.calls.count == 1)
        #expect(text(play).contains("partialArgs"))
        answer(play)
        #expect(play.heard.turns[0].outcome == .answered)
        #expect(play.service.violations.isEmpty)
    }

    @Test("old-tail ends the old sentence after the result, and may say nothing more")
    func oldTail() throws {
        for isIgnored in [false, true] {
            let play = try called([("old-tail", isIgnored ? ["ignored: true", "nudges: 1"] : [])])
            let before = play.caller.messages.count
            answer(play)
            let since = text(play, since: before)
            #expect(since.contains("turnComplete"))
            #expect(since.contains("The tool has answered") == !isIgnored)
            #expect(play.heard.turns[0].outcome == (isIgnored ? .unanswered : .answered))
            guard isIgnored else { continue }
            play.caller.text(" ")
            play.caller.wait(.seconds(5))
            #expect(play.heard.turns[0].outcome == .answered)
        }
    }

    @Test("late-end-of-turn sends the end and the usage long after the audio")
    func lateEnd() throws {
        let play = try Play([("late-end-of-turn", ["delay: 12s"])])
        play.turn(1, wait: .seconds(20))
        let done = play.caller.messages.first { $0.content["generationComplete"] != nil }
        let end = play.caller.messages.first { $0.content["turnComplete"] != nil }
        let late = try #require(end)
        #expect(late.at - (done?.at ?? late.at) > .seconds(11))
        #expect(late.json["usageMetadata"] != nil)
        #expect(play.caller.outcomes == [.answered])
    }

    @Test("riders adds unknown fields at every level, and usage to a call")
    func riders() throws {
        let play = try called([("riders", [])])
        answer(play)
        let said = text(play)
        for field in ["futureOfCalls", "futureOfContent", "futureOfTurns"] {
            #expect(said.contains(field))
        }
        let call = play.caller.messages.first { $0.json["toolCall"] != nil }
        #expect(call?.json["usageMetadata"] != nil)
    }

    @Test("silent-audio with a peak is not silence, and nothing can be heard")
    func nearSilent() throws {
        let play = try Play([("silent-audio", ["peak: 60"])]) { $0.replyRepeats = 40 }
        play.turn(1, wait: .seconds(20))
        let sound = play.caller.messages.flatMap(\.audio)
        let samples = stride(from: 0, to: sound.count - 1, by: 2).map {
            Int16(bitPattern: UInt16(sound[$0]) | UInt16(sound[$0 + 1]) << 8)
        }
        #expect(samples.contains { $0 != 0 })
        #expect(samples.allSatisfy { $0.magnitude <= 60 })
    }

    @Test("a slow model takes its time; a nudge wakes, restarts, adds or is ignored")
    func nudges() throws {
        for nudge in Unknowns.Nudge.allCases {
            let play = try Play([]) {
                $0.firstSound = .seconds(9)
                $0.unknowns.nudge = nudge
            }
            let start = play.caller.now
            play.turn(1, wait: .seconds(4))
            play.caller.text(" ")
            play.caller.wait(.seconds(40))
            let sounds = play.caller.messages.filter { !$0.audio.isEmpty }.map(\.at)
            let first = (sounds.first ?? .zero) - (start - Instant(nanoseconds: 0))
            #expect(first > .seconds(nudge == .restarts ? 12 : 8), "\(nudge)")
            #expect(first < .seconds(nudge == .restarts ? 16 : 11), "\(nudge)")
            #expect(play.heard.turns[0].answers == (nudge == .adds ? 2 : 1), "\(nudge)")
        }
    }

    @Test("a cancelled call is followed by an interruption, or by nothing")
    func cancellation() throws {
        for interrupts in [true, false] {
            let play = try called([]) { $0.unknowns.cancellationInterrupts = interrupts }
            play.turn(1)
            #expect(play.caller.story.contains("toolCallCancellation"))
            #expect(play.caller.story.contains("interrupted") == interrupts)
            #expect(play.caller.outcomes.last == .answered)
        }
    }

    @Test("content after the seed closes 3.1, is ignored, or is taken")
    func content() throws {
        for answer in Unknowns.Content.allCases {
            let play = try Play([]) { $0.unknowns.lateContent = answer }
            play.caller.content("hello")
            play.caller.wait(.seconds(5))
            #expect((play.caller.close?.code == 1007) == (answer == .closes))
            #expect(play.heard.turns.count == (answer == .taken ? 1 : 0))
            #expect(play.caller.violations == [.contentNotAllowed])
        }
    }

    @Test("an obedient model continues where it was cut off; another begins something new")
    func goingOn() throws {
        for obeys in [true, false] {
            let play = try Play([("cut-reply", ["turns: 2", "total: 1"])], model: Play.live38) {
                $0.unknowns.obeysGoOn = obeys
                $0.replyRepeats = 20
            }
            play.turn(1, wait: .seconds(20))
            play.turn(2, wait: .seconds(20))
            let cut = play.heard.turns[1].replyBytes
            #expect(cut > 0 && play.caller.close != nil)
            play.come(back: play.handles.last)
            play.caller.text("Go on exactly where you stopped; repeat nothing.")
            play.caller.wait(.seconds(20))
            let whole = try #require(play.heard.turns.last)
            #expect(whole.outcome == .answered)
            #expect(whole.reply.hasSuffix("#2") == obeys)
        }
    }

    @Test("handles come in the middle of calls, which are forgotten, waited for or made again")
    func openCalls() throws {
        for answer in Unknowns.OpenCall.allCases {
            let play = try called([]) {
                $0.handleEvery = .milliseconds(500)
                $0.unknowns.openCall = answer
            }
            let call = try #require(play.caller.callIDs.first)
            let caller = play.come(back: play.handles.last)
            caller.wait(.seconds(2))
            #expect(caller.callIDs.isEmpty == (answer != .madeAgain), "\(answer)")
            #expect(!caller.callIDs.contains(call))
        }
    }

    @Test("audio at a different rate than before is recorded")
    func rates() throws {
        let play = try Play([])
        play.turn(1)
        play.caller.start()
        let data = "AAAAAAAAAAAAAAAA"
        play.caller.say(
            #"{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=24000","data":"\#(data)"}}}"#)
        #expect(play.caller.violations == [.otherRate])
        #expect(play.caller.close == nil)
    }

    @Test("a turn records the instruction under which it was heard")
    func brief() throws {
        let play = try Play([], model: Play.live38)
        play.turn(1)
        play.caller.say(
            #"{"contextUpdate":{"systemInstruction":{"parts":[{"text":"Be brief."}]}}}"#)
        play.turn(2)
        #expect(play.heard.turns.map(\.brief) == ["", "Be brief."])
    }
}
