import Basics
import Policies
import Testing
import Wire

@testable import Sessions

/// Failure catalogue 1.7: an end that a start follows at once, with speech on both sides, is swallowed
/// with it. Everything else arrives as it was said, and a real end waits only for a moment.
@Suite struct FlushPairsTests {
    private static func rules(_ mode: Mode = .enforce) -> EffectiveRules {
        var rules = EffectiveRules(
            policy: Boxed(Policy()), profile: Boxed(Profile()), setup: SetupState(), learned: nil)
        rules.flushMode = mode
        return rules
    }

    /// A client that speaks at some pace, and what goes on to the gate.
    private final class Scene {
        private var pairs = FlushPairs()
        private var out = Actions()
        private let rules: EffectiveRules
        private(set) var now = Instant.at(0)
        private var heard = Interval.zero
        private var isOpen = false
        var isModelSilent = true
        private(set) var said: [String] = []
        private(set) var sent: [(text: String, at: Instant)] = []

        init(_ rules: EffectiveRules = FlushPairsTests.rules()) { self.rules = rules }

        var texts: [String] { sent.map(\.text) }
        var size: Int { pairs.size }

        func wait(_ time: Interval) {
            let end = now + time
            while let due = pairs.deadline, due <= end {
                now = max(now, due)
                for held in pairs.release() { pass(held, []) }
            }
            now = end
        }

        func say(_ message: FromClient) {
            said.append(message.bytes.text)
            let instead = pairs.replace(
                message.outbound, payload: message.bytes.span, rules: rules, heard: heard,
                limit: 1 << 20, isMidTurn: isOpen && isModelSilent, at: now, into: &out)
            for passed in instead ?? [message.outbound] { pass(passed, message.bytes) }
        }

        private func pass(_ outbound: OutboundMessage, _ payload: [UInt8]) {
            let input = outbound.message.input
            if input.contains(.activityStart) { (isOpen, heard) = (true, .zero) }
            if input.contains(.activityEnd) { isOpen = false }
            if input.contains(.audio) { heard = heard + outbound.message.audioDuration }
            sent.append(((outbound.kept ?? payload).text, now))
        }

        /// Speaks for so many seconds, in pieces of 100 ms.
        func speak(_ seconds: Int, voiced: UInt16 = 80) throws {
            for number in 0..<seconds * 10 {
                let pcm = [UInt8](repeating: UInt8(number % 250), count: 3200)
                say(try FromClient(Compose.audio(pcm: pcm.span), voiced: voiced))
                wait(.milliseconds(100))
            }
        }
    }

    private static func isBoundary(_ text: String) -> Bool { text.contains("activity") }

    @Test("a flush in the middle of speech is swallowed, and every sound of it arrives in order")
    func swallowed() throws {
        let scene = Scene()
        scene.say(try .start())
        for _ in 0..<3 {
            try scene.speak(15)
            scene.say(try .end())
            scene.say(try .start())
        }
        try scene.speak(3)
        scene.say(try .end())
        scene.wait(.seconds(2))
        #expect(scene.texts.filter(Self.isBoundary).count == 2)
        #expect(
            scene.texts.filter { !Self.isBoundary($0) }
                == scene.said.filter { !Self.isBoundary($0) })
        #expect(scene.size == 0)
    }

    @Test("a real end waits a moment if the user was in mid-sentence, and not at all otherwise")
    func realEnd() throws {
        for (seconds, voiced, most) in [(12, 80, 150), (12, 0, 0), (5, 80, 0)]
            as [(Int, UInt16, Int64)]
        {
            let scene = Scene()
            scene.say(try .start())
            try scene.speak(seconds, voiced: voiced)
            let ended = scene.now
            scene.say(try .end())
            scene.wait(.seconds(5))
            let last = try #require(scene.sent.last)
            #expect(last.text == Compose.activityEnd.text)
            #expect(last.at - ended <= .milliseconds(most), "\(seconds) s, \(voiced)")
            #expect(scene.texts == scene.said)
        }
    }

    @Test(
        "where the client flushes at a steady pace, its next end waits as long as a flush may take")
    func expected() throws {
        let scene = Scene()
        scene.say(try .start())
        for _ in 0..<3 {
            try scene.speak(12)
            scene.say(try .end())
            scene.wait(.milliseconds(100))
            scene.say(try .start())
        }
        try scene.speak(12)
        scene.say(try .end())
        // 1 s between its halves, in time all the same.
        scene.wait(.milliseconds(1000))
        scene.say(try .start())
        try scene.speak(1)
        scene.say(try .end())
        scene.wait(.seconds(2))
        #expect(scene.texts.filter(Self.isBoundary).count == 2)
    }

    @Test("no pair is swallowed once the model has begun, or where nobody speaks on one side")
    func genuine() throws {
        for what in ["model", "before", "after", "late"] {
            let scene = Scene()
            scene.say(try .start())
            try scene.speak(12, voiced: what == "before" ? 0 : 80)
            if what == "model" { scene.isModelSilent = false }
            scene.say(try .end())
            if what == "late" { scene.wait(.milliseconds(1300)) }
            scene.say(try .start())
            try scene.speak(3, voiced: what == "after" ? 0 : 80)
            scene.say(try .end())
            scene.wait(.seconds(2))
            #expect(scene.texts == scene.said, "\(what)")
        }
    }

    @Test("what is typed, or anything else between the halves, ends the wait at once")
    func typed() throws {
        let scene = Scene()
        scene.say(try .start())
        try scene.speak(12)
        scene.say(try .end())
        scene.say(try FromClient(#"{"realtimeInput":{"text":"Hello"}}"#))
        #expect(scene.texts == scene.said)
    }

    @Test("off it does nothing, and observing it only tells")
    func observed() throws {
        let scene = Scene(Self.rules(.observe))
        scene.say(try .start())
        try scene.speak(12)
        for said in try [.end(), .start()] as [FromClient] { scene.say(said) }
        try scene.speak(1)
        #expect(scene.texts == scene.said && scene.size == 0)
    }

    /// Any client that keeps to starts and ends, with pauses of all lengths.
    @Test(arguments: Array(1...40) as [UInt64])
    func `I2, I4: only adjacent ends and starts go, and the rest stays in order`(seed: UInt64)
        throws
    {
        var random = SeededRandom(seed: seed)
        let scene = Scene()
        scene.say(try .start())
        for _ in 0..<8 {
            let voiced = UInt16.random(in: 0...100, using: &random)
            try scene.speak(Int.random(in: 0...14, using: &random), voiced: voiced)
            scene.say(try .end())
            scene.wait(
                .milliseconds(Int64([0, 50, 140, 400, 1500].randomElement(using: &random)!)))
            scene.isModelSilent = random.chance(0.8)
            scene.say(try .start())
        }
        scene.say(try .end())
        scene.wait(.seconds(3))
        let boundaries = scene.texts.filter(Self.isBoundary)
        for (index, text) in boundaries.enumerated() {
            let start = Compose.activityStart.text
            #expect((text == start) == (index % 2 == 0))
        }
        #expect(boundaries.count % 2 == 0 && scene.size == 0)
        #expect(
            scene.texts.filter { !Self.isBoundary($0) }
                == scene.said.filter { !Self.isBoundary($0) })
    }
}
