import Basics

// Waiting input, and the limits on what is kept.
extension Uplink {
    /// Keeps no more than this, as far as dropping pictures and audio suffices. Pictures go first:
    /// no word is dropped for one.
    mutating func shrink(to bytes: Int) {
        if size > bytes { journal.dropPicture() }
        if size > bytes { early.dropPicture() }
        var rest = bounds
        rest.bytes = max(0, bytes - sizeBesideJournal)
        journal.shrink(to: rest)
    }

    /// Releases what is kept of answered turns.
    mutating func shed() { journal.shed() }

    /// Keeps no more than this, as far as dropping audio that waits suffices.
    mutating func shrinkWaiting(to bytes: Int, into out: inout Actions) {
        early.shrink(to: bytes - (size - early.size), into: &out)
    }

    /// False if the rest does not fit even without audio and pictures.
    ///
    /// - Parameters:
    ///   - isOpening: The conversation has not begun, so no old words are dropped.
    ///   - cutsPauses: Detection is automatic.
    mutating func hold(
        _ outbound: OutboundMessage, room: Int, isOpening: Bool, cutsPauses: Bool,
        into out: inout Actions
    ) -> Bool {
        let fits = early.hold(
            outbound, limit: room + early.size,
            hold: isOpening ? Interval(nanoseconds: .max) : bounds.sound, cutsPauses: cutsPauses,
            into: &out)
        if !isOpening { leaveRoomForWaitingSound() }
        return fits
    }

    /// One limit for both, and the oldest goes first: that is what gemini was sent before.
    private mutating func leaveRoomForWaitingSound() {
        var rest = bounds
        rest.bytes = .max
        rest.sound = max(.zero, bounds.sound - early.audio)
        journal.shrink(to: rest)
    }
}
