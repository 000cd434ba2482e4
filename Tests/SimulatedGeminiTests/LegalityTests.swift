import Basics
import SimulatedGemini
import Testing
import Wire

/// What costs a connection, with the code and the words the service ends it by.
@Suite struct LegalityTests {
    static let invalid = Close(1007, "Request contains an invalid argument.")
    private let flash31 = "gemini-3.1-flash-live-preview"
    private let native25 = "gemini-2.5-flash-native-audio-preview-12-2025"

    private func caller(
        _ model: String = "gemini-3.1-flash-live-preview", _ fields: String = "",
        target: String = Caller.path, scenario: Scenario = .healthy
    ) -> Caller {
        let caller = Caller(SimulatedService(seed: 1, scenario: scenario), target: target)
        caller.setUp(model, fields)
        return caller
    }

    private func expectEnd(
        _ caller: Caller, _ kind: Heard.Violation.Kind, _ close: Close,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(caller.service.violations.map(\.kind) == [kind], sourceLocation: sourceLocation)
        #expect(caller.close == close, sourceLocation: sourceLocation)
    }

    @Test("anything before the setup")
    func beforeSetup() {
        let caller = Caller(SimulatedService(seed: 1))
        caller.audio(turn: 1)
        expectEnd(caller, .inputBeforeSetup, Self.invalid)
    }

    @Test("a second setup")
    func secondSetup() {
        let caller = caller()
        caller.setUp()
        expectEnd(caller, .secondSetup, Self.invalid)
    }

    @Test("malformed JSON, in many ways")
    func malformed() {
        let texts = [
            "", "nonsense", "{", "{\"setup\"", "{\"setup\":{}}x", "{\"setup\":{},}", "{'setup':{}}",
            "{\"setup\":{\"model\":\"\u{1}\"}}", "{\"setup\":01}", "{\"a\":1.}", "\"\\x\"",
            "{\"a\":\"\\u12g4\"}", String(repeating: "[", count: 100_000),
        ]
        for text in texts {
            let caller = Caller(SimulatedService(seed: 1))
            caller.say(text)
            #expect(caller.service.violations.map(\.kind) == [.malformed])
            #expect(caller.close?.code == 1007)
            #expect(caller.close?.reason.hasPrefix("Invalid JSON payload received.") == true)
        }
    }

