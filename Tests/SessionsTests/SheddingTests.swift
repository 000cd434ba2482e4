import Basics
import Testing
import Wire

@testable import Sessions

/// What goes where the process is short of memory, and what does not.
@Suite struct SheddingTests {
    private static let sound = Compose.audio(pcm: [UInt8](repeating: 0x30, count: 6400).span)

    /// A reply that is given while the user's microphone is open, and what is said after it.
    private func talk(isWhole: Bool) -> Uplink {
        var uplink = Uplink()
        uplink.bounds = Journal.Bounds(bytes: 1 << 20, sound: .seconds(60), isKeeping: true)
        var out = Actions()
        for _ in 0..<10 { uplink.say(Self.sound, into: &out) }
        uplink.journal.markAsked()
        uplink.replyBegan()
        for _ in 0..<5 { uplink.say(Self.sound, into: &out) }
        uplink.answered(ring: .seconds(2), isWhole: isWhole)
        for _ in 0..<3 { uplink.say(Self.sound, into: &out) }
        return uplink
    }

    @Test func `what was said to an answered turn goes, and the next question stays`() {
        var uplink = talk(isWhole: true)
        #expect(uplink.journal.kept.entries.count == 8)
        uplink.shed()
        let left = uplink.journal.kept.entries
        #expect(left.count == 3)
        for entry in left { #expect(uplink.journal.kept.message(entry) == Self.sound) }
        // Kept as samples, a quarter smaller than they came.
        #expect(uplink.size == 3 * (6400 + MemoryLayout<KeptMessages.Entry>.stride))
        uplink.shed()
        #expect(uplink.journal.kept.entries.count == 3)
    }

    @Test func `where the user spoke into the answer, that is their next question`() {
        var uplink = talk(isWhole: false)
        uplink.shed()
        #expect(uplink.journal.kept.entries.count == 8)
    }

    @Test func `an activity under way is kept whole`() {
        var uplink = Uplink()
        uplink.bounds = Journal.Bounds(bytes: 1 << 20, sound: .seconds(60), isKeeping: true)
        var out = Actions()
        uplink.replyBegan()
        uplink.say(Compose.activityStart, into: &out)
        for _ in 0..<4 { uplink.say(Self.sound, into: &out) }
        uplink.answered(ring: nil, isWhole: true)
        uplink.shed()
        #expect(uplink.journal.kept.entries.count == 5)
    }
}
