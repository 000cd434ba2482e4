import Basics
import Fixtures
import SimulatedGemini
import SimulatorServer
import Speech
import Testing
import Wire

/// Real sound through the real driver: speech, noise, and speech that goes on and on.
@Suite struct VoiceTests {
    private static let native25 = "models/gemini-2.5-flash-native-audio-preview-12-2025"

    /// Somebody who speaks without end, by saying the same sentences again and again.
    private static func speech(seconds: Int) throws -> [UInt8] {
        let sentences = try #require(Voice.recorded).user.flatMap(\.pcm)
        let size = seconds * 32_000
        return (0..<size).map { sentences[$0 % sentences.count] }
    }

    /// A door, as far as a microphone is concerned: a burst of noise that dies away.
    private static func door() -> [UInt8] {
        var random = SeededRandom(seed: 7)
        return (0..<9600).flatMap { index -> [UInt8] in
            let loudness = 12_000 - index * 12_000 / 9600
            let sample = UInt16(
                bitPattern: Int16(Int.random(in: -loudness...loudness, using: &random)))
            return [UInt8(truncatingIfNeeded: sample), UInt8(truncatingIfNeeded: sample >> 8)]
        }
    }

    /// Answers like the service, without waiting for playback.
    private static var unhurried: Scenario {
        var scenario = Scenario.brisk
        scenario.latency = 2
        return scenario
    }

    @Test("a slamming door is not an activity, and a short word is one")
    func noiseHold() throws {
        let fixture = try ProxyFixture(
            scenario: Self.unhurried, policy: "turns: { noise_hold: 100ms, min_activity: 50ms }")
        defer { fixture.stop() }
        let client = try fixture.client()
        #expect(client.setUp(.manual))
        func say(_ pcm: [UInt8]) {
            client.startActivity()
            client.speak(pcm, pace: .milliseconds(2))
            client.endActivity()
        }
        let question = try Self.speech(seconds: 2)
        say(question)
        say(Self.door())
        #expect(client.wait { $0.content.contains(.turnComplete) })
        var record = try fixture.record()
        #expect(record.violations.isEmpty)
        var turns = try #require(record.conversations.first).heard.turns
        #expect(turns.map(\.outcome) == [.answered])
        #expect(turns.map(\.sound.bytes) == [question.count])

        // Two in a row, the second right behind the first: it interrupts, and nothing is missing.
        let start = client.messageCount
        say(question)
        say(question)
        #expect(client.wait(from: start) { $0.content.contains(.turnComplete) })
        record = try fixture.waitForRecord {
            let turns = $0.conversations.first?.heard.turns ?? []
            return turns.count == 3 && turns.last?.outcome == .answered
        }
        #expect(record.violations.isEmpty)
        turns = try #require(record.conversations.first).heard.turns
        #expect(turns.map(\.sound.bytes) == [question.count, question.count, question.count])
        #expect(turns.last?.outcome == .answered)
    }

    @Test("long speech is flushed on 2.5, and the client sees one turn")
    func flush() throws {
        let fixture = try ProxyFixture(scenario: Self.unhurried, policy: "turns: { flush: 4s }")
        defer { fixture.stop() }
        let client = try fixture.client()
        #expect(client.setUp(.manual, model: Self.native25))
        let speech = try Self.speech(seconds: 14)
        client.startActivity()
        client.speak(speech, pace: .milliseconds(10))
        client.endActivity()
        #expect(client.wait { $0.content.contains(.turnComplete) })
        let record = try fixture.waitForRecord {
            $0.conversations.first?.heard.turns.last?.outcome == .answered
        }
        #expect(record.violations.isEmpty)
        let turns = try #require(record.conversations.first).heard.turns
        #expect(turns.count >= 3)
        #expect(turns.map(\.sound.bytes).reduce(0, +) == speech.count)
        #expect(client.count { $0.content.contains(.interrupted) } == 0)
        #expect(client.turnsCompleted() == 1)
        #expect(client.reply().audio > .zero)
    }

    @Test("a client's own flush does not end its turn on 3.1, and an end does")
    func flushPair() throws {
        let fixture = try ProxyFixture(scenario: Self.unhurried)
        defer { fixture.stop() }
        let client = try fixture.client()
        #expect(client.setUp(.manual))
        let speech = try Self.speech(seconds: 12)
        client.startActivity()
        for piece in 0..<2 {
            client.speak(speech, pace: .milliseconds(2))
            if piece == 0 {
                client.endActivity()
                client.startActivity()
            }
        }
        client.endActivity()
        #expect(client.wait { $0.content.contains(.turnComplete) })
        let record = try fixture.record()
        #expect(record.violations.isEmpty)
        let turns = try #require(record.conversations.first).heard.turns
        #expect(turns.map(\.sound.bytes) == [2 * speech.count])
        #expect(turns.map(\.outcome) == [.answered])
    }
}
