import Basics
import Testing
import Wire

@testable import Sessions

/// A conversation that is said again takes as long as its sound: gemini answers while the rest is
/// still to come.
@Suite struct SayingAgainTests {
    private static let sound = Compose.audio(pcm: [UInt8](repeating: 0x30, count: 32_000).span)
    private static let start = Instant(nanoseconds: 0)

    /// Two spoken questions on a new connection, which takes one second of sound at once: the first
    /// is said, and so is the start of the second.
    private func half() -> Uplink {
        var uplink = Uplink()
        uplink.bounds = Journal.Bounds(bytes: 1 << 20, sound: .seconds(60), isKeeping: true)
        var out = Actions()
        for _ in 0..<2 {
            uplink.say(Compose.activityStart, into: &out)
            uplink.say(Self.sound, into: &out)
            uplink.say(Compose.activityEnd, into: &out)
        }
        uplink.journal.markAsked()
        uplink.setUp([], knowing: Knowledge(), into: &out)
        uplink.keepPace(.seconds(1), at: Self.start)
        uplink.sayAgain(uplink.journal.kept.entries.map(\.id), beforeLast: nil)
        let said = uplink.goOnSaying(at: Self.start, into: &out) { _, bytes in bytes }
        #expect(said.count == 4)
        return uplink
    }

    private func rest(_ uplink: inout Uplink) -> [[UInt8]] {
        var out = Actions()
        _ = uplink.goOnSaying(at: Self.start + .seconds(1), into: &out) { _, bytes in bytes }
        return out.list.compactMap { action in
            if case .send(.gemini, let bytes, _) = action { bytes } else { nil }
        }
    }

    @Test func `an answer meanwhile is for what has been said`() {
        var uplink = half()
        #expect(uplink.isQuestionUnsaid)
        uplink.replyBegan()
        uplink.answered(ring: nil)
        #expect(uplink.journal.kept.entries.map(\.kind) == [.start, .sound, .end])
        #expect(rest(&uplink) == [Self.sound, Compose.activityEnd])
        #expect(!uplink.isQuestionUnsaid)
        uplink.replyBegan()
        uplink.answered(ring: nil)
        #expect(uplink.journal.isEmpty)
    }

    @Test func `a reply that outlasts the rest is still for what came before it`() {
        var uplink = half()
        uplink.replyBegan()
        #expect(rest(&uplink).count == 2)
        uplink.answered(ring: nil)
        #expect(uplink.journal.kept.entries.map(\.kind) == [.start, .sound, .end])
    }

    @Test func `a reply from before ends nothing that has yet to be said`() {
        var uplink = Uplink()
        uplink.bounds = Journal.Bounds(bytes: 1 << 20, sound: .seconds(60), isKeeping: true)
        var out = Actions()
        for _ in 0..<2 { uplink.say(Self.sound, into: &out) }
        uplink.journal.markAsked()
        // It broke off.
        uplink.replyBegan()
        uplink.setUp([], knowing: Knowledge(), into: &out)
        uplink.keepPace(.seconds(1), at: Self.start)
        uplink.sayAgain(uplink.journal.kept.entries.map(\.id), beforeLast: nil)
        _ = uplink.goOnSaying(at: Self.start, into: &out) { _, bytes in bytes }
        uplink.answered(ring: .seconds(2))
        #expect(rest(&uplink) == [Self.sound])
    }
}

/// What is said again is legal, whatever a handle says it covers.
@Suite struct HalfKnownTests {
    @Test func `an activity of which a handle has the start is said again whole`() {
        var uplink = Uplink()
        uplink.bounds = Journal.Bounds(bytes: 1 << 20, sound: .seconds(60), isKeeping: true)
        var out = Actions()
        let sound = Compose.audio(pcm: [UInt8](repeating: 0x30, count: 640).span)
        // An empty activity, which is not said again, and one with a voice.
        for bytes in [
            Compose.activityStart, Compose.activityEnd, Compose.activityStart, sound,
            Compose.activityEnd,
        ] {
            uplink.say(bytes, into: &out)
        }
        uplink.setUp([], knowing: Knowledge(), into: &out)
        uplink.keepPace(.seconds(50), at: Instant(nanoseconds: 0))
        uplink.sayAgain(
            uplink.journal.unanswered(beyond: Knowledge()), beforeLast: nil)
        _ = uplink.goOnSaying(at: Instant(nanoseconds: 0), into: &out) { _, bytes in bytes }
        for consumed in Int64(1)...3 {
            let memory = uplink.knowledge(isGenerated: false, consumed: consumed, isManual: true)
            let again = uplink.journal.unanswered(beyond: memory)
            #expect(
                uplink.journal.kinds(of: again) == [.start, .sound, .end],
                "\(consumed) messages are covered")
        }
    }
}

