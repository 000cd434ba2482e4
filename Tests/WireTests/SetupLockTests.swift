import Basics
import Testing

@testable import Wire

/// What a client token fixes of a setup, and the request that asks for one.
@Suite struct SetupLockTests {
    private func locked(_ message: String, _ lock: SetupLock) throws -> String {
        String(decoding: try lock.apply(to: Array(message.utf8).span), as: UTF8.self)
    }

    private let own = SetupLock(
        setup: Array(#"{"model":"models/a","generationConfig":{"topK":3}}"#.utf8))

    @Test("without a mask the token's setup replaces the client's, except for its handle")
    func whole() throws {
        #expect(
            try locked(#"{"setup":{"model":"models/b","tools":[]}}"#, own)
                == #"{"setup":{"model":"models/a","generationConfig":{"topK":3}}}"#)
        let resumed = try locked(#"{"setup":{"session_resumption":{"handle":"h\n1"}}}"#, own)
        #expect(
            resumed
                == #"{"setup":{"sessionResumption":{"handle":"h\n1"},"model":"models/a","generationConfig":{"topK":3}}}"#
        )
    }

    @Test("what is fixed stays fixed behind the setup, too")
    func later() throws {
        let update = #"{"contextUpdate":{"system_instruction":{"parts":[{"text":"a"}]}}}"#
        let tools = #"{"contextUpdate":{"tools":{}}}"#
        let turn = #"{"clientContent":{"turns":[{"role":"user"},{"role":"sys\u0074em"}]}}"#
        let words = #"{"clientContent":{"turns":[{"role":"user","parts":[{"text":"system"}]}]}}"#
        func forbidden(_ mask: String...) throws -> [Bool] {
            let lock = SetupLock(
                setup: mask == ["-"] ? [] : own.setup, mask: mask.filter { $0 != "-" })
            return try [update, tools, turn, words].map { message in
                let bytes = Array(message.utf8)
                return lock.forbids(try ClientMessage.scan(bytes.span), in: bytes.span)
            }
        }
        #expect(try forbidden() == [true, true, true, false])
        #expect(try forbidden("systemInstruction.parts") == [true, false, true, false])
        #expect(try forbidden("tools") == [false, true, false, false])
        #expect(try forbidden("model") == [false, false, false, false])
        #expect(try forbidden("-") == [false, false, false, false])
    }

    @Test(
        "nothing comes beside another member, in any order",
        arguments: [
            #"{"setup":{},"contextUpdate":{"systemInstruction":{}}}"#,
            #"{"contextUpdate":{"systemInstruction":{}},"setup":{}}"#,
            #"{"setup":{},"clientContent":{"turns":[{"role":"system"}]}}"#,
            #"{"setup":{},"toolResponse":{}}"#,
            #"{"setup":{},"somethingNew":{}}"#,
            #"{"realtimeInput":{},"contextUpdate":{"tools":{}}}"#,
            #"{"clientContent":{"turns":[]},"context_update":{"system_instruction":{}}}"#,
        ])
    func beside(text: String) throws {
        let bytes = Array(text.utf8)
        let message = try ClientMessage.scan(bytes.span)
        let forbidden = [own, SetupLock(mask: ["model"]), SetupLock()].map {
            $0.forbids(message, in: bytes.span)
        }
        #expect(forbidden == [true, true, false])
    }

    @Test(
        "nothing that is said twice passes, whatever else it says",
        arguments: [
            #"{"contextUpdate":{},"contextUpdate":{"systemInstruction":{}}}"#,
            #"{"contextUpdate":{},"context_update":{"tools":{}}}"#,
            #"{"contextUpdate":{"tools":{}},"contextUpdate":null}"#,
            #"{"clientContent":{"turns":[],"turns":[{"role":"system"}]}}"#,
            #"{"clientContent":{"turns":[]},"clientContent":{"turns":[{"role":"system"}]}}"#,
            #"{"realtimeInput":{"text":"a","text":"b"}}"#,
        ])
    func twice(text: String) throws {
        let bytes = Array(text.utf8)
        let message = try ClientMessage.scan(bytes.span)
        let forbidden = [own, SetupLock(mask: ["model"]), SetupLock()].map {
            $0.forbids(message, in: bytes.span)
        }
        #expect(forbidden == [true, true, false])
    }

    @Test("a setup alone, and a turn with two roles")
    func alone() throws {
        func forbids(_ text: String) throws -> Bool {
            let bytes = Array(text.utf8)
            return own.forbids(try ClientMessage.scan(bytes.span), in: bytes.span)
        }
        #expect(try !forbids(#"{"setup":{"model":"models/b"}}"#))
        // Twins are told by `apply`, with another reason.
        #expect(try !forbids(#"{"setup":{},"setup":{}}"#))
        for roles in [#""role":"system","role":"user""#, #""role":"user","role":"system""#] {
            #expect(try forbids(#"{"clientContent":{"turns":[{\#(roles)}]}}"#))
        }
    }

    @Test("a mask replaces fields in either spelling, and removes those the token does not set")
    func mask() throws {
        let lock = SetupLock(
            setup: own.setup,
            mask: ["model", "generation_config.top_k", "generationConfig.temperature", "tools"])
        #expect(lock.mask[1] == "generationConfig.topK")
        #expect(
            try locked(
                #"{"setup":{"generation_config":{"top_k":9,"temperature":2,"x":1},"tools":[{}]}}"#,
                lock)
                == #"{"setup":{"model":"models/a","generation_config":{"top_k":3,"x":1}}}"#)
        #expect(
            try locked(#"{"setup":{}}"#, lock)
                == #"{"setup":{"generationConfig":{"topK":3},"model":"models/a"}}"#)
    }

    @Test("a lock without setup and mask changes nothing")
    func none() throws {
        let text = #"{ "setup" : {"model":"b"} }"#
        #expect(SetupLock().isEmpty)
        #expect(try locked(text, SetupLock()) == text)
    }

    @Test(
        "what is said twice is refused",
        arguments: [
            #"{"setup":{"generationConfig":{},"generation_config":{"topK":1}}}"#,
            #"{"setup":{"generationConfig":{},"generationConfig":{"topK":1}}}"#,
            #"{"setup":{},"setup":{"model":"b"}}"#,
            #"{"setup":{"generationConfig":{"topK":1,"top_k":9}}}"#,
            #"{"setup":{"generationConfig":{"topK":1,"t\u006fpK":9}}}"#,
            #"{"setup":{"generationConfig":{"speechConfig":{"a":1,"a":2}}}}"#,
            #"{"setup":{"tools":[{"functionDeclarations":[{"name":"a","name":"b"}]}]}}"#,
        ])
    func twins(text: String) {
        let lock = SetupLock(setup: own.setup, mask: ["generationConfig.topK"])
        #expect(throws: Malformed.self) { try locked(text, lock) }
    }

    @Test("a field masked twice, or inside a masked one, is locked once")
    func nested() throws {
        let lock = SetupLock(
            setup: own.setup,
            mask: ["generationConfig.topK", "generationConfig", "generationConfig.topP", "model"])
        #expect(
            try locked(#"{"setup":{"generation_config":{"topP":1},"x":1}}"#, lock)
                == #"{"setup":{"model":"models/a","generation_config":{"topK":3},"x":1}}"#)
    }

    @Test(
        "a mask that would lock nothing is a mistake",
        arguments: [
            ",", "model,", "nothing", "setup.model", "generation_config.", ".", "*", "a.b",
            "tools.functionDeclarations", "model.name", "generationConfig.to pK",
            "generationConfig.temperature.x", "generationConfig.thinkingConfig.budget",
            "generationConfig.speechConfig.voice", "systemInstruction.text",
            "systemInstruction.parts.text", "sessionResumption.handle.x",
            "realtimeInputConfig.automaticActivityDetection.disabled.x",
            "contextWindowCompression.slidingWindow.triggerTokens",
            "inputAudioTranscription.mode.x",
            "generationConfig" + String(repeating: ".a", count: 16),
            "generationConfig.speechConfig.voiceConfig.prebuiltVoiceConfig.voicename",
            "generationConfig.speechConfig.multiSpeakerVoiceConfig.speakerVoiceConfigs.speaker",
            "generationConfig.speechConfig.voiceConfig.replicatedVoiceConfig.voice",
            "toolConfig.functionCallingConfig.modes", "toolConfig.mode", "avatarConfig.name",
            "generationConfig.routingConfig.manualMode.model", "labels.team.name",
            "generationConfig.responseSchema.type", "generationConfig.responseJsonSchema.type",
            "labels." + String(repeating: "a", count: 256),
        ])
    func emptyMask(mask: String) {
        let text = #"{"bidiGenerateContentSetup":{"model":"m"},"fieldMask":"\#(mask)"}"#
        #expect(throws: TokenRequest.Mistake.self) {
            try TokenRequest.read(Array(text.utf8).span)
        }
    }

    private func read(mask: String) throws(TokenRequest.Mistake) -> TokenRequest {
        let text = #"{"bidiGenerateContentSetup":{"model":"m"},"fieldMask":"\#(mask)"}"#
        return try TokenRequest.read(Array(text.utf8).span)
    }

    @Test("who masks what is not spelled out here is told what locks it")
    func parent() {
        let inside = "generationConfig.speechConfig.voiceConfig.prebuiltVoiceConfig"
        let told = #expect(throws: TokenRequest.Mistake.self) {
            try read(mask: "model,\(inside).voicename")
        }
        #expect(
            told?.description == "fieldMask names no field of a setup: \(inside).voicename; "
                + "\(inside) locks all of it")
        let strange = #expect(throws: TokenRequest.Mistake.self) { try read(mask: "a.b") }
        #expect(strange?.description == "fieldMask names no field of a setup: a.b")
    }

    @Test("fields below the first level are masked as SDKs name them")
    func deep() throws {
        let paths = [
            "generation_config.speech_config.voice_config.prebuilt_voice_config.voice_name",
            "toolConfig.functionCallingConfig", "toolConfig.retrievalConfig.latLng",
            "avatarConfig.customizedAvatar.imageData", "labels.my_team", "labels",
            "generationConfig.modelSelectionConfig", "generationConfig.routingConfig.autoMode",
        ]
        let lock = try read(mask: paths.joined(separator: ",")).lock
        #expect(lock.mask.count == paths.count)
        let text = #"""
            {"setup":{"generationConfig":{"speechConfig":{"voice_config":{"prebuiltVoiceConfig":\#
            {"voice_name":"x"}}}},"toolConfig":{"functionCallingConfig":{"mode":"ANY"}},\#
            "labels":{"my_team":"x"}}}
            """#
        let sent = try locked(text, lock)
        #expect(!sent.contains("\"x\"") && !sent.contains("ANY"), "\(sent)")
    }

    @Test("a mask is as long as there are fields, and each of its paths is kept once")
    func bounds() throws {
        let endless = String(repeating: "model,tools,", count: 20_000) + "model"
        #expect(throws: TokenRequest.Mistake.self) { try read(mask: endless) }
        let often = String(repeating: "model,tools,", count: 2_000) + "model"
        let lock = try read(mask: often).lock
        #expect(lock.mask == ["model", "tools"])
        #expect(lock.size < 100)
        let labels = (0..<129).map { "labels.key\($0)" }
        #expect(throws: TokenRequest.Mistake.self) {
            try read(mask: labels.joined(separator: ","))
        }
        let most = try read(mask: labels.dropLast().joined(separator: ",")).lock
        #expect(most.mask.count == 128 && most.size > 128 * "labels.key1".utf8.count)
    }

    @Test("a token with a repeated name, or a mask that is no text, is an error")
    func twins() {
        for text in [
            #"{"bidiGenerateContentSetup":{"model":"m","model":"n"}}"#,
            #"{"fieldMask":"model","field_mask":"tools"}"#,
            #"{"fieldMask":["model"]}"#, #"{"fieldMask":{"paths":["model"]}}"#,
            #"{"fieldMask":5}"#,
        ] {
            #expect(throws: TokenRequest.Mistake.self) {
                try TokenRequest.read(Array(text.utf8).span)
            }
        }
    }

    @Test("any bytes lead to a locked setup or a refusal")
    func anyBytes() {
        let text = Array(
            #"{"setup":{"model":"b","generation_config":{"top_k":[1,{"a":"\u00e4"}]}}}"#.utf8)
        let lock = SetupLock(setup: own.setup, mask: ["generationConfig.topK", "a.b.c", "", "."])
        for cut in 0...text.count {
            _ = try? lock.apply(to: Array(text[..<cut]).span)
            _ = try? own.apply(to: Array(text[cut...]).span)
            _ = try? TokenRequest.read(Array(text[..<cut]).span)
        }
    }

    @Test("a request for a token is read as SDKs send it")
    func request() throws {
        let text = """
            {"expireTime": "2026-12-01T00:00:00+01:00", "newSessionExpireTime":
            "2026-11-21T08:03:06.029307Z", "uses": 2, "bidiGenerateContentSetup":
            {"model": "m"}, "fieldMask": "model,generationConfig.temperature"}
            """
        let request = try TokenRequest.read(Array(text.utf8).span)
        #expect(request.uses == 2)
        #expect(request.expires?.description == "2026-11-30T23:00:00.000Z")
        #expect(request.newSessionsUntil?.description == "2026-11-21T08:03:06.029Z")
        #expect(String(decoding: request.lock.setup, as: UTF8.self) == #"{"model": "m"}"#)
        #expect(request.lock.mask == ["model", "generationConfig.temperature"])
        #expect(try TokenRequest.read([UInt8]().span) == TokenRequest())
        #expect(try TokenRequest.read(Array("{}".utf8).span).uses == 1)
    }
}
