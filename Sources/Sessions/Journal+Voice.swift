import Basics
import Wire

// The voice in unanswered input.
extension Journal {
    /// Where speech begins whose end is unknown: an open activity or, in automatic detection, where
    /// only an answer shows that it was heard to its end, everything since the last answer.
    func unfinished(isManual: Bool) -> ID {
        let entries = kept.entries
        if isManual {
            let open = activity(around: entries.count)
            return open < entries.count ? entries[open].id : end
        }
        guard voiced > .zero else { return end }
        return entries.first { $0.kind == .sound && !$0.isGone }?.id ?? end
    }

    /// Whether a voice can be heard in the unanswered audio; also `true` if audio had to be
    /// dropped, or if there is none.
    var isVoiced: Bool { isVoiced(since: 0) }

    /// The same without the questions that the user interrupted.
    var isVoicedSinceInterrupted: Bool { isVoiced(since: interrupted) }

    private func isVoiced(since id: ID) -> Bool {
        guard dropped == .zero, audio > .zero else { return true }
        return kept.entries.contains { $0.id >= id && isVoiced($0) }
    }

    func isVoiced(_ entry: KeptMessages.Entry) -> Bool {
        guard entry.audio > .zero, !entry.isGone else { return false }
        let message = kept.message(entry)
        guard let scanned = try? ClientMessage.scan(message.span) else { return true }
        return Self.isVoiced(scanned, message.span)
    }

    static func isVoiced(_ message: ClientMessage, _ payload: Span<UInt8>) -> Bool {
        Loudness.ofPCM16(base64: payload, message.audio).peak >= voice
    }

    /// In automatic detection, without most of the silence in long pauses: replayed in real time, it
    /// would delay what the user says next.
    func withoutLongPauses(_ ids: [ID]) -> [ID] {
        var quiet = Interval.zero
        return ids.filter { id in
            let entry = kept.entries[kept.index(of: id)]
            guard entry.kind == .sound else { return true }
            quiet = isVoiced(entry) ? .zero : quiet + entry.audio
            return quiet <= EarlyInput.longestPause
        }
    }

    /// Whether a transcript that comes now, and is written only when the speaker has paused,
    /// belongs to an answered turn: the user is in the middle of the next one.
    func isLateTranscript(at now: Instant) -> Bool {
        guard voiced > .zero, let lastVoiced, now - lastVoiced < Self.pause else { return false }
        return untold.contains { $0.role == .user }
    }

    /// About -36 dB of full scale: above the noise of a room, below a quiet voice.
    static let voice: Int32 = 500
}