/// Where nothing is said again nothing is kept for it.
@Suite struct UnkeptTests {
    private static let sound = Compose.audio(pcm: [UInt8](repeating: 0x30, count: 32_000).span)

    private func hear(_ journal: inout Journal) throws {
        let message = try ClientMessage.scan(Self.sound.span)
        _ = journal.said(message, Self.sound.span, .text, Journal.Bounds())
    }

    @Test(arguments: [false, true])
    func `an answered question that is not written down yet cannot be told`(
        isWritten: Bool
    ) throws {
        var uplink = Uplink()
        try hear(&uplink.journal)
        if isWritten {
            let words = Array("Hello".utf8)
            uplink.journal.transcribed(ByteRange(0, 5), words.span, isManual: false)
        }
        uplink.replyBegan()
        #expect(uplink.journal.lost(to: Knowledge()) == .zero)
        // Said into the answer, it is a question of its own.
        try hear(&uplink.journal)
        uplink.answered(ring: nil)
        #expect(uplink.journal.lost(to: Knowledge()) == (isWritten ? .zero : .seconds(1)))
    }
}

/// What may be worked on unheard: an utterance that was heard out, before another voice.
@Suite struct UtteranceTests {
    private static let pause = Interval.milliseconds(400)
    private static let word = Interval.milliseconds(300)

    private func hear(_ journal: inout Journal, at milliseconds: Int64) {
        journal.heardVoice(
            Self.word, isAlone: true, after: Self.pause,
            at: Instant(nanoseconds: milliseconds * 1_000_000))
    }

    @Test func `a voice that goes on is one utterance`() {
        var journal = Journal()
        hear(&journal, at: 1000)
        hear(&journal, at: 1300)
        #expect(!journal.mayBeWorkedOn)
    }

    @Test func `a pause ends an utterance`() {
        var journal = Journal()
        hear(&journal, at: 1000)
        hear(&journal, at: 1400)
        #expect(journal.mayBeWorkedOn)
    }

    @Test func `the end of the stream ends it at once`() {
        var journal = Journal()
        hear(&journal, at: 1000)
        journal.streamEnded()
        #expect(journal.isHeardOut(after: Self.pause))
        hear(&journal, at: 1100)
        #expect(journal.mayBeWorkedOn)
        #expect(!journal.isHeardOut(after: Self.pause))
    }

    @Test func `only silence that was sent shows that the user has paused`() {
        var journal = Journal()
        hear(&journal, at: 1000)
        journal.heardSilence(.milliseconds(300))
        #expect(!journal.isHeardOut(after: Self.pause))
        journal.heardSilence(.milliseconds(100))
        #expect(journal.isHeardOut(after: Self.pause))
    }

    @Test func `what waited in a socket comes at once, with its silence`() {
        var journal = Journal()
        hear(&journal, at: 1000)
        journal.heardSilence(.milliseconds(900))
        hear(&journal, at: 1000)
        #expect(journal.mayBeWorkedOn)
    }

    @Test(arguments: [false, true])
    func `what the user said as an answer ended is worked on once they pause`(isSpeaking: Bool) {
        var journal = Journal()
        hear(&journal, at: 1000)
        journal.replyBegan()
        journal.answered(ring: .seconds(2), isWhole: true, isUserSpeaking: isSpeaking)
        #expect(!journal.mayBeWorkedOn)
        hear(&journal, at: 2000)
        #expect(journal.mayBeWorkedOn == isSpeaking)
    }
}
