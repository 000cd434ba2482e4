import Basics
import Foundation
import Testing
import Wire

private func setup(_ name: String) throws -> (Setup, [UInt8]) {
    let bytes = try #require(Fixtures.samples[name])
    return (try Setup.read(bytes.span), bytes)
}

@Suite("Setup")
struct SetupTests {
    @Test("the sample of 3.8 with automatic detection")
    func automatic() throws {
        let (setup, bytes) = try setup("client-setup-gemini-3.8-auto-vad")
        #expect(setup.model == "models/gemini-3.8-live")
        #expect(setup.respondsWithAudio && !setup.respondsWithText && !setup.isManualVAD)
        #expect(setup.functions == [Setup.Function(name: "find_room", behavior: .blocking)])
        #expect(setup.silenceDurationMs == 500 && setup.prefixPaddingMs == 100)
        #expect(!setup.forbidsInterruption)
        #expect(setup.hasSessionResumption && setup.handle == .absent && !setup.hasTransparent)
        #expect(setup.hasContextWindowCompression)
        #expect(setup.triggerTokens == 25_000 && setup.targetTokens == 8_000)
        #expect(setup.transcribesInput && setup.transcribesOutput)
        #expect(setup.initialHistoryInClientContent && !setup.hasProactivity)
        #expect(bytes[setup.tools.range].first == UInt8(ascii: "["))
        #expect(bytes[setup.systemInstruction.range].first == UInt8(ascii: "{"))
        #expect(!setup.hasThinkingConfig && !setup.isAmbiguous)
    }

    @Test("the sample in mixed casing")
    func mixed() throws {
        let (setup, bytes) = try setup("client-setup-python-sdk-mixed-case")
        #expect(setup.forbidsInterruption && !setup.isManualVAD)
        #expect(setup.silenceDurationMs == 500 && setup.prefixPaddingMs == 20)
        #expect(setup.triggerTokens == 25_600 && setup.targetTokens == 12_800)
        #expect(setup.hasThinkingConfig && setup.includesThoughts)
        #expect(setup.thinkingLevel == "LOW" && setup.thinkingBudget == nil)
        guard case .present(let handle) = setup.handle else {
            Issue.record("no handle")
            return
        }
        #expect(JSONText.unescape(bytes.span, handle) == "Cig4bm1xZ3R5")
    }

    @Test("the samples for manual detection, extended thinking and Vertex")
    func others() throws {
        let (manual, _) = try setup("client-setup-manual-vad")
        #expect(manual.isManualVAD && manual.forbidsInterruption && manual.transcribesInput)
        #expect(!manual.hasSessionResumption && !manual.transcribesOutput)
        let (thinking, _) = try setup("client-setup-extended-thinking")
        #expect(thinking.functions.map(\.behavior) == [.nonBlocking])
        #expect(thinking.thinkingLevel == "LOW")
        let (vertex, _) = try setup("client-setup-vertex-transparent")
        #expect(vertex.hasTransparent && vertex.isTransparent && vertex.enablesAffectiveDialog)
        #expect(vertex.hasProactivity && vertex.proactiveAudio == true)
        #expect(vertex.model.hasPrefix("projects/demo-project/locations/"))
    }

    @Test("handles are absent, null, empty or present")
    func handles() throws {
        func handle(_ text: String) throws -> Setup {
            try Setup.read(Array("{\"setup\":{\"sessionResumption\":\(text)}}".utf8).span)
        }
        #expect(try handle("{}").handle == .absent)
        #expect(try handle(#"{"handle":null}"#).handle == .null)
        #expect(try handle(#"{"handle":""}"#).handle == .empty)
        #expect(try handle(#"{"handle":"h"}"#).handle == .present(ByteRange(41, 42)))
        let absent = try handle("null")
        #expect(!absent.hasSessionResumption)
    }