    @Test("an unknown field, at any depth")
    func unknownField() {
        let deep = Caller(SimulatedService(seed: 1))
        deep.say(#"{"setup":{"generation_config":{"speechConfig":{"pitch":3}}}}"#)
        expectEnd(
            deep, .unknownField,
            Close(
                1007,
                #"Invalid JSON payload received. Unknown name "pitch" at 'setup.generation_config.speech_config': Cannot find field."#
            ))
        let top = Caller(SimulatedService(seed: 1))
        top.say(#"{"hello":{}}"#)
        expectEnd(
            top, .unknownField,
            Close(1007, #"Invalid JSON payload received. Unknown name "hello": Cannot find field."#)
        )
    }

    @Test("two members, and none")
    func members() {
        for text in ["{}", #"{"setup":null}"#, #"{"setup":{},"clientContent":{}}"#] {
            let caller = Caller(SimulatedService(seed: 1))
            caller.say(text)
            expectEnd(caller, .notExactlyOneMember, Self.invalid)
        }
    }

    @Test("a wrong type, and one field under two spellings")
    func types() {
        for text in [
            #"{"setup":{"model":7}}"#, #"{"setup":[]}"#, #"{"setup":{"tools":{}}}"#,
            #"{"realtimeInput":{"audio":{"data":"!!"}}}"#,
            #"{"setup":{"sessionResumption":{},"session_resumption":{}}}"#,
        ] {
            let caller = Caller(SimulatedService(seed: 1))
            caller.say(text)
            #expect(caller.service.violations.map(\.kind) == [.wrongType])
            #expect(caller.close?.code == 1007)
        }
    }

    @Test("no credential, and a bad one")
    func credentials() {
        let none = Caller(SimulatedService(seed: 1), key: "")
        none.setUp()
        #expect(none.isAccepted)
        #expect(none.close?.code == 1008)
        #expect(none.close?.reason.hasPrefix("Method doesn't allow unregistered callers") == true)
        #expect(none.close?.reason.utf8.count == 123)
        let bad = Caller(SimulatedService(seed: 1), target: Caller.path + "?key=invalid", key: "")
        bad.setUp()
        #expect(bad.close == Close(1007, "API key not valid. Please pass a valid API key."))
    }

    @Test("an unknown model")
    func unknownModel() {
        let caller = caller("gemini-9-live")
        #expect(
            caller.close?.reason.hasPrefix(
                "models/gemini-9-live is not found for API version v1beta, or is not supported for bidiGenerateContent."
            ) == true)
        #expect(caller.close?.code == 1008)
    }

    @Test("audio outside an activity, before, after and between")
    func audioOutside() {
        let before = caller(flash31, Caller.manual)
        before.audio(turn: 1)
        expectEnd(before, .audioOutsideActivity, Self.invalid)
        let after = caller(flash31, Caller.manual)
        after.speak(turn: 1)
        after.audio(turn: 1)
        expectEnd(after, .audioOutsideActivity, Self.invalid)
    }

    @Test("boundaries out of order")
    func boundaries() {
        let twice = caller(flash31, Caller.manual)
        twice.start()
        twice.start()
        expectEnd(twice, .repeatedStart, Self.invalid)
        let late = caller(flash31, Caller.manual)
        late.speak(turn: 1)
        late.end()
        expectEnd(late, .endWithoutStart, Self.invalid)
        let automatic = caller()
        automatic.start()
        expectEnd(automatic, .activityInAutomatic, Self.invalid)
        let stream = caller(flash31, Caller.manual)
        stream.say(#"{"realtimeInput":{"audioStreamEnd":true}}"#)
        expectEnd(stream, .streamEndInManual, Self.invalid)
    }

    @Test("an empty activity completes an empty turn, then the connection is closed")
    func emptyActivity() {
        let caller = caller(flash31, Caller.manual)
        caller.start()
        caller.end()
        caller.wait(.seconds(1))
        expectEnd(caller, .emptyActivity, Close(1007, "Precondition check failed."))
        let last = caller.messages.last
        #expect(last?.content["turnComplete"] as? Bool == true)
        #expect((last?.json["usageMetadata"] as? [String: Any])?.isEmpty == true)
    }

    @Test("an activity of silence is heard and not answered")
    func silentActivity() {
        let caller = caller(flash31, Caller.manual)
        caller.start()
        caller.audio(turn: 0)
        caller.end()
        caller.wait(.seconds(5))
        #expect(caller.outcomes == [.silent])
        #expect(caller.close == nil)
    }

    @Test("lenient scenarios record and continue")
    func lenient() {
        let caller = caller(
            flash31, Caller.manual, scenario: Scenario.named("lenient") ?? .healthy)
        caller.audio(turn: 1)
        caller.end()
        caller.speak(turn: 1)
        caller.wait(.seconds(5))
        #expect(caller.violations == [.audioOutsideActivity, .endWithoutStart])
        #expect(caller.close == nil)
        #expect(caller.outcomes == [.answered])
    }

    @Test("setup fields that break a family")
    func setupFields() {
        let cases: [(String, String)] = [
            ("gemini-3.8-live", #""generationConfig":{"thinkingConfig":{"thinkingLevel":"LOW"}}"#),
            ("gemini-3.8-live", #""generationConfig":{"enableAffectiveDialog":true}"#),
            ("gemini-3.8-live", #""proactivity":{"proactiveAudio":false}"#),
            ("gemini-3.8-live-extended-thinking", #""sessionResumption":{}"#),
            (
                "gemini-3.8-live-extended-thinking",
                #""generationConfig":{"thinkingConfig":{"thinkingLevel":"MINIMAL"}}"#
            ),
            (
                "gemini-3.8-live-extended-thinking",
                #""generationConfig":{"thinkingConfig":{"thinkingLevel":"LOW"}},"tools":[{"functionDeclarations":[{"name":"a","behavior":"BLOCKING"}]}]"#
            ),
            (native25, #""generationConfig":{"thinkingConfig":{"thinkingLevel":"LOW"}}"#),
            (flash31, #""sessionResumption":{"handle":null}"#),
            (flash31, #""generationConfig":{"responseModalities":["TEXT"]}"#),
            (flash31, #""generationConfig":{"responseMimeType":"text/plain"}"#),
        ]
        for (model, fields) in cases {
            expectEnd(caller(model, fields), .setupField, Self.invalid)
        }
        let affective = caller(native25, #""generationConfig":{"enableAffectiveDialog":true}"#)
        expectEnd(
            affective, .setupField,
            Close(
                1007,
                #"Invalid JSON payload received. Unknown name "enableAffectiveDialog" at 'setup.generation_config': Cannot find field."#
            ))
    }

    @Test("setup fields that a family accepts")
    func legalSetupFields() {
        let alpha = Caller.path.replacing("v1beta", with: "v1alpha")
        #expect(caller(native25, #""sessionResumption":{"handle":null}"#).close == nil)
        #expect(
            caller(
                native25,
                #""generationConfig":{"enableAffectiveDialog":true},"proactivity":{"proactiveAudio":true}"#,
                target: alpha
            ).story == ["setupComplete"])
        #expect(
            caller(flash31, #""generationConfig":{"thinkingConfig":{"thinking_level":"LOW"}}"#)
                .story
                == ["setupComplete"])
    }

    @Test("transparent resumption is unknown to the Gemini API")
    func transparent() {
        let caller = caller(flash31, #""sessionResumption":{"transparent":true}"#)
        expectEnd(
            caller, .unknownField,
            Close(
                1007,
                #"Invalid JSON payload received. Unknown name "transparent" at 'setup.session_resumption': Cannot find field."#
            ))
    }

    @Test("3.1 never answers a setup with affective dialog")
    func neverCompleted() {
        let caller = caller(flash31, #""generationConfig":{"enableAffectiveDialog":true}"#)
        caller.wait(.seconds(120))
        #expect(caller.story == [])
        #expect(caller.close == nil)
    }

    @Test("contents that the family does not accept, without a role, or of a system")
    func contents() {
        let later = caller()
        later.content("hello")
        expectEnd(later, .contentNotAllowed, Self.invalid)
        let roleless = caller("gemini-3.8-live")
        roleless.say(#"{"clientContent":{"turns":[{"parts":[{"text":"x"}]}]}}"#)
        expectEnd(roleless, .roleMissing, Self.invalid)
        let system = caller(native25)
        system.say(#"{"clientContent":{"turns":[{"role":"system","parts":[{"text":"x"}]}]}}"#)
        expectEnd(system, .roleNotAllowed, Self.invalid)
    }

    @Test("mediaChunks are history on 3.x")
    func mediaChunks() {
        let caller = caller(flash31, Caller.manual)
        caller.start()
        caller.say(
            #"{"realtime_input":{"mediaChunks":[{"mime_type":"audio/pcm","data":"AAAA"}]}}"#)
        #expect(caller.service.violations.map(\.kind) == [.mediaChunks])
        #expect(caller.close?.code == 1007)
    }

    @Test("audio during an open blocking call on 2.5")
    func inputDuringCall() {
        let caller = caller(native25, #""tools":[{"functionDeclarations":[{"name":"report"}]}]"#)
        caller.content("call report")
        caller.wait(.seconds(3))
        caller.audio(turn: 1)
        expectEnd(
            caller, .inputDuringCall,
            Close(1008, "Operation is not implemented, or supported, or enabled."))
    }

    @Test("audio more than a minute ahead of real time")
    func tooFast() {
        let caller = caller(flash31, Caller.manual)
        caller.start()
        for _ in 0..<80 where caller.close == nil { caller.audio(turn: 1, .seconds(1)) }
        expectEnd(
            caller, .tooFast, Close(1011, "Resource has been exhausted (e.g. check quota)."))
        #expect(caller.heard.turns == [])
    }

    @Test("messages that cross the setup")
    func early() {
        for (model, ends) in [(flash31, true), (native25, false)] {
            let caller = Caller(SimulatedService(seed: 1))
            caller.say(#"{"setup":{"model":"models/\#(model)"}}"#)
            caller.audio(turn: 1)
            #expect(caller.violations == [.inputBeforeSetupComplete])
            #expect((caller.close != nil) == ends)
        }
    }

    @Test("goAway, and the end for clients that stay")
    func goAway() {
        var scenario = Scenario.healthy
        scenario.connectionLimit = .init(after: .seconds(540), timeLeft: .seconds(50))
        let caller = caller(flash31, scenario: scenario)
        caller.wait(.seconds(545))
        let left = caller.messages.last?.json["goAway"] as? [String: Any]
        #expect(left?["timeLeft"] as? String == "50s")
        caller.wait(.seconds(50))
        #expect(caller.violations == [.goAwayOverrun])
        #expect(caller.close?.code == 1008)
        #expect(
            caller.close?.reason.hasPrefix("Connection aborted because the client failed") == true)
    }
}
