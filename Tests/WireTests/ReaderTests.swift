import Basics
import Testing
import Wire

@Suite("Readers")
struct ReaderTests {
    private func text(_ bytes: [UInt8], _ range: ByteRange) -> String {
        String(decoding: bytes[range.range], as: UTF8.self)
    }

    @Test("the calls of a message are read one by one")
    func calls() throws {
        let bytes = try #require(Fixtures.samples["server-tool-call"])
        let message = try ServerMessage.scan(bytes.span)
        var reader = ToolReader(calls: message.tool, in: bytes.span)
        let firstOrNil = reader.nextCall(in: bytes.span)
        let first = try #require(firstOrNil)
        #expect(text(bytes, first.id) == "function-call-8301747310982547061")
        #expect(text(bytes, first.name) == "find_room")
        #expect(text(bytes, first.args).contains("\"nights\": 2"))
        #expect(!first.willContinue)
        let secondOrNil = reader.nextCall(in: bytes.span)
        let second = try #require(secondOrNil)
        #expect(text(bytes, second.id) == "function-call-1170250411284467215")
        #expect(reader.nextCall(in: bytes.span) == nil)
        #expect(reader.nextCall(in: bytes.span) == nil)
    }

    @Test("answers come with their scheduling")
    func answers() throws {
        let bytes = try #require(Fixtures.samples["client-tool-response-non-blocking"])
        let message = try ClientMessage.scan(bytes.span)
        var reader = ToolReader(answers: message.value, in: bytes.span)
        let answerOrNil = reader.nextAnswer(in: bytes.span)
        let answer = try #require(answerOrNil)
        #expect(text(bytes, answer.name) == "search_flights")
        #expect(answer.willContinue && answer.scheduling == .silent)
        #expect(text(bytes, answer.response).hasPrefix("{"))
        #expect(reader.nextAnswer(in: bytes.span) == nil)
    }

