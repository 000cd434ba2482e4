import Basics
import Testing
import Wire

@Suite("Server messages")
struct ServerScanTests {
    @Test("an interruption may end the turn in the same message")
    func interrupted() throws {
        let message = try server(
            #"{"serverContent":{"interrupted":true,"turnComplete":true,"generationComplete":false}}"#
        )
        #expect(message.content == [.interrupted, .turnComplete])
    }

    @Test("usage accompanies any member or comes alone")
    func usage() throws {
        let beside = #"{"toolCall":{"functionCalls":[]},"usageMetadata":{"totalTokenCount":3}}"#
        let message = try server(beside)
        #expect(message.members == [.toolCall, .usageMetadata])
        #expect(Usage.read(Array(beside.utf8).span, message.usage).total == 3)
        #expect(try server(#"{"usage_metadata":{}}"#).members == .usageMetadata)
    }

    @Test("two members of the union, and a call with its cancellation, are all found")
    func twoMembers() throws {
        let message = try server(
            #"{"toolCallCancellation":{"ids":["a"]},"toolCall":{"functionCalls":[]},"goAway":{"timeLeft":"9.5s"},"serverContent":{}}"#
        )
        #expect(
            message.members == [.toolCall, .toolCallCancellation, .goAway, .serverContent])
        #expect(!message.tool.isEmpty && !message.cancellation.isEmpty)
        #expect(message.timeLeft == .milliseconds(9_500))
    }

    @Test("a thought is a thought whether the flag comes before or after the text")
    func thoughts() throws {
        for part in [
            #"{"text":"hm","thought":true}"#, #"{"thought":true,"text":"hm"}"#,
        ] {
            let message = try server(#"{"serverContent":{"modelTurn":{"parts":[\#(part)]}}}"#)
            #expect(message.content == [.modelTurn, .thought])
        }
    }

    @Test("each part of a turn counts for itself")
    func parts() throws {
        let message = try server(
            #"{"serverContent":{"modelTurn":{"parts":[{"text":"a"},{"text":"b","thought":true},{"thoughtSignature":"x","text":""},{"inlineData":{"data":"AAAA","mimeType":"audio/pcm;rate=24000"}},{"inline_data":{"mime_type":"audio/pcm","data":"AAAAAAAA"}},{"executableCode":{}}]}}}"#
        )
        #expect(message.content == [.modelTurn, .text, .thought, .audio, .otherPart])
        #expect(message.audioBytes == 9 && message.audioRate == 24_000)
        let silent = try server(
            #"{"serverContent":{"modelTurn":{"parts":[{"text":"","thoughtSignature":"x"}]}}}"#)
        #expect(silent.content == .modelTurn)
        let picture = try server(
            #"{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"video/mp4","data":"AAAA"}}]}}}"#
        )
        #expect(picture.content == [.modelTurn, .otherPart] && picture.audioBytes == 0)
    }

    @Test("the interaction status is read in both places")
    func status() throws {
        #expect(
            try server(#"{"toolCall":{},"interactionStatus":"IN_PROGRESS"}"#).content == .inProgress
        )
        #expect(
            try server(#"{"interactionStatus":"IDLE"}"#).members == .interactionStatus)
        #expect(
            try server(#"{"serverContent":{"interaction_status":"REQUIRES_ACTION"}}"#).content
                == .idle)
        #expect(try server(#"{"serverContent":{"interactionStatus":"NEW"}}"#).content == .unknown)
    }

    @Test(
        "64-bit numbers come as strings or as numbers",
        arguments: [
            ("\"1287\"", 1287), ("1287", 1287), ("\"9223372036854775807\"", .max), ("0", 0),
            ("\"\"", -1), ("\"x\"", -1), ("null", -1), ("9223372036854775808", -1), ("12.0", 12),
            ("1.5", -1), ("[]", -1), ("123456789012345678", 123_456_789_012_345_678),
            ("1234567890123456789", 1_234_567_890_123_456_789), ("12e1", -1), ("12E1", -1),
            ("-12", -12),
        ] as [(String, Int64)])
    func integers(_ text: String, _ value: Int64) throws {
        let message = try server(
            #"{"sessionResumptionUpdate":{"lastConsumedClientMessageIndex":\#(text)}}"#)
        #expect(message.lastConsumed == value)
        let snake = try server(
            #"{"session_resumption_update":{"last_consumed_client_message_index":\#(text)}}"#)
        #expect(snake.lastConsumed == value)
    }

    @Test(
        "durations have up to nine decimals",
        arguments: [
            ("50s", 50_000_000_000), ("0s", 0), ("0.440s", 440_000_000), ("9.5s", 9_500_000_000),
            ("1.000000001s", 1_000_000_001), ("1.0000000001s", 0), ("s", 0), ("", 0), ("5", 0),
            ("-5s", 0), (".5s", 0), ("5.s", 5_000_000_000), ("9e9s", 0), ("1 s", 0),
            ("9999999999999999999999s", 0), ("9223372037s", 0), ("315576000000s", 0),
        ] as [(String, Int64)])
    func durations(_ text: String, _ nanoseconds: Int64) throws {
        let message = try server(#"{"goAway":{"timeLeft":"\#(text)"}}"#)
        #expect(message.timeLeft.nanoseconds == nanoseconds)
    }

    @Test("an empty update is an update that allows no resumption")
    func resumption() throws {
        let message = try server(
            #"{"sessionResumptionUpdate":{"newHandle":"","resumable":false}}"#)
        #expect(message.members == .sessionResumptionUpdate)
        #expect(message.handle.isEmpty && !message.resumable)
    }

    @Test("voice activity comes with empty content")
    func voiceActivity() throws {
        let text =
            #"{"serverContent":{},"voiceActivity":{"type":"ACTIVITY_END","audioOffset":"1.5s"}}"#
        #expect(try server(text).members == [.serverContent, .voiceActivity])
        let activityOrNil = VoiceActivity.read(Array(text.utf8).span)
        let activity = try #require(activityOrNil)
        #expect(activity.kind == .end && activity.offset == .milliseconds(1_500))
        #expect(VoiceActivity.read(Array("{}".utf8).span) == nil)
        #expect(VoiceActivity.read(Array("x".utf8).span) == nil)
    }

    @Test("new fields are noticed at top level and in the content")
    func unknown() throws {
        #expect(try server(#"{"mood":1}"#).members == .unknown)
        #expect(try server(#"{"error":{"code":400}}"#).members == .error)
        #expect(
            try server(#"{"serverContent":{"mood":1,"speechState":"SPEECH"}}"#).content == .unknown)
        #expect(
            try server(#"{"serverContent":{"turnComplete":true,"turn_complete":true}}"#)
                .members.contains(.ambiguous))
        #expect(try server("{}").members == [])
    }

    @Test("the fast path for speech agrees with the parser")
    func usualSpeech() throws {
        let pretty = try #require(Fixtures.samples["server-audio-chunk"])
        let text = String(decoding: pretty, as: UTF8.self)
        let start = try #require(text.range(of: "AAEC"))
        let end = try #require(text.range(of: "\"\n          }"))
        let before = String(text[..<start.lowerBound])
        let after = String(text[end.lowerBound...])
        let compact =
            #"{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":""#
        for (head, tail) in [(before, after), (before, after + "\n"), (compact, #""}}]}}}"#)] {
            for data in ["AAAA", "AA==", "AAA=", "A", "", #"AA\/A"#, "A\"", "A\u{1}"] {
                for extra in ["", ",", "}"] {
                    let usual = scanServer(Array((head + data + tail + extra).utf8))
                    // A blank at the end is legal, and not usual.
                    let long = scanServer(Array((head + data + tail + extra + "  ").utf8))
                    #expect((try? usual.get()) == (try? long.get()), "\(head)\(data)\(tail)")
                }
            }
        }
    }

    @Test("usage is distinguished by modality, escaped or not")
    func modalities() {
        let text =
            #"{"promptTokensDetails":[{"modality":"TEXT","tokenCount":1},{"modality":"AU\u0044IO","tokenCount":2},{"modality":"IMAGE","tokenCount":3},{"modality":"VIDEO","tokenCount":4},{"modality":"DOCUMENT","tokenCount":5},{"modality":"TEXTS","tokenCount":6},{"tokenCount":7},{"modality":"TEXT","tokenCount":8}]}"#
        let bytes = Array(text.utf8)
        let details = Usage.read(bytes.span, ByteRange(0, bytes.count)).promptDetails
        #expect(details.text == 9 && details.audio == 2 && details.image == 3)
        #expect(details.video == 4 && details.document == 5 && details.other == 13)
    }
}
