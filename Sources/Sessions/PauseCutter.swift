import Basics

/// Leaves out most of the silence in long pauses: said again, they could only be sent in real time,
/// and would delay what the user says next. The last of each pause stays, because a word may begin
/// in it.
struct PauseCutter<Message> {
    /// A longer pause ends an utterance in any detection.
    static var longest: Interval { .seconds(2) }

    private var quiet = Interval.zero
    private var held: (message: Message, length: Interval)?
    /// Left out so far.
    private(set) var skipped = Interval.zero

    /// The newest message that was left out: it belongs before whatever follows.
    var last: Message? { held?.message }

    /// Whether it is left out. If not, `takeLast()` comes first.
    mutating func leavesOut(_ message: Message, _ length: Interval, isSilent: Bool) -> Bool {
        quiet = isSilent ? quiet + length : .zero
        guard quiet > Self.longest else { return false }
        dropLast()
        held = (message, length)
        return true
    }

    /// Something else was heard.
    mutating func interrupt() { quiet = .zero }

    mutating func takeLast() -> Message? { held.take()?.message }

    mutating func dropLast() {
        if let (_, length) = held.take() { skipped = skipped + length }
    }

    /// What was left out since this was asked last.
    mutating func takeSkipped() -> Interval {
        defer { skipped = .zero }
        return skipped
    }
}
