import Basics
import Foundation
import Testing
import Wire

@Suite("Composed messages")
struct ComposeTests {
    @Test("each signal is scanned correctly")
    func signals() throws {
        let inputs: [([UInt8], ClientMessage.Input)] = [
            (Compose.activityStart, .activityStart), (Compose.activityEnd, .activityEnd),
            (Compose.audioStreamEnd, .audioStreamEnd), (Compose.text("x"), .text),
        ]
        for (bytes, input) in inputs {
            let message = try scanClient(bytes).get()
            #expect(message.members == .realtimeInput && message.input == input)
        }
        let complete = try scanClient(Compose.turnComplete).get()
        #expect(complete.members == .clientContent && complete.turnComplete)
        #expect(complete.count == 0)
    }

    @Test("silence has the requested length and is all zeros")
    func silence() throws {
        for milliseconds: Int64 in [0, 1, 2, 3, 20, 100, 333, 1_000] {
            let bytes = Compose.silence(.milliseconds(milliseconds))
            let message = try scanClient(bytes).get()
            #expect(message.audioDuration == .milliseconds(milliseconds))
            let pcmOrNil = Base64.decode(bytes.span.extracting(message.audio.range))
            let pcm = try #require(pcmOrNil)
            #expect(pcm.count == Int(milliseconds) * 32 && pcm.allSatisfy { $0 == 0 })
        }
        let bounded = try scanClient(Compose.silence(.seconds(1_000_000))).get()
        #expect(bounded.audioDuration == .seconds(10))
        #expect(try scanClient(Compose.silence(.seconds(-1))).get().audioBytes == 0)
    }

    @Test("audio comes from samples or from another message's base64")
    func audio() throws {
        let pcm: [UInt8] = (0..<101).map { UInt8($0) }
        let first = Compose.audio(pcm: pcm.span, rate: 8_000)
        let found = try scanClient(first).get()
        #expect(found.audioBytes == 101 && found.audioRate == 8_000)
        let second = Compose.audio(base64: found.audio, of: first.span, rate: 8_000)
        #expect(second == first)
    }

    @Test("text of any kind survives")
    func text() throws {
        let hard = "\"\\/\u{0}\u{1F}\n\r\t\u{7F}é\u{2028}😀"
        let json = try #require(Rewritten.json(Compose.text(hard)) as? [String: [String: String]])
        #expect(json["realtimeInput"]?["text"] == hard)
        let bytes = Compose.text(hard)
        let message = try scanClient(bytes).get()
        #expect(JSONText.unescape(bytes.span, message.text) == hard)
    }

    @Test("content has roles, and the end of the turn if requested")
    func content() throws {
        let turns = [Compose.Turn(.user, "a\""), Compose.Turn(.model, "b")]
        for complete in [nil, false, true] as [Bool?] {
            let bytes = Compose.content(turns, turnComplete: complete)
            let message = try scanClient(bytes).get()
            #expect(message.count == 2 && message.turnComplete == (complete == true))
            let json = try #require(Rewritten.json(bytes) as? [String: [String: Any]])
            #expect(json["clientContent"]?["turnComplete"] as? Bool == complete)
            var reader = ContentReader(message.value, in: bytes.span)
            let turnOrNil = reader.nextTurn(in: bytes.span)
            let turn = try #require(turnOrNil)
            #expect(turn.role == .user && ContentReader.text(of: turn, in: bytes.span) == "a\"")
            #expect(reader.nextTurn(in: bytes.span)?.role == .model)
        }
        #expect(try scanClient(Compose.content([], turnComplete: true)).get().count == 0)
    }

    @Test("messages for the client look like the service's")
    func toClient() throws {
        #expect(try scanServer(Compose.setupComplete).get().members == .setupComplete)
        #expect(try scanServer(Compose.interrupted).get().content == .interrupted)
        #expect(
            try scanServer(Compose.generationComplete).get().content == .generationComplete)
        #expect(try scanServer(Compose.serverTurnComplete).get().content == .turnComplete)
        let update = Compose.resumptionUpdate(handle: "h\n")
        let found = try scanServer(update).get()
        #expect(found.resumable && JSONText.equals(update.span, found.handle, "h\n"))
        let bare = Compose.resumptionUpdate(handle: "h", resumable: false)
        #expect(try scanServer(bare).get().resumable == false)
        for milliseconds: Int64 in [0, 1, 440, 9_500, 50_000, 60_010] {
            let left = Interval.milliseconds(milliseconds)
            #expect(try scanServer(Compose.goAway(timeLeft: left)).get().timeLeft == left)
        }
        #expect(
            String(decoding: Compose.goAway(timeLeft: .seconds(50)), as: UTF8.self)
                == #"{"goAway":{"timeLeft":"50s"}}"#)
    }
}