    @Test(
        "a name that comes twice at any level makes a setup ambiguous, users' own two names do not")
    func ambiguous() throws {
        func isAmbiguous(_ text: String) throws -> Bool {
            try Setup.read(Array("{\"setup\":\(text)}".utf8).span).isAmbiguous
        }
        #expect(try isAmbiguous(#"{"generationConfig":{},"generation_config":{}}"#))
        #expect(
            try isAmbiguous(
                #"{"realtimeInputConfig":{"automaticActivityDetection":{},"automatic_activity_detection":{}}}"#
            ))
        for text in [
            #"{"model":"a","mod\u0065l":"b"}"#, #"{"newField":1,"new_field":2}"#,
            #"{"generationConfig":{"speechConfig":{"voiceConfig":{"x":1,"x":1}}}}"#,
            #"{"systemInstruction":{"parts":[{"text":"a","text":"b"}]}}"#,
            #"{"tools":[{"functionDeclarations":[{"name":"a","name":"b"}]}]}"#,
            #"{"tools":[{"googleSearch":{},"google_search":{}}]}"#,
            #"{"tools":[{"functionDeclarations":[{"parameters":{"model":1,"model":2}}]}]}"#,
            #"{"tools":[{"functionDeclarations":[{"parameters":{"properties":{"a":1,"\u0061":2}}}]}]}"#,
        ] { #expect(try isAmbiguous(text), "\(text)") }
        for text in [
            #"{"tools":[{"functionDeclarations":[{"parameters":{"properties":{"userId":1,"user_id":2}}}]}]}"#,
            #"{"tools":[{"functionDeclarations":[{"name":"a"},{"name":"a"}]},{"name":"a"}]}"#,
            #"{"labels":{"teamId":"a","team_id":"b"}}"#, #"{"a":{"x":1},"b":{"x":1}}"#,
        ] { #expect(try !isAmbiguous(text), "\(text)") }
        let second = Array(#"{"setup":{},"setup":{"model":"m"}}"#.utf8)
        #expect(try Setup.read(second.span).isAmbiguous)
    }

    @Test("absent fields have their defaults")
    func defaults() throws {
        var expected = Setup()
        #expect(try Setup.read(Array("{}".utf8).span) == expected)
        expected.value = ByteRange(9, 11)
        #expect(try Setup.read(Array(#"{"setup":{}}"#.utf8).span) == expected)
        let text = try Setup.read(
            Array(#"{"setup":{"generation_config":{"response_modalities":["TEXT"]}}}"#.utf8).span)
        #expect(text.respondsWithText && !text.respondsWithAudio)
    }
}

@Suite("Setup edits")
struct SetupEditTests {
    private func edited(_ text: String, _ edits: SetupEdit...) throws -> String {
        let result = try Setup.edit(Array(text.utf8).span, edits)
        return String(decoding: result.bytes, as: UTF8.self)
    }

    @Test("a field goes with its one comma, first, in the middle, last or alone")
    func removes() throws {
        let text = #"{"setup": {"a_b": 1, "model": "m" , "z": [1, {"c": 2}]}}"#
        #expect(
            try edited(text, .remove("aB")) == #"{"setup": {"model": "m" , "z": [1, {"c": 2}]}}"#)
        #expect(
            try edited(text, .remove("model")) == #"{"setup": {"a_b": 1, "z": [1, {"c": 2}]}}"#)
        #expect(try edited(text, .remove("z")) == #"{"setup": {"a_b": 1, "model": "m"}}"#)
        #expect(try edited(#"{"setup":{ "a":1 }}"#, .remove("a")) == #"{"setup":{  }}"#)
        #expect(try edited(#"{"setup":{"a":{"b":1}}}"#, .remove("a.b")) == #"{"setup":{"a":{}}}"#)
        #expect(throws: Malformed(.twins, at: 24)) {
            try edited(#"{"setup":{"aB":1,"c":2,"a_b":3}}"#, .remove("aB"))
        }
        for path in ["b", "model.x", "z.c", "", "setup"] {
            let result = try Setup.edit(Array(text.utf8).span, [.remove(path)])
            #expect(result.bytes == Array(text.utf8) && result.touched.isEmpty)
        }
    }

    @Test("a handle is replaced if present, and inserted if missing")
    func handle() throws {
        #expect(
            try edited(#"{"setup":{"session_resumption": {"handle": null}}}"#, .setHandle("h"))
                == #"{"setup":{"session_resumption": {"handle": "h"}}}"#)
        #expect(
            try edited(#"{"setup":{"sessionResumption":{"transparent":true}}}"#, .setHandle("h\""))
                == #"{"setup":{"sessionResumption":{"handle":"h\"","transparent":true}}}"#)
        #expect(
            try edited(#"{"setup":{"model":"m"}}"#, .setHandle("h"))
                == #"{"setup":{"sessionResumption":{"handle":"h"},"model":"m"}}"#)
        #expect(
            try edited(#"{"setup": { }}"#, .setHandle("h"))
                == #"{"setup": {"sessionResumption":{"handle":"h"} }}"#)
        #expect(
            try edited(#"{"setup":{"sessionResumption":null}}"#, .setHandle("h"))
                == #"{"setup":{"sessionResumption":{"handle":"h"}}}"#)
    }

    @Test("resumption is inserted only if it is absent")
    func insert() throws {
        let asked = #"{"setup":{"session_resumption":{"handle":"h"}}}"#
        let result = try Setup.edit(Array(asked.utf8).span, [.insertSessionResumption])
        #expect(result.bytes == Array(asked.utf8) && result.touched.isEmpty)
        #expect(
            try edited(#"{"setup":{"model":"m"}}"#, .insertSessionResumption)
                == #"{"setup":{"sessionResumption":{},"model":"m"}}"#)
        #expect(
            try edited(#"{"setup":{"sessionResumption":null}}"#, .insertSessionResumption)
                == #"{"setup":{"sessionResumption":{}}}"#)
    }

    @Test("edits have the effect of one after the other, in one pass")
    func sequence() throws {
        let text = #"{"setup":{"a":{"b":1,"c":2}}}"#
        #expect(
            try edited(text, .set("a.d", Array("3".utf8)), .set("a.e", Array("4".utf8)))
                == #"{"setup":{"a":{"e":4,"d":3,"b":1,"c":2}}}"#)
        #expect(
            try edited(text, .remove("a.b"), .set("a.b", Array("9".utf8)))
                == #"{"setup":{"a":{"b":9,"c":2}}}"#)
        #expect(
            try edited(text, .remove("a"), .set("a.b.c", Array("9".utf8)))
                == #"{"setup":{"a":{"b":{"c":9}}}}"#)
        #expect(
            try edited(text, .set("a", Array(#"{"x":1}"#.utf8)), .set("a.x", Array("2".utf8)))
                == #"{"setup":{"a":{"x":2}}}"#)
        #expect(try edited(text, .set("a.b", Array("9".utf8)), .remove("a")) == #"{"setup":{}}"#)
        #expect(
            try edited(#"{"setup":{}}"#, .insertSessionResumption, .setHandle("h"), .setModel("m"))
                == #"{"setup":{"model":"m","sessionResumption":{"handle":"h"}}}"#)
        let result = try Setup.edit(
            Array(text.utf8).span,
            [
                .remove("x"), .setModel("m"), .remove("a.c"), .set("a.b", Array("1".utf8)),
                .insertSessionResumption,
            ])
        #expect(result.touched == ["model", "a.c", "sessionResumption"])
    }

    @Test("other messages stay unchanged, and broken ones are reported")
    func others() throws {
        for text in [#"{"clientContent":{}}"#, "{}", #"{"setup":null}"#] {
            #expect(try edited(text, .setModel("m"), .remove("model"), .setHandle("h")) == text)
        }
        #expect(throws: Malformed.self) { try edited(#"{"setup":{"a":}}"#, .remove("a")) }
    }

    @Test("an edited capture parses to the edited object, and everything else keeps its bytes")
    func captures() throws {
        let edits: [(SetupEdit, [String], Any?)] = [
            (
                .remove("generationConfig.responseModalities"),
                ["generationConfig", "responseModalities"], nil
            ),
            (
                .remove("realtimeInputConfig.automaticActivityDetection.disabled"),
                ["realtimeInputConfig", "automaticActivityDetection", "disabled"], nil
            ),
            (.remove("tools"), ["tools"], nil),
            (.remove("outputAudioTranscription"), ["outputAudioTranscription"], nil),
            (.setHandle("h/\u{1F600}\"\\"), ["sessionResumption", "handle"], "h/\u{1F600}\"\\"),
            (.setModel("models/x"), ["model"], "models/x"),
            (.setInitialHistory(true), ["historyConfig", "initialHistoryInClientContent"], true),
        ]
        for message in Fixtures.captured {
            guard try ClientMessage.scan(message.bytes.span).members == .setup else { continue }
            for (edit, path, value) in edits {
                let result = try Setup.edit(message.bytes.span, [edit])
                let before = try #require(Rewritten.json(message.bytes) as? [String: Any])
                let after = try #require(Rewritten.json(result.bytes) as? NSDictionary)
                let wanted = Self.set(before, ["setup"] + path, value)
                #expect(after == wanted as NSDictionary, "\(message.origin) \(path)")
                // Equal from both ends, with one changed stretch between.
                let head = zip(message.bytes, result.bytes).prefix { $0 == $1 }.count
                let tail = zip(message.bytes.reversed(), result.bytes.reversed()).prefix {
                    $0 == $1
                }
                .count
                let changed = max(message.bytes.count, result.bytes.count) - head - tail
                let field = try JSONSerialization.data(
                    withJSONObject: [value ?? 0] + path, options: []
                ).count
                let old = message.bytes.count - head - tail
                #expect(value == nil || changed <= field + max(old, 0) + 16, "\(message.origin)")
                #expect(result.touched.count <= 1)
            }
        }
    }

    private static func set(_ object: [String: Any], _ path: [String], _ value: Any?)
        -> [String: Any]
    {
        var object = object
        let snake = Rewritten.snakeCased(path[0])
        let key = object[snake] != nil ? snake : path[0]
        if path.count == 1 {
            object[key] = value
        } else if let inner = object[key] as? [String: Any] {
            object[key] = set(inner, Array(path.dropFirst()), value)
        } else if value != nil {
            object[key] = set([:], Array(path.dropFirst()), value)
        }
        return object
    }
}
