import Basics
import SimulatedGemini
import Speech
import Testing
import Wire

@Suite struct VoiceTests {
    @Test("the recorded voice says every line and number, audibly")
    func recorded() throws {
        let voice = try #require(Voice.recorded)
        for phrase in Array(voice.lines.values) + voice.numbers + voice.user {
            var sound = Sound()
            sound.append(phrase.pcm)
            #expect(sound.voicedSamples * 4 > sound.samples, "\(phrase.text)")
            #expect(phrase.pcm.count > 8000, "\(phrase.text)")
        }
        #expect(voice.user.count == 6)
    }

    @Test("a recorded question is understood and answered in speech")
    func question() throws {
        let voice = try #require(Voice.recorded)
        let question = try #require(voice.user.first { $0.text.contains("capital") })
        let caller = Caller(SimulatedService(seed: 1, voice: voice))
        caller.setUp(
            "gemini-3.8-live", #""inputAudioTranscription":{},"outputAudioTranscription":{}"#)
        let silence = [UInt8](repeating: 0, count: 640)
        for lower in stride(from: 0, to: question.pcm.count, by: 640) {
            caller.sound(Array(question.pcm[lower..<min(lower + 640, question.pcm.count)]))
            caller.wait(.milliseconds(20))
        }
        for _ in 0..<300 {
            caller.sound(silence)
            caller.wait(.milliseconds(20))
        }
        let heard = caller.messages.compactMap {
            ($0.content["inputTranscription"] as? [String: Any])?["text"] as? String
        }
        #expect(heard == ["What is the capital of France?"])
        #expect(caller.replies == [" The capital of France is Paris."])
        #expect(caller.heard.turns.first?.replyBytes ?? 0 > 48_000)
        #expect(caller.outcomes == [.answered])
    }

    @Test("every recorded question is understood, also those that begin alike", arguments: 0..<6)
    func questions(_ number: Int) throws {
        let voice = try #require(Voice.recorded)
        let caller = Caller(SimulatedService(seed: 1, voice: voice))
        caller.setUp(
            "gemini-3.8-live",
            #""inputAudioTranscription":{},"realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}"#
        )
        caller.start()
        // Silence before and after is nothing that was said.
        let silence = [UInt8](repeating: 0, count: 9600)
        for piece in [silence, voice.user[number].pcm, silence, silence] {
            caller.sound(piece)
            caller.wait(.milliseconds(Int64(piece.count / 32)))
        }
        caller.end()
        caller.wait(.seconds(8))
        let heard = caller.messages.compactMap {
            ($0.content["inputTranscription"] as? [String: Any])?["text"] as? String
        }
        #expect(heard == [voice.user[number].text])
    }

    @Test("damaged archives are refused")
    func damaged() {
        for bytes in [
            [], Array("TKSP".utf8), Array("TKSP\u{4}line".utf8), [UInt8](repeating: 7, count: 99),
        ] {
            #expect(Voice(archive: bytes.span) == nil)
        }
    }
}
