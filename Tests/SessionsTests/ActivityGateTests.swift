import Basics
import Policies
import Testing
import Wire

@testable import Sessions

/// Manual detection, whatever the client does and whenever: I1, gemini gets sound in activities
/// only; I2, starts and ends alternate; I3, an end is the last of its turn; I4, the rest arrives
/// unchanged, in order, once. An activity without sound would close the connection.
@Suite struct ActivityGateTests {
    private static func rules(minActivity: Interval = .zero, leadIn: Interval = .zero)
        -> EffectiveRules
    {
        var rules = EffectiveRules(
            policy: Boxed(Policy()), profile: Boxed(Profile()), setup: SetupState(), learned: nil)
        rules.isManual = true
        rules.deadAir = .milliseconds(1200)
        rules.minActivity = minActivity
        rules.shortActivity = minActivity > .zero ? .enforce : .off
        rules.leadIn = leadIn
        return rules
    }

    /// A client and gemini, with the gate between them.
    private final class Scene {
        private var gate = ActivityGate()
        private var uplink = Uplink()
        private var out = Actions()
        private let rules: EffectiveRules
        private(set) var now = Instant.at(0)
        /// What gemini was sent, and when.
        private(set) var sent: [(bytes: [UInt8], at: Instant)] = []
        private(set) var facts: [Fact] = []

        init(_ rules: EffectiveRules) { self.rules = rules }

        var isOpen: Bool { gate.isOpen }
        var heldBytes: Int { gate.heldBytes }
        var texts: [String] { sent.map(\.bytes.text) }

        func wait(_ time: Interval) {
            let end = now + time
            while let due = gate.deadline(rules), due <= end {
                now = max(now, due)
                if gate.isEnding { release() } else { wakeUp() }
                take([])
            }
            now = end
        }

        private func wakeUp() {
            gate.wake(rules, at: now, through: &uplink, into: &out)
        }

        private func release() {
            for next in gate.releaseEnd(rules, through: &uplink, into: &out) { enter(next, []) }
        }

        func say(_ said: FromClient) {
            uplink.heard(said.outbound.message, .text)
            enter(said.outbound, said.bytes)
            take(said.bytes)
        }

        /// As a session does it.
        private func enter(_ outbound: OutboundMessage, _ payload: [UInt8]) {
            while gate.mustFollowEnd(outbound.message) {
                if gate.holdBehindEnd(
                    outbound, payload: payload.span, rules: rules, room: 1 << 20, at: now,
                    into: &out)
                {
                    return
                }
                release()
            }
            gate.admit(
                outbound, payload: payload.span, rules: rules, room: 1 << 20, at: now,
                through: &uplink, into: &out)
        }

        private func take(_ current: [UInt8]) {
            for action in out.list {
                switch action {
                case .forward: sent.append((current, now))
                case .send(.gemini, let bytes, _): sent.append((bytes, now))
                case .note(let fact): facts.append(fact)
                default: Issue.record("\(action)")
                }
            }
            out.removeAll()
        }
    }

    private static let text = #"{"realtimeInput":{"text":"t"#
    private static let picture = #"{"realtimeInput":{"video":{"mimeType":"image/jpeg","data":"AA"#

