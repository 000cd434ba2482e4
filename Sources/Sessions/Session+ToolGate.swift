import Basics
import Policies
import Wire

// Real-time input during a call, for families that close on it.
extension Session {
    /// We must not send input to gemini now: the family closes on real-time input during a call
    /// (failure catalogue 4.5).
    var mustNotSpeak: Bool { mutating get { toolGate.isShut } }

    /// True if the message waits for the end of a call.
    mutating func heldByToolGate(
        _ outbound: OutboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) -> Bool {
        if rules.toolGate != .off {
            out.note(.ruleApplied(.toolGate, rules.toolGate, detail: .messages(1)))
        }
        guard rules.toolGate == .enforce else {
            // The policy may have changed meanwhile.
            if toolGate.size > 0 { openToolGate(at: now, into: &out) }
            guard !uplink.early.isEmpty else { return false }
            keepEarly(outbound, payload: payload, into: &out)
            return true
        }
        makeRoom(for: outbound.weightOfWords(payload))
        // If even boundaries and text do not fit, we take the risk and send them: they must not be
        // lost.
        if !toolGate.hold(
            outbound.kept(payload), limit: toolGate.size + room, hold: rules.holdAudio, into: &out)
        {
            openToolGate(at: now, into: &out)
        }
        return true
    }

    /// Gemini called: from now on the client's input waits, unless every tool lets the conversation
    /// continue.
    mutating func shutToolGate(at now: Instant) {
        if rules.gatesInputDuringTools, tools.block(upstream.current) { toolGate.shut(at: now) }
    }

    /// Opens the gate if no blocking call is open any more, or if it was shut for too long.
    mutating func openToolGateIfDue(at now: Instant, into out: inout Actions) {
        guard let deadline = toolGate.deadline, !tools.block(upstream.current) || now >= deadline
        else {
            return
        }
        openToolGate(at: now, into: &out)
    }

    private mutating func openToolGate(at now: Instant, into out: inout Actions) {
        let isBurst = toolGate.audio > profile.burst
        let waiting = toolGate.open(into: &out)
        if isBurst { uplink.keepPace(profile.burst, at: now) }
        for outbound in waiting {
            guard phase == .talking, let kept = outbound.kept else { return }
            isBurst
                ? keepEarly(outbound, payload: kept.span, into: &out)
                : converse(outbound, payload: kept.span, at: now, into: &out)
        }
        if isBurst, phase == .talking { goOnReleasing(at: now, into: &out) }
    }
}
