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

    func isVoiced(_ entry: KeptMessages.Entry, from level: Int32 = Self.voice) -> Bool {
        guard entry.audio > .zero, !entry.isGone else { return false }
        let message = kept.message(entry)
        guard let scanned = try? ClientMessage.scan(message.span) else { return true }
        return Loudness.ofPCM16(base64: message.span, scanned.audio).peak >= level
    }

    /// In automatic detection, without most of the silence in long pauses.
    func withoutLongPauses(_ ids: [ID]) -> (ids: [ID], skipped: Interval) {
        let silence = isVoiced ? Self.voice : Self.hush
        var chosen: [ID] = []
        var pauses = PauseCutter<ID>()
        for id in ids {
            let entry = kept.entries[kept.index(of: id)]
            if entry.kind == .sound {
                let isSilent = !isVoiced(entry, from: silence)
                if pauses.leavesOut(id, entry.audio, isSilent: isSilent) { continue }
            }
            if let last = pauses.takeLast() { chosen.append(last) }
            chosen.append(id)
        }
        if let last = pauses.takeLast() { chosen.append(last) }
        return (chosen, pauses.skipped)
    }

    /// Whether a transcript that comes now, and is written only when the speaker has paused,
    /// belongs to an answered turn: the user is in the middle of the next one.
    func isLateTranscript(at now: Instant) -> Bool {
        guard voiced > .zero, let lastVoiced, now - lastVoiced < Self.pause else { return false }
        return untold.contains { $0.role == .user }
    }

    /// About -36 dB of full scale: above the noise of a room, below a quiet voice.
    static let voice: Int32 = 500
    /// About -50 dB: below any voice, however quiet.
    static let hush: Int32 = 100
}
