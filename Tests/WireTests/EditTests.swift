import Basics
import Testing
import Wire

private func server(_ text: String, _ edits: ServerEdit...) -> String? {
    ServerMessage.edit(Array(text.utf8).span, edits).map { String(decoding: $0, as: UTF8.self) }
}

private func client(_ text: String, _ edits: ClientEdit...) -> String? {
    ClientMessage.edit(Array(text.utf8).span, edits).map { String(decoding: $0, as: UTF8.self) }
}

@Suite("Edits")
struct EditTests {
    @Test("named parts are removed with one comma, and everything else stays unchanged")
    func removed() {
        #expect(
            server(
                #"{"serverContent": {"interrupted": true, "x" : 1}, "usageMetadata": {}}"#,
                .removeContent(.interrupted))
                == #"{"serverContent": {"x" : 1}, "usageMetadata": {}}"#)
        #expect(
            server(
                #"{ "server_content":{"a":1 , "generation_complete":true,"turnComplete":true} }"#,
                .removeContent([.turnComplete, .generationComplete]))
                == #"{ "server_content":{"a":1} }"#)
        #expect(
            server(
                #"{"serverContent":{"turnComplete":true,"a":1,"interrupted":true,"b":2,"turnCompleteReason":"X"}}"#,
                .removeContent([.turnComplete, .interrupted]))
                == #"{"serverContent":{"a":1,"b":2}}"#
        )
        #expect(
            server(#"{"goAway":{"timeLeft":"1s"},"setupComplete":{}}"#, .remove(.goAway))
                == #"{"setupComplete":{}}"#)
    }

