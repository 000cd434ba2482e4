import Basics
import SimulatedGemini
import Testing
import Wire

@Suite struct ConversationTests {
    private func manual(
        _ model: String = "gemini-3.1-flash-live-preview", seed: UInt64 = 1, _ more: String = ""
    ) -> Caller {
        let caller = Caller(SimulatedService(seed: seed))
        let fields =
            Caller.manual
            + #","sessionResumption":{},"inputAudioTranscription":{},"outputAudioTranscription":{}"#
        caller.setUp(model, more.isEmpty ? fields : fields + "," + more)
        return caller
    }

    @Test("a spoken turn is transcribed, answered, completed and billed")
    func spokenTurn() {
        for seed in 1...20 {
            let caller = manual(seed: UInt64(seed))
            caller.speak(turn: 1)
            caller.wait(.seconds(5))
            #expect(
                caller.story == [
                    "setupComplete", "heard", "audio", "generationComplete", "turnComplete",
                ])
            #expect(caller.outcomes == [.answered])
            #expect(caller.replies == [" This is answer number one."])
            #expect(caller.opcodes == [2])
            #expect(caller.handle != nil)
            let turn = caller.heard.turns[0]
            #expect(turn.sound.bytes == 3200)
            #expect(turn.replyBytes == caller.messages.reduce(0) { $0 + $1.audio.count })
        }
    }

    @Test("the usage bills the whole context again, exactly")
    func receipts() throws {
        let caller = manual()
        caller.speak(turn: 1)
        caller.wait(.seconds(5))
        caller.speak(turn: 2)
        caller.wait(.seconds(5))
        let usages = caller.messages.compactMap { $0.json["usageMetadata"] as? [String: Any] }
        #expect(usages.count == 2)
        let heard = caller.heard.turns.compactMap(\.usage)
        #expect(heard.count == 2)
        for (sent, kept) in zip(usages, heard) {
            #expect(sent["promptTokenCount"] as? Int == kept.prompt)
            #expect(sent["responseTokenCount"] as? Int == kept.response)
            #expect(sent["totalTokenCount"] as? Int == kept.total)
        }
        #expect(heard[1].promptAudio > heard[0].promptAudio)
    }

    @Test("Vertex spells its usage differently and names the session")
    func vertex() {
        let caller = Caller(SimulatedService(seed: 3), target: Caller.vertexPath)
        caller.say(
            #"{"setup":{"model":"projects/p/locations/l/publishers/google/models/gemini-3.8-live"}}"#
        )
        caller.wait(.milliseconds(400))
        caller.text("hello")
        caller.wait(.seconds(5))
        let complete = caller.messages[0].json["setupComplete"] as? [String: Any]
        #expect(complete?["sessionId"] != nil)
        let usage = caller.messages.compactMap { $0.json["usageMetadata"] as? [String: Any] }.first
        #expect(usage?["candidatesTokenCount"] != nil)
        #expect(usage?["trafficType"] as? String == "ON_DEMAND")
    }

    @Test("a barge-in interrupts, completes the turn, and is answered itself")
    func bargeIn() {
        var scenario = Scenario.healthy
        scenario.replyRepeats = 200
        let caller = Caller(SimulatedService(seed: 4, scenario: scenario))
        caller.setUp("gemini-3.8-live", Caller.manual)
        caller.speak(turn: 1)
        caller.wait(.milliseconds(1300))
        caller.start()
        caller.audio(turn: 2)
        caller.wait(.milliseconds(600))
        caller.end()
        caller.wait(.seconds(8))
        #expect(
            caller.story.prefix(4) == ["setupComplete", "audio", "interrupted", "turnComplete"]
                || caller.story.prefix(5) == [
                    "setupComplete", "audio", "generationComplete", "interrupted", "turnComplete",
                ])
        #expect(caller.outcomes == [.interrupted, .answered])
    }

    @Test("without interruption the next turn waits")
    func noInterruption() {
        let caller = Caller(SimulatedService(seed: 5))
        caller.setUp(
            "gemini-3.8-live",
            #""realtimeInputConfig":{"automaticActivityDetection":{"disabled":true},"activityHandling":"NO_INTERRUPTION"}"#
        )
        caller.speak(turn: 1)
        caller.start()
        caller.audio(turn: 2)
        caller.end()
        caller.wait(.seconds(8))
        #expect(caller.outcomes == [.answered, .answered])
        #expect(!caller.story.contains("interrupted"))
    }

    @Test("automatic detection ends a turn after silence")
    func automatic() {
        let caller = Caller(SimulatedService(seed: 6))
        caller.setUp("gemini-3.8-live", #""inputAudioTranscription":{}"#)
        for turn in 1...2 {
            for _ in 0..<10 {
                caller.audio(turn: turn)
                caller.wait(.milliseconds(100))
            }
            for _ in 0..<40 {
                caller.audio(turn: 0)
                caller.wait(.milliseconds(100))
            }
        }
        #expect(caller.outcomes == [.answered, .answered])
        #expect(caller.heard.turns.map(\.sound.turns) == [[1], [2]])
        #expect(caller.violations == [])
    }

    @Test("audioStreamEnd ends the turn on 3.1 and not on 3.8")
    func streamEnd() {
        for (model, turns) in [("gemini-3.1-flash-live-preview", 1), ("gemini-3.8-live", 0)] {
            let caller = Caller(SimulatedService(seed: 7))
            caller.setUp(model)
            caller.audio(turn: 1)
            caller.say(#"{"realtimeInput":{"audioStreamEnd":true}}"#)
            caller.wait(.seconds(5))
            #expect(caller.heard.turns.count == turns)
        }
    }

    @Test("a blocking call on 3.1 holds the turn until it is answered")
    func blockingTool() {
        let caller = manual(
            "gemini-3.1-flash-live-preview",
            #""tools":[{"functionDeclarations":[{"name":"report"}]}]"#)
        caller.text("call report")
        caller.wait(.seconds(3))
        #expect(caller.callIDs.count == 1)
        #expect(!caller.story.contains("turnComplete"))
        answer(caller)
        caller.wait(.seconds(5))
        #expect(caller.replies == [" The tool has answered. Here is the result."])
        #expect(caller.outcomes == [.answered])
    }

    @Test("2.5 ends the turn at the call and answers the result on its own")
    func blockingTool25() {
        let caller = manual(
            "gemini-2.5-flash-native-audio-preview-12-2025",
            #""tools":[{"functionDeclarations":[{"name":"report"}]}]"#)
        caller.content("call report")
        caller.wait(.seconds(3))
        #expect(caller.story.suffix(3) == ["toolCall", "generationComplete", "turnComplete"])
        answer(caller)
        caller.wait(.seconds(5))
        #expect(caller.outcomes == [.answered, .answered])
    }

    private func answer(_ caller: Caller) {
        caller.say(
            #"{"toolResponse":{"functionResponses":[{"id":"\#(caller.callIDs.last ?? "")","name":"report","response":{"ok":true}}]}}"#
        )
    }

    @Test("a barge-in cancels a blocking call; its late answer does no harm")
    func cancelledCall() {
        let caller = manual(
            "gemini-3.8-live",
            #""tools":[{"functionDeclarations":[{"name":"report","behavior":"BLOCKING"}]}]"#)
        caller.text("call report")
        caller.wait(.seconds(3))
        caller.start()
        caller.audio(turn: 2)
        caller.wait(.milliseconds(300))
        answer(caller)
        caller.end()
        caller.wait(.seconds(5))
        #expect(caller.story.contains("toolCallCancellation"))
        #expect(caller.violations == [])
        #expect(caller.outcomes == [.interrupted, .answered])
    }

    @Test("3.8 talks while a tool runs, then reports its result")
    func nonBlockingTool() {
        let caller = manual(
            "gemini-3.8-live", #""tools":[{"functionDeclarations":[{"name":"report"}]}]"#)
        caller.text("call report")
        caller.wait(.seconds(3))
        #expect(caller.outcomes == [.answered])
        answer(caller)
        caller.wait(.seconds(3))
        #expect(caller.outcomes == [.answered, .answered])
    }

    @Test("extended thinking is in progress until it is idle")
    func extendedThinking() {
        let caller = Caller(SimulatedService(seed: 9))
        caller.setUp(
            "gemini-3.8-live-extended-thinking",
            #""generationConfig":{"thinkingConfig":{"thinkingLevel":"LOW","includeThoughts":true}}"#
        )
        caller.text("what is the capital of France?")
        caller.wait(.seconds(8))
        #expect(
            caller.story == [
                "setupComplete", "thought", "audio", "turnComplete", "IN_PROGRESS", "audio",
                "generationComplete", "turnComplete", "IDLE",
            ])
        #expect(
            caller.replies == [" Let me think about that. The capital of France is Paris."])
    }

    @Test("a seed is accepted silently on 3.1, and real-time input wakes the model")
    func seed() {
        let caller = Caller(SimulatedService(seed: 10))
        caller.setUp(
            "gemini-3.1-flash-live-preview",
            #""historyConfig":{"initialHistoryInClientContent":true}"#)
        caller.content("My name is Ada. What is my name?")
        caller.wait(.seconds(5))
        #expect(caller.story == ["setupComplete"])
        caller.text(" ")
        caller.wait(.seconds(5))
        #expect(caller.outcomes == [.answered])
        #expect(caller.violations == [])
    }

    @Test("one seed makes one conversation")
    func repeats() {
        func run() -> [[UInt8]] {
            let caller = manual(seed: 11)
            caller.speak(turn: 1)
            caller.wait(.seconds(3))
            caller.text("hello")
            caller.wait(.seconds(3))
            return caller.messages.map(\.bytes)
        }
        #expect(run() == run())
    }

    @Test("live-translate streams without turns, transcribe never speaks")
    func continuous() {
        let translate = Caller(SimulatedService(seed: 12))
        translate.setUp("gemini-3.5-live-translate-preview")
        for _ in 0..<20 {
            translate.audio(turn: 0)
            translate.wait(.milliseconds(100))
        }
        translate.wait(.seconds(1))
        #expect(translate.story == ["setupComplete", "audio"])
        let transcribe = Caller(SimulatedService(seed: 12))
        transcribe.setUp(
            "gemini-3.5-transcribe-live", #""generationConfig":{"responseModalities":["TEXT"]}"#)
        transcribe.audio(turn: 4)
        transcribe.audio(turn: 0, .seconds(1))
        transcribe.wait(.seconds(2))
        #expect(transcribe.story == ["setupComplete", "heard", "generationComplete"])
    }
}
