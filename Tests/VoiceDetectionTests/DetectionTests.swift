import Basics
import Foundation
import Testing
import Wire

@testable import VoiceDetection

@Suite struct DetectionTests {
    @Test("no room noise is mistaken for speech", arguments: Noises.names)
    func noise(name: String) throws {
        let trial = try Trial(Array(Noises.make(name).prefix(96_000)), rate: 16_000)
        // A tone has a period as a voice has; it passes for one until the suppressor knows it.
        if !Noises.tones.contains(name) { #expect(trial.proofAfter == nil) }
        #expect(trial.voiced < 0.1)
    }

    @Test("recorded speech is recognised soon after its first sound")
    func speech() throws {
        let phrases = Speaker.recorded.phrases
        #expect(!phrases.isEmpty)
        for phrase in phrases {
            let trial = try Trial(phrase, rate: 16_000)
            // Words may begin without voice: "stop" is 200 ms old when its vowel comes.
            #expect(trial.proofAfter ?? .max <= 400)
            #expect(trial.voiced > 0.3)
        }
    }

    @Test(
        "speech is speech at every rate a microphone has",
        arguments: [8_000, 24_000, 44_100, 48_000])
    func rates(rate: Int) throws {
        let phrase = try #require(Speaker.recorded.phrases.first)
        let resampled = (0..<phrase.count * rate / 16_000).map { phrase[$0 * 16_000 / rate] }
        let trial = try Trial(resampled, rate: rate)
        #expect(trial.proofAfter ?? .max <= 400)
    }

    @Test("audio at an impossible rate is ignored", arguments: [-1, 0, 7_999, 96_000])
    func strangeRates(rate: Int) throws {
        guard var detector = VoiceDetector() else { throw Trial.Unavailable() }
        let pcm = [UInt8](repeating: 7, count: 640)
        let found = detector.listen(to: pcm.span, rate: rate)
        #expect(found == nil)
    }

    @Test("every form of base64 is read, and missing audio is reported")
    func ear() throws {
        let phrase = try #require(Speaker.recorded.phrases.first)
        let pcm = phrase.flatMap {
            [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
        }
        var ear = AudioAnalyzer()
        func listen(_ json: String, _ extent: Voicing.Extent = .voice) throws -> Voicing {
            let bytes = Array(json.utf8)
            let message = try ClientMessage.scan(bytes.span)
            return ear.listen(to: message, in: bytes.span, extent: extent)
        }
        func audio(_ data: String) -> String {
            #"{"realtimeInput":{"audio":{"data":"\#(data)","mimeType":"audio/pcm;rate=16000"}}}"#
        }
        let base64 = Data(pcm).base64EncodedString()
        let plain = try listen(audio(base64))
        #expect(plain.extent == .voice && plain.voiced > 300 && plain.level > 300)
        ear = AudioAnalyzer()
        let escaped = base64.replacingOccurrences(of: "/", with: #"\/"#)
        #expect(try listen(audio(escaped)) == plain)
        let level = try listen(audio(base64), .level)
        #expect(level.extent == .level && level.voiced == 0 && level.level == plain.level)
        #expect(try listen(audio(base64), .nothing) == Voicing())
        #expect(try listen(audio("*+*")) == Voicing())
        #expect(try listen(audio("")) == Voicing())
        #expect(try listen(#"{"realtimeInput":{"activityStart":{}}}"#) == Voicing())
    }
}