    @Test(
        "a message that has nothing but its frame left is nothing",
        arguments: [
            #"{"serverContent":{"interrupted":true}}"#,
            #" {"server_content" : { "interr\u0075pted":true , "turn_complete" : true } } "#,
            #"{"serverContent":{"modelTurn":{"role":"model","parts":[{"inlineData":{"mimeType":"audio/pcm","data":"AAAA"}},{"text":"a","thoughtSignature":"s"}]}}}"#,
            #"{"serverContent":{"modelTurn":{"parts":{"text":"a"}}}}"#,
            #"{"serverContent":{"interactionStatus":"IDLE"},"interactionStatus":"IDLE"}"#,
        ])
    func frame(_ text: String) {
        #expect(
            server(text, .removeContent([.interrupted, .turnComplete, .audio, .text, .idle])) == nil
        )
    }

    @Test("objects that were already empty are not removed")
    func emptyStays() {
        for text in [
            "{}", #"{"serverContent":{}}"#, #"{"usageMetadata":{}}"#,
            #"{"serverContent":{"modelTurn":{"role":"model","parts":[]}}}"#,
            #"{"toolCall":{"functionCalls":[]}}"#,
        ] {
            #expect(
                server(text, .removeContent([.interrupted, .audio]), .calls([.drop])) == text)
        }
    }

    @Test("only the intended parts of a turn, and fields of a part, are removed")
    func parts() {
        let audio = #"{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"AAAA"}}"#
        let text = #"{"serverContent":{"modelTurn":{"parts":[\#(audio),{"text":"a"}],"role":"m"}}}"#
        #expect(
            server(text, .removeContent(.audio))
                == #"{"serverContent":{"modelTurn":{"parts":[{"text":"a"}],"role":"m"}}}"#)
        #expect(
            server(text, .removeContent(.text))
                == #"{"serverContent":{"modelTurn":{"parts":[\#(audio)],"role":"m"}}}"#)
        #expect(server(text, .removeContent(.output)) == nil)
        let mixed = #"{"serverContent":{"modelTurn":{"x":1,"parts":[{"y":2,"text":"a"}]}}}"#
        #expect(
            server(mixed, .removeContent(.text))
                == #"{"serverContent":{"modelTurn":{"x":1,"parts":[{"y":2}]}}}"#)
        #expect(
            server(mixed, .removeContent([.text, .otherPart]))
                == #"{"serverContent":{"modelTurn":{"x":1}}}"#)
        #expect(server(mixed, .removeContent(.modelTurn)) == nil)
        #expect(
            server(
                #"{"serverContent":{"modelTurn":{"parts":[{"text":"a","thought":true}]},"x":1}}"#,
                .removeContent(.text))
                == #"{"serverContent":{"modelTurn":{"parts":[{"text":"a","thought":true}]},"x":1}}"#
        )
    }

    @Test("a message is split into a held and a sent part")
    func split() {
        let text =
            #"{"usageMetadata":{"a":1},"serverContent":{"turnComplete":true,"turnCompleteReason":"X","outputTranscription":{"text":"b"},"y":2}}"#
        let parts = ServerMessage.split(
            Array(text.utf8).span, [.turnComplete, .generationComplete])
        #expect(
            parts.named.map { String(decoding: $0, as: UTF8.self) }
                == #"{"serverContent":{"turnComplete":true,"turnCompleteReason":"X"}}"#)
        #expect(
            parts.rest.map { String(decoding: $0, as: UTF8.self) }
                == #"{"usageMetadata":{"a":1},"serverContent":{"outputTranscription":{"text":"b"},"y":2}}"#
        )
        let none = ServerMessage.split(Array(#"{"goAway":{}}"#.utf8).span, .turnComplete)
        #expect(none.named == nil && none.rest == Array(#"{"goAway":{}}"#.utf8))
        let all = ServerMessage.split(Array(Compose.serverTurnComplete).span, .turnComplete)
        #expect(all.named == Compose.serverTurnComplete && all.rest == nil)
    }

    @Test("handles and indices are replaced in place, in their original form")
    func resumption() {
        #expect(
            server(
                #"{"session_resumption_update":{"new_handle":"a","x":1,"lastConsumedClientMessageIndex":"7"},"y":2}"#,
                .handle("b\""), .lastConsumed(9))
                == #"{"session_resumption_update":{"new_handle":"b\"","x":1,"lastConsumedClientMessageIndex":"9"},"y":2}"#
        )
        #expect(
            server(
                #"{"sessionResumptionUpdate":{"lastConsumedClientMessageIndex": 7}}"#,
                .handle("b"), .lastConsumed(9))
                == #"{"sessionResumptionUpdate":{"lastConsumedClientMessageIndex": 9}}"#)
    }

    @Test("calls are dropped and renamed by position, with all their fields")
    func calls() {
        let text =
            #"{"toolCall":{"functionCalls":[{"id":"1","args":{}, "z":0},{"name":"b","id":"2"}],"x":1},"usageMetadata":{}}"#
        #expect(
            server(text, .calls([.drop]))
                == #"{"toolCall":{"functionCalls":[{"name":"b","id":"2"}],"x":1},"usageMetadata":{}}"#
        )
        #expect(
            server(text, .calls([.drop, .drop]))
                == #"{"toolCall":{"x":1},"usageMetadata":{}}"#)
        #expect(
            server(text, .calls([.ids(["9"]), .ids([])]))
                == #"{"toolCall":{"functionCalls":[{"id":"9","args":{}, "z":0}],"x":1},"usageMetadata":{}}"#
        )
        #expect(
            server(
                #"{"toolCallCancellation":{"ids":["1","2","3"]}}"#,
                .cancelled([.ids(["8", "9"]), .keep, .drop]))
                == #"{"toolCallCancellation":{"ids":["8","9","2"]}}"#)
        #expect(
            server(#"{"toolCallCancellation":{"ids":["1"]}}"#, .cancelled([.drop])) == nil)
    }

    @Test("a list that loses all its elements stays, empty, beside other fields")
    func emptied() {
        #expect(
            server(
                #"{"toolCall":{"functionCalls":[{"id":"1"},{"id":"2"}],"x":1}}"#, .noCalls)
                == #"{"toolCall":{"functionCalls":[],"x":1}}"#)
        #expect(
            server(#"{"toolCall":{"functionCalls":[{"id":"1"}]},"usageMetadata":{}}"#, .noCalls)
                == #"{"usageMetadata":{}}"#)
        #expect(server(#"{"toolCall":{"functionCalls":{"id":"1"}}}"#, .noCalls) == nil)
        #expect(
            server(#"{"toolCallCancellation":{"y":2,"ids":["1"]}}"#, .noneCancelled)
                == #"{"toolCallCancellation":{"y":2,"ids":[]}}"#)
    }

    @Test("results are given under other ids, several if need be, with all their fields")
    func answers() {
        let picture = #"{"inlineData":{"mimeType":"image/png","data":"AAAA"}}"#
        let text =
            #"{"tool_response": {"function_responses": [{"id": "1", "name": "a", "response": {"b": 1}, "parts": [\#(picture)], "will_continue": true}, {"id":"2"}]}}"#
        #expect(
            client(text, .answers([.ids(["7", "8"]), .drop]))
                == #"{"tool_response": {"function_responses": [{"id": "7", "name": "a", "response": {"b": 1}, "parts": [\#(picture)], "will_continue": true},{"id": "8", "name": "a", "response": {"b": 1}, "parts": [\#(picture)], "will_continue": true}]}}"#
        )
        #expect(client(text, .answers([.drop, .drop])) == nil)
        #expect(client(text, .answers([.ids(["1"]), .ids(["\u{32}"])])) == text)
        #expect(
            client(
                #"{"toolResponse":{"functionResponses":{"name":"a"}},"x":1}"#,
                .answers([.ids(["7", "8"])]))
                == #"{"toolResponse":{"functionResponses":[{"id":"7","name":"a"},{"id":"8","name":"a"}]},"x":1}"#
        )
        #expect(
            client(
                #"{"toolResponse":{"functionResponses":[{"id":"1","name":"a"},{}]},"x":1}"#,
                .answers([.ids([""]), .ids(["2"])]))
                == #"{"toolResponse":{"functionResponses":[{"name":"a"},{"id":"2"}]},"x":1}"#)
        #expect(
            client(
                #"{"toolResponse":{"functionResponses":{"name":"a"}},"x":1}"#, .answers([.drop]))
                == #"{"x":1}"#)
    }

    @Test("a boundary can be removed from its message")
    func input() {
        #expect(
            client(
                #"{"realtimeInput":{"activityStart":{},"x":1},"y":2}"#,
                .removeInput([.activityStart, .activityEnd]))
                == #"{"realtimeInput":{"x":1},"y":2}"#)
        #expect(
            client(#"{"realtime_input":{"activity_end":{}}}"#, .removeInput(.activityEnd)) == nil)
        #expect(
            client(#"{"realtimeInput":{"text":"a"},"setup":{}}"#, .remove([.realtimeInput]))
                == #"{"setup":{}}"#)
    }

    @Test("the sound of a message can be had without what rides along")
    func sound() {
        #expect(
            client(
                #"{"y":2,"realtimeInput":{"x":1,"audio":{"data":"AA=="},"video":{}},"setup":{}}"#,
                .keepInput([.audio, .mediaChunks]))
                == #"{"realtimeInput":{"audio":{"data":"AA=="}}}"#)
        #expect(
            client(
                #"{"realtime_input":{"media_chunks":[{"data":"AA=="}],"text":"a"}}"#,
                .keepInput([.audio, .mediaChunks]))
                == #"{"realtime_input":{"media_chunks":[{"data":"AA=="}]}}"#)
        #expect(client(#"{"realtimeInput":{"text":"a"},"x":1}"#, .keepInput(.audio)) == nil)
    }

    @Test("a picture can be removed from what it rides along with")
    func pictures() {
        #expect(
            client(
                #"{"realtimeInput":{"video":{"data":"AA=="},"x":1,"text":"a"},"y":2}"#,
                .removePictures) == #"{"realtimeInput":{"x":1,"text":"a"},"y":2}"#)
        let (sound, picture) = (
            #"{"mimeType":"audio/pcm","data":"AA=="}"#, #"{"mimeType":"image/png","data":"AA=="}"#
        )
        for chunks in [
            "\(sound),\(picture)", "\(picture),\(sound)", "\(picture),\(sound),\(picture)",
        ] {
            #expect(
                client(#"{"realtimeInput":{"mediaChunks":[\#(chunks)]}}"#, .removePictures)
                    == #"{"realtimeInput":{"mediaChunks":[\#(sound)]}}"#)
        }
        for chunks in ["[\(picture)]", "[\(picture),\(picture)]", picture] {
            #expect(
                client(#"{"realtime_input":{"media_chunks":\#(chunks)}}"#, .removePictures) == nil)
        }
        let whole = #"{"realtimeInput":{"mediaChunks":[\#(sound),1,null],"audio":{}}}"#
        #expect(client(whole, .removePictures) == whole)
    }

    @Test("bytes that are not a message are returned unchanged")
    func noMessage() {
        for text in ["", "[]", "{", #"{"serverContent":{"interrupted":true}"#, "{} x", "{\"a\"}"] {
            #expect(server(text, .removeContent(.interrupted)) == text)
            #expect(client(text, .removeInput(.activityEnd)) == text)
        }
    }
}

@Suite("Messages taken apart")
struct SplitTests {
    private func split(_ text: String, endsFirst: Bool = false) -> [String] {
        ClientMessage.split(Array(text.utf8).span, endsFirst: endsFirst).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test("boundaries outside, input in between, other fields once")
    func combined() {
        let text =
            #"{"realtimeInput": {"activityEnd": {}, "x": 1, "audio": {"data": ""}, "text": "a", "activityStart": {"q":1}}, "y": 2}"#
        #expect(
            split(text) == [
                #"{"realtimeInput": {"x": 1, "activityStart": {"q":1}}, "y": 2}"#,
                #"{"realtimeInput": {"audio": {"data": ""}}}"#,
                #"{"realtimeInput": {"text": "a"}}"#, #"{"realtimeInput": {"activityEnd": {}}}"#,
            ])
        #expect(
            split(text, endsFirst: true) == [
                #"{"realtimeInput": {"x": 1, "audio": {"data": ""}}, "y": 2}"#,
                #"{"realtimeInput": {"text": "a"}}"#, #"{"realtimeInput": {"activityEnd": {}}}"#,
                #"{"realtimeInput": {"activityStart": {"q":1}}}"#,
            ])
        let start = #"{"realtimeInput":{"audio":{},"activity_start":{}}}"#
        #expect(
            split(start, endsFirst: true) == [
                #"{"realtimeInput":{"activity_start":{}}}"#, #"{"realtimeInput":{"audio":{}}}"#,
            ])
    }

    @Test("without anything between them, an end next to a start comes first")
    func bareBoundaries() {
        let text = #"{"realtimeInput":{"activityStart":{},"audioStreamEnd":true,"activityEnd":{}}}"#
        for isOpen in [false, true] {
            #expect(
                split(text, endsFirst: isOpen) == [
                    #"{"realtimeInput":{"audioStreamEnd":true}}"#,
                    #"{"realtimeInput":{"activityEnd":{}}}"#,
                    #"{"realtimeInput":{"activityStart":{}}}"#,
                ])
        }
    }

    @Test("members of the union become separate messages, a setup first")
    func union() {
        #expect(
            split(
                #"{"realtimeInput":{"z":1,"text":"a","audioStreamEnd":true},"setup":{"model":"m"},"x":1}"#
            ) == [
                #"{"setup":{"model":"m"},"x":1}"#, #"{"realtimeInput":{"z":1,"text":"a"}}"#,
                #"{"realtimeInput":{"audioStreamEnd":true}}"#,
            ])
        #expect(
            split(#"{"clientContent":{},"realtimeInput":{"z":1}}"#) == [
                #"{"clientContent":{}}"#, #"{"realtimeInput":{"z":1}}"#,
            ])
    }

    @Test("a message with one part, or with absent ones, stays whole")
    func whole() {
        for text in [
            "{}", "", "{", #"{"realtimeInput":{"audio":{},"activityEnd":null,"x":1},"y":2}"#,
            #"{"realtimeInput":{"audio":{},"audioStreamEnd":false}}"#, #"{"x":1,"y":2}"#,
            #"{"realtimeInput":{}}"#,
        ] { #expect(split(text) == [text]) }
    }
}

@Suite("Words as real-time input")
struct RealtimeTextTests {
    private func convert(_ text: String) -> (String, [String])? {
        ClientMessage.realtimeText(Array(text.utf8).span).map {
            (String(decoding: $0.bytes, as: UTF8.self), $0.dropped)
        }
    }

    @Test("a single text of the user's is sent as one, and the rest stays")
    func lone() throws {
        let plain = try #require(
            convert(
                #"{"x":1,"clientContent":{"turns":[{"role":"user","parts":[{"text":"a\n"},{"text":"b"}]}],"turnComplete":true}}"#
            ))
        #expect(plain.0 == #"{"x":1,"realtimeInput":{"text":"a\nb"}}"# && plain.1.isEmpty)
        let snake = try #require(
            convert(
                #"{"client_content": {"turn_complete": true, "turns": {"parts": {"text": "a", "y": 1}, "z": null}, "q": 2}}"#
            ))
        #expect(snake.0 == #"{"realtime_input": {"text":"a"}}"#)
        #expect(snake.1 == ["clientContent.turns.parts.y", "clientContent.q"])
    }

    @Test(
        "anything else is not",
        arguments: [
            "{}", "", #"{"realtimeInput":{"text":"a"}}"#,
            #"{"clientContent":{"turns":[{"parts":[{"text":"a"}]}]}}"#,
            #"{"clientContent":{"turns":[{"parts":[{"text":""}]}],"turnComplete":true}}"#,
            #"{"clientContent":{"turns":[{"parts":[]}],"turnComplete":true}}"#,
            #"{"clientContent":{"turns":[],"turnComplete":true}}"#,
            #"{"clientContent":{"turns":[{"role":"model","parts":[{"text":"a"}]}],"turnComplete":true}}"#,
            #"{"clientContent":{"turns":[{"parts":[{"text":"a"}]},{"parts":[{"text":"a"}]}],"turnComplete":true}}"#,
            #"{"clientContent":{"turns":[{"parts":[{"text":"a"},{"inlineData":{}}]}],"turnComplete":true}}"#,
            #"{"clientContent":{"turns":[{"parts":[{"fileData":{}}]}],"turnComplete":true}}"#,
            #"{"clientContent":{"turns":[{"parts":[{"text":"a"}]}],"turnComplete":true},"realtimeInput":{}}"#,
            #"{"clientContent":{"turns":[{"parts":[{"text":"a","text":"b"}]}],"turnComplete":true}}"#,
            #"{"clientContent":{"turns":[{"parts":[{"text":"a"}]}],"turnComplete":true},"client_content":{}}"#,
        ])
    func others(_ text: String) { #expect(convert(text) == nil) }
}
