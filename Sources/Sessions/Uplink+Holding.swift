import Basics

// What waits, and the bounds of what is kept.
extension Uplink {
    /// Less may be kept than before.
    mutating func makeRoom() {
        var rest = bounds
        rest.bytes = max(0, bounds.bytes - sizeBesideJournal)
        journal.shrink(to: rest)
    }

    /// Drops this much, as far as audio and pictures suffice.
    mutating func giveWay(_ bytes: Int) {
        var rest = bounds
        rest.bytes = max(0, journal.size - bytes)
        journal.shrink(to: rest)
    }

    /// False if the rest does not fit even without audio and pictures.
    ///
    /// - Parameter isOpening: The conversation has not begun, so no old words are dropped.
    mutating func hold(
        _ outbound: OutboundMessage, room: Int, isOpening: Bool, into out: inout Actions
    ) -> Bool {
        early.hold(
            outbound, limit: room + early.size,
            hold: isOpening ? Interval(nanoseconds: .max) : bounds.sound, into: &out)
    }
}
