import Basics

/// The point up to which the words of a long question are known.
struct Flushes {
    private(set) var marks: [(id: Journal.ID, length: Int)] = []
    private var pending: (id: Journal.ID, heard: Interval)?

    /// Transcripts come this much later than their audio.
    private static let delay = Interval.milliseconds(1500)
    private static let limit = 256

    var isPending: Bool { pending != nil }

    mutating func flushed(at id: Journal.ID) { pending = (id, .zero) }

    mutating func heard(_ audio: Interval, words: Int) {
        guard let flush = pending else { return }
        pending = (flush.id, flush.heard + audio)
        guard flush.heard + audio >= Self.delay, marks.count < Self.limit else { return }
        marks.append((flush.id, words))
        pending = nil
    }
}
