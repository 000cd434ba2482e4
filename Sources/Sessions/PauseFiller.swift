import Basics
import Policies
import Wire

/// Automatic VAD: a microphone that stops sending frames is told to gemini, whose detector would
/// otherwise wait for silence it never hears. In the form the family takes: its own signal, or
/// silence in real time.
struct PauseFiller {
    private enum State {
        case quiet
        case streaming(last: Instant)
        case filling(next: Instant, until: Instant)
    }
    private var state = State.quiet

    /// 100 ms a message: the largest chunk clients commonly send.
    private static let step = Interval.milliseconds(100)

    mutating func heardAudio(at now: Instant) { state = .streaming(last: now) }

    /// The client ended its stream itself. Families that do not take that for an end get the
    /// silence they wait for.
    mutating func streamEnded(_ terms: Terms, at now: Instant, into out: inout Actions) {
        guard case .streaming = state else { return }
        guard terms.pauseForm == .silence, terms.streamEndOnPause != .off else {
            state = .quiet
            return
        }
        out.note(.ruleApplied(.streamEndOnPause, terms.streamEndOnPause, detail: .none))
        state =
            terms.streamEndOnPause == .enforce
            ? .filling(next: now, until: now + terms.trailingSilence) : .quiet
    }

    func deadline(_ terms: Terms) -> Instant? {
        switch state {
        case .quiet: nil
        case .streaming(let last): terms.streamEndOnPause == .off ? nil : last + terms.pause
        case .filling(let next, _): next
        }
    }

    mutating func wake(
        _ terms: Terms, at now: Instant, through uplink: inout Uplink, into out: inout Actions
    ) -> Bool {
        guard let deadline = deadline(terms), now >= deadline else { return false }
        if case .streaming = state {
            let mode = terms.streamEndOnPause
            out.note(.ruleApplied(.streamEndOnPause, mode, detail: .none))
            state = .quiet
            guard mode == .enforce else { return true }
            guard terms.pauseForm == .silence else {
                uplink.sayAside(Compose.audioStreamEnd, into: &out)
                return true
            }
            state = .filling(next: now, until: now + terms.trailingSilence)
        }
        guard case .filling(let next, let until) = state else { return true }
        uplink.saySilenceAside(Self.step, into: &out)
        // Counted from the plan, not from now, so that a late wake-up does not slow the sound;
        // but never a burst to catch up.
        let following = max(next + Self.step, now)
        state = following >= until ? .quiet : .filling(next: following, until: until)
        return true
    }
}
