import Basics
import Testing
import Wire

@Suite("Client messages")
struct ClientScanTests {
    @Test("one member in two spellings, or twice in one, is ambiguous at every level")
    func ambiguous() throws {
        for text in [
            #"{"realtimeInput":{},"realtime_input":{}}"#,
            #"{"realtimeInput":{},"realtimeInput":{}}"#,
            #"{"realtimeInput":{"activityStart":{},"activity_start":{}}}"#,
            #"{"realtimeInput":{"audio":{"mimeType":"audio/pcm","mime_type":"audio/pcm"}}}"#,
            #"{"realtimeInput":{"mediaChunks":[{"data":"","data":""}]}}"#,
            #"{"clientContent":{"turnComplete":true,"turn_complete":null}}"#,
            #"{"toolResponse":{"functionResponses":[],"function_responses":[]}}"#,
        ] {
            #expect(try client(text).members.contains(.ambiguous), "\(text)")
        }
        let unknownTwice = try client(#"{"realtimeInput":{"x":1,"x":2}}"#)
        #expect(unknownTwice.members == .realtimeInput)
    }

    @Test("only the two spellings of proto3 JSON are known")
    func spellings() throws {
        for name in ["RealtimeInput", "realtime-input", "realtimeinput", "realtime_Input", ""] {
            #expect(try client("{\"\(name)\":{}}").members == .unknown)
        }
        let mixed = try client(#"{"realtime_input":{"audioStreamEnd":true,"activity_end":{}}}"#)
        #expect(mixed.input == [.audioStreamEnd, .activityEnd])
    }

    @Test("escapes in keys are understood")
    func escapedKeys() throws {
        let message = try client(
            #"{"re\u0061ltimeInput":{"\u0061udio":{"d\u0061ta":"AAAA","mime\u005Ftype":"audio\/pcm;rate=8000"}}}"#
        )
        #expect(message.members == .realtimeInput)
        #expect(message.input == .audio)
        #expect(message.audioBytes == 3 && message.audioRate == 8_000)
        #expect(try client(#"{"s\u00e9tup":{}}"#).members == .unknown)
        #expect(try client(#"{"\u0073etup":{},"setup":{}}"#).members == [.setup, .ambiguous])
    }

    @Test("null is absent, and so is a stream end that is false")
    func absent() throws {
        #expect(try client(#"{"realtimeInput":null}"#).members == [])
        let message = try client(
            #"{"realtimeInput":{"activityStart":null,"audio":null,"text":null,"audioStreamEnd":false,"mediaChunks":[],"video":null}}"#
        )
        #expect(message.members == .realtimeInput)
        #expect(message.input == [])
        let content = try client(#"{"clientContent":{"turnComplete":null,"turns":null}}"#)
        #expect(!content.turnComplete && content.count == 0)
    }

    @Test("a known name with a value of the wrong type counts as unknown")
    func mistyped() throws {
        #expect(try client(#"{"realtimeInput":5}"#).members == .unknown)
        #expect(try client(#"{"setup":"x"}"#).members == .unknown)
        #expect(try client(#"{"realtimeInput":{"audio":"AAAA"}}"#).input == .unknown)
        #expect(try client(#"{"realtimeInput":{"activityStart":true}}"#).input == .unknown)
        #expect(try client(#"{"realtimeInput":{"text":1}}"#).input == .unknown)
    }

    @Test("several parts of one input are all found")
    func combined() throws {
        let message = try client(
            #"{"realtimeInput":{"activityEnd":{},"audio":{"data":"AAECAw==","mimeType":"audio/pcm;rate=24000"},"text":"so","activityStart":{},"video":{"data":"","mimeType":"image/png"},"new":[1]}}"#
        )
        #expect(
            message.input == [.activityStart, .activityEnd, .audio, .text, .video, .unknown])
        #expect(message.audioBytes == 4 && message.audioRate == 24_000)
        #expect(message.audioDuration == Interval(nanoseconds: 83_333))
    }

    @Test("only the first of the deprecated chunks counts")
    func chunks() throws {
        let message = try client(
            #"{"realtime_input":{"media_chunks":[{"data":"AAAA","mime_type":"image/jpeg"},{"data":"AAAA","mime_type":"audio/pcm"}]}}"#
        )
        #expect(message.input == [.mediaChunks, .video] && message.audioBytes == 0)
        let lone = try client(
            #"{"realtimeInput":{"mediaChunks":{"data":"AAAA","mimeType":"AUDIO/PCM; rate=44100"}}}"#
        )
        #expect(lone.input == [.mediaChunks, .audio] && lone.audioRate == 44_100)
    }

    @Test(
        "sizes are right for either alphabet, padding or none, and escaped slashes",
        arguments: [
            ("", 0), ("AA==", 1), ("AA", 1), ("AAA=", 2), ("AAA", 2), ("AAAA", 3), ("-_-_", 3),
            ("+/+/AA", 4), (#"+\/+\/"#, 3), (#"AA\u003d\u003D"#, 1), ("=", 0), ("==", 0),
        ])
    func sizes(_ data: String, _ count: Int32) throws {
        let message = try client(
            #"{"realtimeInput":{"audio":{"data":"\#(data)","mimeType":"audio/pcm"}}}"#)
        #expect(message.audioBytes == count && message.audioRate == 16_000)
    }

    @Test(
        "the rate is read from any media type, and nonsense is the default",
        arguments: [
            ("audio/pcm;rate=16000", 16_000), ("audio/pcm;rate=48000", 48_000),
            ("audio/pcm;rate=8000", 8_000), ("audio/pcm; rate=24000", 24_000),
            ("audio/L16;channels=1;rate=22050", 22_050), ("audio/pcm;rate=", 16_000),
            ("audio/pcm;rate=99999999999999999999", 16_000), ("audio/pcm;rate=-1", 16_000),
            ("audio/pcm", 16_000), ("", 16_000), ("audio/pcm;rate=\\\"11025\\\"", 11_025),
        ])
    func rates(_ type: String, _ rate: Int32) throws {
        for member in ["audio", "video"] {
            let message = try client(
                #"{"realtimeInput":{"\#(member)":{"mimeType":"\#(type)","data":"AAAA"}}}"#)
            #expect(message.audioRate == (member == "audio" ? rate : 16_000))
        }
    }

    @Test("the value is everything from the member's opening to its closing brace")
    func value() throws {
        let text = #" { "setup" : {"model":"m"} , "later": 1 }"#
        let message = try client(text)
        #expect(message.members == [.setup, .unknown])
        #expect(
            String(decoding: Array(text.utf8)[message.value.range], as: UTF8.self)
                == #"{"model":"m"}"#)
    }

    @Test("a string of every length ends where it ends")
    func lengths() throws {
        for length in 0..<300 {
            for tail in ["\"}}", "\"}} ", "\"}}                                        "] {
                let plain = String(repeating: "A", count: length)
                let message = try client("{\"realtimeInput\":{\"text\":\"" + plain + tail)
                #expect(message.text.count == length)
                let blank = String(repeating: " !", count: length / 2)
                #expect(
                    try client("{\"realtimeInput\":{\"text\":\"" + blank + tail).text.count
                        == length / 2 * 2)
            }
        }
    }

    @Test("the fast path for audio agrees with the parser")
    func usualAudio() {
        let shapes = [
            (
                #"{"realtime_input": {"audio": {"data": ""#,
                #"", "mime_type": "audio/pcm;rate=16000"}}}"#
            ),
            (
                #"{"realtimeInput":{"audio":{"data":""#,
                #"","mimeType":"audio/pcm;rate=16000"}}}"#
            ),
            (#"{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":""#, #""}}}"#),
        ]
        var tails = ["", "=", "==", #"\u003d"#, #"\/"#, "\n", "\"", "\"}", #"\"#, " ", "\u{e9}"]
        tails += [#"","data":""#, #"","data":"A"#, #""}},"setup":{"a":{"b":""#]
        for (head, tail) in shapes {
            for length in Array(0..<40) + [127, 128, 129, 854, 1228] {
                for extra in tails {
                    let text = head + String(repeating: "A", count: length) + extra + tail
                    // A blank at the end is legal, and not usual.
                    let usual = scanClient(Array(text.utf8))
                    let inside = String(repeating: "A", count: length / 2) + extra
                    let split = head + inside + String(repeating: "A", count: length) + tail
                    #expect(
                        (try? scanClient(Array(split.utf8)).get())
                            == (try? scanClient(Array((split + " ").utf8)).get()), "\(split)")
                    let long = scanClient(Array((text + " ").utf8))
                    #expect((try? usual.get()) == (try? long.get()), "\(text)")
                    let leading = scanClient(Array((" " + text).utf8))
                    #expect((try? usual.get().audioBytes) == (try? leading.get().audioBytes))
                }
            }
        }
    }
}
