import Basics
import Policies
import Testing
import Wire

@testable import Sessions

/// Failure catalogue 1.6: a start that follows an unanswered turn waits for a voice. A pair without
/// one is swallowed; voiced sound is never lost, and words and pictures do not wait.
@Suite struct NoiseHoldTests {
    private static func rules(_ mode: Mode = .enforce) -> EffectiveRules {
        var rules = EffectiveRules(
            policy: Boxed(Policy()), profile: Boxed(Profile()), setup: SetupState(), learned: nil)
        rules.noiseHold = .milliseconds(200)
        rules.noiseHoldMode = mode
        return rules
    }

    /// A client whose messages pass a hold on their way.
    private final class Scene {
        private var hold = NoiseHold()
        private var out = Actions()
        let rules: EffectiveRules
        var limit = 1 << 20
        private(set) var said: [String] = []
        private(set) var sent: [String] = []

        init(_ rules: EffectiveRules = NoiseHoldTests.rules()) { self.rules = rules }

        var isHolding: Bool { hold.isHolding }
        var size: Int { hold.size }
        var facts: [Fact] { out.facts }
        /// What it told of sound that is gone.
        var dropped: [Interval] {
            facts.compactMap { if case .inputDropped(let audio) = $0 { audio } else { nil } }
        }

        func say(_ message: FromClient, isSuspect: Bool = true) {
            said.append(message.bytes.text)
            let instead = hold.replace(
                message.outbound, payload: message.bytes.span, rules: rules, limit: limit,
                isSuspect: isSuspect, into: &out)
            guard let instead else { return sent.append(message.bytes.text) }
            sent += instead.map { ($0.kept ?? message.bytes).text }
        }

        func release() { sent += hold.release(into: &out).map { ($0.kept ?? []).text } }
    }

    @Test("an activity in which somebody speaks arrives whole and in order")
    func voiced() throws {
        let scene = Scene()
        scene.say(try .start())
        #expect(scene.isHolding && scene.sent.isEmpty && scene.size > 0)
        // 20 ms of voice in each 20 ms: proven after 200 ms.
        for sample in 1...10 as ClosedRange<UInt8> {
            #expect(scene.isHolding)
            scene.say(try .sound(sample, voiced: 20))
        }
        #expect(!scene.isHolding && scene.size == 0)
        scene.say(try .sound(11, voiced: 0))
        scene.say(try .end())
        #expect(scene.sent == scene.said)
    }

    @Test("a pair in which nobody speaks is swallowed, with its sound and nothing else")
    func noise() throws {
        let scene = Scene()
        scene.say(try .start())
        for sample in 1...5 as ClosedRange<UInt8> { scene.say(try .sound(sample, voiced: 0)) }
        scene.say(
            try FromClient(
                #"{"realtimeInput":{"video":{"mimeType":"image/jpeg","data":"AA"}}}"#))
        let picture = scene.said.last
        scene.say(try FromClient(#"{"realtimeInput":{"activityEnd":{},"later":{"x":1}}}"#))
        #expect(!scene.isHolding && scene.size == 0)
        // I14: what rides along with the swallowed end goes on.
        #expect(scene.sent == [picture, #"{"realtimeInput":{"later":{"x":1}}}"#])
        #expect(
            scene.facts.contains(
                .ruleApplied(.noiseHold, .enforce, detail: .audio(.milliseconds(100)))))
    }

    @Test("a short answer that may have been a word is not swallowed")
    func doubtful() throws {
        let scene = Scene()
        scene.say(try .start())
        for sample in 1...6 as ClosedRange<UInt8> { scene.say(try .sound(sample, voiced: 20)) }
        scene.say(try .end())
        #expect(scene.sent == scene.said && !scene.isHolding)
    }

    @Test("sound to which nobody listened may have been anything")
    func blind() throws {
        let scene = Scene()
        scene.say(try .start())
        scene.say(try .sound(1))
        scene.say(try .end())
        #expect(scene.sent == scene.said)
    }

    @Test("typed words are meant, and so is everything before them")
    func text() throws {
        let scene = Scene()
        scene.say(try .start())
        scene.say(try .sound(1, voiced: 0))
        scene.say(try FromClient(#"{"realtimeInput":{"text":"Hello"}}"#))
        #expect(scene.sent == scene.said && !scene.isHolding)
    }

    @Test("nothing waits unless the turn before it is unanswered")
    func unsuspected() throws {
        let scene = Scene()
        for said in try [.start(), .sound(1, voiced: 0), .end()] as [FromClient] {
            scene.say(said, isSuspect: false)
        }
        #expect(scene.sent == scene.said && scene.facts.isEmpty)
    }

    @Test("while the rule only observes everything passes, and it is told what would have been")
    func observed() throws {
        let scene = Scene(Self.rules(.observe))
        for said in try [.start(), .sound(1, voiced: 0), .end()] as [FromClient] {
            scene.say(said)
        }
        #expect(scene.sent == scene.said && scene.size == 0)
        #expect(
            scene.facts == [
                .ruleApplied(.noiseHold, .observe, detail: .audio(.milliseconds(20)))
            ])
    }

    @Test("of long noise before a voice the newest two seconds are kept, behind the start")
    func ring() throws {
        let scene = Scene()
        scene.say(try .start())
        for number in 0..<150 { scene.say(try .sound(UInt8(number), voiced: 0)) }
        scene.release()
        #expect(scene.sent == [scene.said[0]] + scene.said.suffix(100))
        // I10: once, not with every message.
        #expect(scene.dropped == [.seconds(1)])
    }

    @Test("I10: what is swallowed in the end is all told as noise")
    func swallowedRing() throws {
        let scene = Scene()
        scene.say(try .start())
        for number in 0..<150 { scene.say(try .sound(UInt8(number), voiced: 0)) }
        scene.say(try .end())
        #expect(scene.sent.isEmpty && scene.dropped.isEmpty)
        #expect(
            scene.facts.last == .ruleApplied(.noiseHold, .enforce, detail: .audio(.seconds(3))))
    }

    /// I16, and 1.6's own warning: voiced sound is never deleted.
    @Test("what may be a word is sent on rather than dropped, for want of time or of room")
    func full() throws {
        for hasRoom in [true, false] {
            let scene = Scene()
            if !hasRoom { scene.limit = 12_000 }
            scene.say(try .start())
            // Half of what it takes is voice: too much to be thrown away, too little to be sure.
            for number in 0..<6 { scene.say(try .sound(UInt8(number), voiced: 20)) }
            for number in 6..<120 {
                scene.say(try .sound(UInt8(number), voiced: 0))
                #expect(scene.size <= scene.limit)
            }
            scene.say(try .end())
            #expect(scene.sent == scene.said, "\(hasRoom)")
        }
    }

    @Test("I16: without room, noise gives way before anything else does")
    func noRoom() throws {
        let scene = Scene()
        scene.limit = 6000
        scene.say(try .start())
        for number in 0..<40 {
            scene.say(
                try FromClient(
                    Compose.audio(pcm: [UInt8](repeating: UInt8(number), count: 640).span),
                    voiced: 0))
            #expect(scene.size <= scene.limit)
        }
        scene.release()
        #expect(scene.sent.first == scene.said.first)
        #expect(scene.sent.dropFirst() == scene.said.suffix(scene.sent.count - 1))
        #expect(scene.sent.count > 2)
        #expect(scene.dropped == [.milliseconds(Int64(20 * (41 - scene.sent.count)))])
    }
}
