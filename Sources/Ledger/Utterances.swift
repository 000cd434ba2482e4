public import Basics

/// Transcripts come in pieces of a word or two. Joins the pieces that one side of a session says
/// without a pause, as they arrive.
public struct Utterances {
    /// Begun and perhaps incomplete, by session, with the time of the newest piece.
    private var open: [String: (event: TimelineEvent, heard: Instant)] = [:]
    /// Longer than a pause within a sentence.
    private static let pause = Interval.seconds(2)
    private static let limit = 2000

    public init() {}

    /// - Returns: The utterances that are now complete, in order.
    public mutating func add(_ event: TimelineEvent, at now: Instant) -> [TimelineEvent] {
        let before = open.removeValue(forKey: event.session)?.event
        guard event.what.hasSuffix("_transcription") else {
            return (before.map { [$0] } ?? []) + [event]
        }
        if var last = before, last.what == event.what, last.lane == event.lane,
            let text = event.text.split(separator: ": ", maxSplits: 1).dropFirst().first,
            last.text.utf8.count + text.utf8.count < Self.limit
        {
            Self.join(String(text), to: &last.text)
            open[event.session] = (last, now)
            return []
        }
        open[event.session] = (event, now)
        return before.map { [$0] } ?? []
    }

    /// What is not kept is said once.
    public static func join(_ piece: String, to text: inout String) {
        if piece == "(not kept)", text.hasSuffix(piece) { return }
        text += piece
    }

    /// Those without a new piece for a while; without `now`, all.
    public mutating func settled(at now: Instant? = nil) -> [TimelineEvent] {
        let whole = open.values.filter { entry in
            guard let now else { return true }
            return now - entry.heard >= Self.pause
        }.map(\.event).sorted { $0.number < $1.number }
        for event in whole { open[event.session] = nil }
        return whole
    }
}
