import Basics
import Policies
import Wire

/// Automatic VAD: tells gemini when the microphone stops sending frames, because its detector would
/// otherwise wait for silence that never comes. Uses the family's form: its own signal, or silence
/// in real time.
struct PauseFiller {
    private enum State {
        case quiet
        case streaming(last: Instant)
        case filling(next: Instant, until: Instant)
    }
    private var state = State.quiet

    /// 100 ms a message: the largest chunk clients commonly send.
    private static let step = Interval.milliseconds(100)

    var isStreaming: Bool { if case .streaming = state { true } else { false } }

    mutating func heardAudio(at now: Instant) { state = .streaming(last: now) }

    mutating func clientWasUnread(at now: Instant) {
        if case .streaming = state { state = .streaming(last: now) }
    }

    /// The client ended its stream itself. Families that ignore that signal get the silence they
    /// wait for.
    mutating func streamEnded(_ rules: EffectiveRules, at now: Instant, into out: inout Actions) {
        guard case .streaming = state else { return }
        guard rules.pauseForm == .silence, rules.streamEndOnPause != .off else {
            state = .quiet
            return
        }
        out.note(.ruleApplied(.streamEndOnPause, rules.streamEndOnPause, detail: .none))
        state =
            rules.streamEndOnPause == .enforce
            ? .filling(next: now, until: now + rules.trailingSilence) : .quiet
    }

    @inline(__always)
    func deadline(_ rules: EffectiveRules) -> Instant? {
        switch state {
        case .quiet: nil
        case .streaming(let last): rules.streamEndOnPause == .off ? nil : last + rules.pause
        case .filling(let next, _): next
        }
    }

    mutating func wake(
        _ rules: EffectiveRules, at now: Instant, through uplink: inout Uplink,
        into out: inout Actions
    ) -> Bool {
        guard let deadline = deadline(rules), now >= deadline else { return false }
        if case .streaming = state {
            let mode = rules.streamEndOnPause
            out.note(.ruleApplied(.streamEndOnPause, mode, detail: .none))
            state = .quiet
            guard mode == .enforce else { return true }
            guard rules.pauseForm == .silence else {
                uplink.sayAside(Compose.audioStreamEnd, into: &out)
                uplink.journal.streamEnded(isOurs: true)
                return true
            }
            state = .filling(next: now, until: now + rules.trailingSilence)
        }
        guard case .filling(let next, let until) = state else { return true }
        uplink.saySilenceAside(Self.step, into: &out)
        uplink.journal.heardSilence(Self.step, isOurs: true)
        // Relative to the schedule, not to now, so that a late wake-up does not slow the audio; but
        // never a burst to catch up.
        let following = max(next + Self.step, now)
        state = following >= until ? .quiet : .filling(next: following, until: until)
        return true
    }
}