    /// Any message of a client. Sound, words and pictures are numbered, to be recognised.
    private static func input(_ number: Int, _ random: inout SeededRandom) throws -> FromClient {
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1: try .start()
        case 2, 3: try .end()
        case 4: try FromClient(#"{"realtimeInput":{"audioStreamEnd":true}}"#)
        case 5: try FromClient(Self.text + #"\#(number)"}}"#)
        case 6: try FromClient(Self.picture + String(format(number)) + #""}}}"#)
        case 7:
            try FromClient(
                #"{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=24000","data":"","n":\#(number)}}}"#
            )
        default: try .sound(UInt8(number))
        }
    }

    private static func format(_ number: Int) -> String {
        String(decoding: Base64.encode([UInt8(number), 1, 2].span), as: UTF8.self)
    }

    /// Any order, with pauses on both sides of the clocks, for clients whose short activities are
    /// let through and for those whose are not.
    @Test(arguments: Array(1...150) as [UInt64], [Interval.zero, .milliseconds(600)])
    func `gemini's view is always legal`(seed: UInt64, minActivity: Interval) throws {
        var random = SeededRandom(seed: seed)
        let scene = Scene(Self.rules(minActivity: minActivity))
        var (inside, always): ([String], [String]) = ([], [])
        var isSpeaking = false
        for number in 0..<120 {
            let said = try Self.input(number, &random)
            let input = said.outbound.message.input
            if input.contains(.activityStart) { isSpeaking = true }
            if input.contains(.activityEnd) { isSpeaking = false }
            if input.contains(.text) || input.contains(.video) {
                always.append(said.bytes.text)
            } else if input.contains(.audio), isSpeaking {
                inside.append(said.bytes.text)
            }
            scene.say(said)
            let pause = [0, 0, 20, 20, 200, 700, 1500][Int.random(in: 0..<7, using: &random)]
            scene.wait(.milliseconds(Int64(pause)))
        }
        scene.wait(.seconds(10))
        #expect(scene.heldBytes == 0)
        try check(scene.sent, minActivity)
        // What was said inside an activity arrives; so do words and pictures, wherever they are.
        let ours = Compose.silence(.milliseconds(100)).text
        let sounds = scene.texts.filter { $0.contains(#""audio":"#) && $0 != ours }
        #expect(sounds == inside)
        #expect(scene.texts.filter { $0.contains(#""text":"#) || $0.contains("jpeg") } == always)
    }

    private func check(_ sent: [(bytes: [UInt8], at: Instant)], _ minActivity: Interval) throws {
        var (isOpen, hasSound, since) = (false, false, Instant.at(0))
        for (bytes, at) in sent {
            let message = try ClientMessage.scan(bytes.span)
            if message.input.contains(.activityStart) {
                #expect(!isOpen, "I2")
                (isOpen, hasSound, since) = (true, false, at)
            } else if message.input.contains(.activityEnd) {
                #expect(isOpen, "I2")
                #expect(hasSound, "an empty activity closes the connection")
                #expect(at >= since + minActivity, "a short activity closes the connection")
                isOpen = false
            } else if message.input.contains(.audio) {
                #expect(isOpen, "I1")
                hasSound = hasSound || message.audioBytes > 0
            }
            #expect(!message.input.contains(.audioStreamEnd))
        }
    }

    @Test("I4: a well-behaved client's messages are forwarded, and nothing is added")
    func untouched() throws {
        let scene = Scene(Self.rules())
        let said = try [.start(), .sound(1), .sound(2), .end()] as [FromClient]
        for message in said {
            scene.say(message)
            scene.wait(.milliseconds(300))
        }
        #expect(scene.texts == said.map(\.bytes.text))
        #expect(
            scene.facts == [
                .activityStarted(by: .client),
                .activityEnded(by: .client, audio: .milliseconds(40)),
            ])
    }

    /// Failure catalogue 1.4.
    @Test(
        "a dead track is ended, its return opens another activity, and its late end is the right one"
    )
    func deadAir() throws {
        let scene = Scene(Self.rules())
        for said in try [.start(), .sound(1)] as [FromClient] { scene.say(said) }
        scene.wait(.milliseconds(1100))
        #expect(scene.isOpen)
        scene.wait(.milliseconds(200))
        #expect(!scene.isOpen && scene.texts.last == Compose.activityEnd.text)
        scene.say(try .sound(2))
        #expect(scene.isOpen)
        scene.say(try .end())
        #expect(!scene.isOpen)
        let (one, two) = (try FromClient.sound(1).bytes, try FromClient.sound(2).bytes)
        let (start, end) = (Compose.activityStart, Compose.activityEnd)
        let expected = [start, one, end, start, two, end]
        #expect(scene.texts == expected.map(\.text))
        // Had the track not come back, the late end would have been swallowed.
        let other = Scene(Self.rules())
        for said in try [.start(), .sound(1)] as [FromClient] { other.say(said) }
        other.wait(.seconds(2))
        other.say(try .end())
        #expect(other.texts == [start, one, end].map(\.text))
    }

    /// Failure catalogue 16.8.
    @Test("an activity of words or pictures is no dead microphone, and gets the sound it needs")
    func words() throws {
        let scene = Scene(Self.rules())
        scene.say(try .start())
        scene.say(try FromClient(Self.text + #""}}"#))
        scene.wait(.seconds(60))
        scene.say(try FromClient(Self.text + #"2"}}"#))
        scene.say(try .end())
        let parts = try scene.sent.map { try ClientMessage.scan($0.bytes.span).input }
        #expect(parts == [.activityStart, .text, .text, .audio, .activityEnd])
    }

    /// Failure catalogue 16.12.
    @Test("made-up silence has the client's sample rate")
    func rate() throws {
        let scene = Scene(Self.rules())
        let loud = Compose.audio(pcm: [UInt8](repeating: 9, count: 960).span, rate: 24_000)
        for said in try [.start(), FromClient(loud), .end()] { scene.say(said) }
        scene.say(try .start())
        scene.say(try .end())
        let made = try #require(scene.sent.dropLast().last)
        let message = try ClientMessage.scan(made.bytes.span)
        #expect(message.audioRate == 24_000)
        #expect(message.audioDuration == .milliseconds(100))
    }

    /// Failure catalogue 1.1: off by default.
    @Test("a lead-in keeps the last moments before a start, by the clock, and nothing else")
    func leadIn() throws {
        let scene = Scene(Self.rules(leadIn: .milliseconds(300)))
        for sample in 1...5 as ClosedRange<UInt8> {
            scene.say(try .sound(sample))
            scene.wait(.milliseconds(100))
        }
        #expect(scene.sent.isEmpty)
        #expect(scene.heldBytes > 0)
        scene.say(try .start())
        let kept = try (3...5).map { try FromClient.sound($0).bytes.text }
        #expect(scene.texts == [Compose.activityStart.text] + kept)
        #expect(scene.heldBytes == 0)
    }

    @Test("I14: what rides along with a swallowed part goes on")
    func riders() throws {
        let scene = Scene(Self.rules())
        scene.say(try .start())
        scene.say(try .sound(1))
        for (part, isLegal) in [
            (#""activityStart":{}"#, false), (#""audioStreamEnd":true"#, false),
        ] {
            scene.say(try FromClient(#"{"realtimeInput":{\#(part),"later":{"n":1}}}"#))
            let last = try #require(scene.texts.last)
            #expect(last.contains(#""later":{"n":1}"#) && last.contains(part) == isLegal)
        }
    }
}
