import Basics
import Policies
import Testing
import Wire

@testable import Sessions

/// Failure catalogue 1.9, 1.10: if a microphone stops in automatic detection, gemini is told once, in
/// the form of its family; silence is sent in real time, in the client's format, for a bounded time.
@Suite struct PauseFillerTests {
    private static func rules(_ form: Profile.PauseForm, _ mode: Mode = .enforce) -> EffectiveRules
    {
        var rules = EffectiveRules(
            policy: Boxed(Policy()), profile: Boxed(Profile()), setup: SetupState(), learned: nil)
        rules.pauseForm = form
        rules.streamEndOnPause = mode
        rules.pause = .seconds(1)
        return rules
    }

    /// A client with a microphone, and gemini.
    private final class Scene {
        private var filler = PauseFiller()
        private var uplink = Uplink()
        private var out = Actions()
        private let rules: EffectiveRules
        private var now = Instant.at(0)
        private(set) var sent: [(message: ClientMessage, at: Int64)] = []

        init(_ rules: EffectiveRules) { self.rules = rules }

        var facts: [Fact] { out.facts }
        var isQuiet: Bool { filler.deadline(rules) == nil }

        func hear(rate: Int32 = 16_000) throws {
            let pcm = [UInt8](repeating: 9, count: 640)
            uplink.heard(
                try ClientMessage.scan(Compose.audio(pcm: pcm.span, rate: rate).span), .text)
            filler.heardAudio(at: now)
        }

        /// Time in which no timer fires at all.
        func stall(_ time: Interval) { now = now + time }

        func endStream() { filler.streamEnded(rules, at: now, into: &out) }

        /// - Parameter lag: How late every timer fires.
        func wait(_ time: Interval, lag: Interval = .zero) throws {
            let end = now + time
            while let due = filler.deadline(rules), due + lag <= end {
                now = max(now, due + lag)
                let before = out.count
                #expect(filler.wake(rules, at: now, through: &uplink, into: &out))
                for action in out.list[before...] {
                    guard case .send(.gemini, let bytes, _) = action else { continue }
                    let message = try ClientMessage.scan(bytes.span)
                    sent.append((message, (now - .at(0)).milliseconds))
                }
            }
            #expect(!filler.wake(rules, at: end, through: &uplink, into: &out))
            now = end
        }
    }

    @Test("a family that has a signal gets it once for each pause, and no sooner")
    func signal() throws {
        let scene = Scene(Self.rules(.audioStreamEnd))
        try scene.wait(.seconds(60))
        for _ in 0..<10 {
            try scene.hear()
            try scene.wait(.milliseconds(900))
        }
        #expect(scene.sent.isEmpty)
        try scene.wait(.seconds(60))
        #expect(scene.sent.map(\.message.input) == [.audioStreamEnd])
        try scene.hear()
        try scene.wait(.seconds(60))
        #expect(scene.sent.count == 2 && scene.isQuiet)
    }

    @Test("a family that needs silence gets it in real time, as much as its detector waits for")
    func silence() throws {
        for lag in [0, 30, 99] as [Int64] {
            let scene = Scene(Self.rules(.silence))
            try scene.hear(rate: 24_000)
            try scene.wait(.seconds(60), lag: .milliseconds(lag))
            var total = Interval.zero
            for (message, at) in scene.sent {
                #expect(message.input == .audio && message.audioRate == 24_000)
                // Never ahead of the clock by more than a piece, or two after a late timer.
                #expect(total.milliseconds <= at - 1000)
                total = total + message.audioDuration
            }
            #expect(total >= .milliseconds(1900) && total <= .seconds(3), "lag \(lag)")
            #expect(scene.isQuiet)
        }
    }

    @Test("a timer that fires far too late makes no burst")
    func late() throws {
        let scene = Scene(Self.rules(.silence))
        try scene.hear()
        try scene.wait(.milliseconds(1200))
        scene.stall(.milliseconds(1500))
        try scene.wait(.seconds(60))
        #expect(scene.sent.count > 2)
        for index in scene.sent.indices.dropFirst(2) {
            #expect(scene.sent[index].at > scene.sent[index - 2].at)
        }
    }

    @Test("sound that comes back ends the filling")
    func back() throws {
        let scene = Scene(Self.rules(.silence))
        try scene.hear()
        try scene.wait(.milliseconds(1500))
        let count = scene.sent.count
        #expect(count > 0)
        for _ in 0..<20 {
            try scene.hear()
            try scene.wait(.milliseconds(500))
        }
        #expect(scene.sent.count == count)
    }

    @Test("a client's own end of the stream is enough for one family, and completed for the other")
    func ended() throws {
        for form in [Profile.PauseForm.audioStreamEnd, .silence] {
            let scene = Scene(Self.rules(form))
            try scene.hear()
            scene.endStream()
            try scene.wait(.seconds(60))
            #expect(scene.sent.isEmpty == (form == .audioStreamEnd))
            let count = scene.sent.count
            // Of a stream that had ended nothing is left to be ended.
            scene.endStream()
            try scene.wait(.seconds(60))
            #expect(scene.sent.count == count)
        }
    }

    @Test("off, or only observed, it sends nothing")
    func modes() throws {
        for (mode, facts) in [(Mode.off, 0), (.observe, 1)] {
            for form in [Profile.PauseForm.audioStreamEnd, .silence] {
                let scene = Scene(Self.rules(form, mode))
                try scene.hear()
                try scene.wait(.seconds(60))
                #expect(scene.sent.isEmpty && scene.facts.count == facts)
            }
        }
    }
}