    @Test(
        "the scheduling of an answer may be inside its response; beside it, it counts more",
        arguments: [
            (#""response":{"a":{"scheduling":"INTERRUPT"},"scheduling":"SILENT"}"#, .silent),
            (#""response":{"scheduling":"SILENT"},"scheduling":"WHEN_IDLE""#, .whenIdle),
            (#""response":{"a":{"scheduling":"SILENT"}}"#, .unspecified),
            (#""response":"scheduling""#, .unspecified),
            (#""response":{"scheduling":7}"#, .unspecified),
        ] as [(String, ToolAnswer.Scheduling)])
    func schedulingInside(_ fields: String, _ scheduling: ToolAnswer.Scheduling) throws {
        let json = #"{"toolResponse":{"functionResponses":[{"id":"1","name":"f",\#(fields)}]}}"#
        let bytes = Array(json.utf8)
        let message = try ClientMessage.scan(bytes.span)
        var reader = ToolReader(answers: message.value, in: bytes.span)
        let answerOrNil = reader.nextAnswer(in: bytes.span)
        let answer = try #require(answerOrNil)
        #expect(answer.scheduling == scheduling)
        #expect(reader.nextAnswer(in: bytes.span) == nil)
    }

    @Test("cancelled ids are read one by one")
    func cancelled() throws {
        let bytes = try #require(Fixtures.samples["server-tool-call-cancellation"])
        let message = try ServerMessage.scan(bytes.span)
        var reader = ToolReader(cancelled: message.cancellation, in: bytes.span)
        var ids: [String] = []
        while let id = reader.nextCancelled(in: bytes.span) { ids.append(text(bytes, id)) }
        #expect(
            ids == ["function-call-8301747310982547061", "function-call-1170250411284467215"])
    }

    @Test("each piece of a streamed call says whether more follows")
    func streamed() throws {
        let pieces = [
            (#"{"id":"1","name":"f","willContinue":true}"#, true),
            (
                #"{"id":"1","partialArgs":[{"jsonPath":"$.a","stringValue":"b"}],"will_continue":true}"#,
                true
            ),
            (#"{"id":"1","partialArgs":[]}"#, false), (#"{"id":"1","willContinue":false}"#, false),
        ]
        for (piece, isPartial) in pieces {
            let bytes = Array(#"{"toolCall":{"functionCalls":[\#(piece)]}}"#.utf8)
            let message = try ServerMessage.scan(bytes.span)
            var reader = ToolReader(calls: message.tool, in: bytes.span)
            let callOrNil = reader.nextCall(in: bytes.span)
            let call = try #require(callOrNil)
            #expect(text(bytes, call.id) == "1" && call.willContinue == isPartial)
            #expect(text(bytes, call.value) == piece)
        }
    }

    @Test("snake case, missing ids and a lone object are read too")
    func oddTools() {
        let bytes = Array(
            #"{"x":[],"function_calls":{"name":"f","args":null,"will_continue":true}}"#.utf8)
        var reader = ToolReader(calls: ByteRange(0, bytes.count), in: bytes.span)
        let call = reader.nextCall(in: bytes.span)
        #expect(call?.id == ByteRange.none && call?.args == ByteRange.none)
        #expect(call?.willContinue == true)
        #expect(reader.nextCall(in: bytes.span) == nil)
    }

    @Test("a reader given the wrong bytes ends and does no harm")
    func wrongBytes() {
        for text in ["", "{", "[1,2", #"{"ids":["a""#, #"{"functionCalls":[{"id":"#, "\u{0}"] {
            let bytes = Array(text.utf8)
            for range in [ByteRange.none, ByteRange(0, 1_000), ByteRange(900, 1_000)] {
                var calls = ToolReader(calls: range, in: bytes.span)
                #expect(calls.nextCall(in: bytes.span) == nil)
                var cancelled = ToolReader(cancelled: range, in: bytes.span)
                while cancelled.nextCancelled(in: bytes.span) != nil {}
                var turns = ContentReader(range, in: bytes.span)
                #expect(turns.nextTurn(in: bytes.span) == nil)
                #expect(Usage.read(bytes.span, range).total == -1)
            }
        }
    }

    @Test("usage is read in the Gemini API's names and in Vertex'")
    func usage() throws {
        let gemini = try #require(Fixtures.samples["server-turn-complete-usage-gemini"])
        let first = Usage.read(gemini.span, try ServerMessage.scan(gemini.span).usage)
        #expect(first.prompt == 522 && first.response == 42 && first.total == 564)
        #expect(first.thoughts == 136 && first.cached == -1 && first.toolUsePrompt == -1)
        #expect(first.promptDetails.text == 332 && first.promptDetails.audio == 165)
        #expect(first.promptDetails.video == -1 && first.responseDetails.audio == 42)
        let vertex = try #require(Fixtures.samples["server-turn-complete-usage-vertex"])
        let second = Usage.read(vertex.span, try ServerMessage.scan(vertex.span).usage)
        #expect(second.prompt == 413 && second.response == 22 && second.total == 435)
        #expect(second.responseDetails.audio == 22 && second.promptDetails.text == 161)
    }

    @Test("a scan reads the usage that a second look at the same bytes finds")
    func scannedUsage() throws {
        let odd = [
            #"{"usageMetadata":{"totalTokenCount":3},"usageMetadata":{"promptTokenCount":"4"}}"#,
            #"{"usageMetadata":{"totalTokenCount":3},"usageMetadata":null}"#,
            #"{"usageMetadata":{"x":[{"y":{}}],"promptTokensDetails":{"modality":"TEXT"}}}"#,
        ]
        var found = 0
        for bytes in Fixtures.samples.values + odd.map({ Array($0.utf8) }) {
            var usage = Usage()
            guard let message = try? ServerMessage.scan(bytes.span, usage: &usage),
                message.members.contains(.usageMetadata)
            else {
                #expect(usage == Usage())
                continue
            }
            #expect(usage == Usage.read(bytes.span, message.usage))
            found += 1
        }
        #expect(found > odd.count)
        for text in [#"{"usageMetadata":5}"#, #"{"usageMetadata":null}"#] {
            var usage = Usage()
            _ = try ServerMessage.scan(Array(text.utf8).span, usage: &usage)
            #expect(usage == Usage())
        }
    }

    @Test("what is wrong in a report of usage is blamed as anywhere else")
    func wrongUsage() {
        for value in ["1-", "1+", "01", "1.2.3", "1a", "-", #"[{"modality":1-}]"#, "{,}", "[5,]"] {
            func blame(_ name: String) -> Malformed? {
                let text = "{\"usageMetadata\":{\"\(name)\":\(value)}}"
                do throws(Malformed) {
                    _ = try ServerMessage.scan(Array(text.utf8).span)
                    return nil
                } catch {
                    return error
                }
            }
            for (known, unknown) in [
                ("promptTokensDetails", "unknownTokenDetails"),
                ("promptTokenCount", "unknownTokenNum."),
            ] {
                #expect(blame(known) == blame(unknown) && blame(known) != nil, "\(value)")
            }
        }
    }

    @Test("unusual counts are read safely")
    func oddUsage() {
        let bytes = Array(
            #"{"prompt_token_count":"7","totalTokenCount":-3,"thoughtsTokenCount":99999999999999,"cachedContentTokenCount":1.5,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":2},{"modality":"AUDIO","tokenCount":3},{"modality":"DOCUMENT"},{"modality":"SMELL","tokenCount":1},5]}"#
                .utf8)
        let usage = Usage.read(bytes.span, ByteRange(0, bytes.count))
        #expect(usage.prompt == 7 && usage.total == -1 && usage.thoughts == -1)
        #expect(usage.cached == -1 && usage.promptDetails.audio == 5)
        #expect(usage.promptDetails.document == 0 && usage.promptDetails.other == 1)
    }

    @Test("turns come with role and text")
    func content() throws {
        let bytes = try #require(Fixtures.samples["client-content-turn"])
        var reader = ContentReader(try ClientMessage.scan(bytes.span).value, in: bytes.span)
        var turns: [ContentTurn] = []
        while let turn = reader.nextTurn(in: bytes.span) { turns.append(turn) }
        #expect(turns.map(\.role) == [.user, .model, .user])
        #expect(text(bytes, turns[1].text) == "Paris.")
        #expect(turns.allSatisfy { $0.isTextOnly && $0.parts == 1 })
        let python = try #require(Fixtures.samples["client-content-python-sdk"])
        var second = ContentReader(try ClientMessage.scan(python.span).value, in: python.span)
        let turnOrNil = second.nextTurn(in: python.span)
        let turn = try #require(turnOrNil)
        #expect(turn.parts == 2 && !turn.isTextOnly && turn.role == .user)
        #expect(ContentReader.text(of: turn, in: python.span) == "What is on this picture?")
        #expect(ContentReader.text(of: turn, in: python.span, limit: 4) == "What")
    }

    @Test(
        "text is unescaped whatever it holds",
        arguments: [
            (#"a\n\t\"\\\/\b\f\r"#, "a\n\t\"\\/\u{8}\u{C}\r"), (#"\u00e9\u00E9"#, "éé"),
            (#"\ud83d\ude00"#, "😀"), (#"\ud83d"#, "\u{FFFD}"), (#"\ude00x"#, "\u{FFFD}x"),
            (#"\ud83d\u0041"#, "\u{FFFD}A"), (#"\ud83d\ud83d\ude00"#, "\u{FFFD}😀"),
            ("ü😀", "ü😀"), (#"\u12"#, "\u{FFFD}12"), (#"\"#, "\u{FFFD}"),
        ])
    func unescape(_ escaped: String, _ plain: String) {
        let bytes = Array(escaped.utf8)
        let range = ByteRange(0, bytes.count)
        #expect(JSONText.unescape(bytes.span, range) == plain)
        #expect(JSONText.equals(bytes.span, range, plain) == true)
        #expect(JSONText.equals(bytes.span, range, plain + "x") == false)
    }

    @Test("broken UTF-8 is replaced, and a limit cuts at a character")
    func lossy() {
        for bytes: [UInt8] in [
            [0xFF], [0xC3], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF0, 0x9F, 0x98],
        ] {
            let text = JSONText.unescape(bytes.span, ByteRange(0, bytes.count))
            #expect(text.unicodeScalars.allSatisfy { $0 == "\u{FFFD}" } && !text.isEmpty)
        }
        let bytes = Array("aü😀".utf8)
        for (limit, text) in [(0, ""), (1, "a"), (2, "a"), (3, "aü"), (6, "aü"), (7, "aü😀")] {
            #expect(
                JSONText.unescape(bytes.span, ByteRange(0, bytes.count), limit: limit) == text)
        }
    }
}
