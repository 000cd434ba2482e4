import Basics
import Policies
public import Wire

// Rules that depend on how the user sounds: noise that opens activities, flushes for the
// transcription.
extension Session {
    /// How thoroughly the shell must analyse the client's audio now. Almost always not at all: only
    /// when a rule is about to act.
    public var wantsVoicing: Voicing.Extent { mutating get { voicingWanted() } }

    private mutating func voicingWanted() -> Voicing.Extent {
        guard rules.listens, phase == .talking else { return .nothing }
        // A detector must learn the room's noise, so it hears everything.
        if rules.noiseHold > .zero { return .voice }
        guard gate.isOpen || !flushPairs.isIdle else { return .nothing }
        if rules.swallowsFlushes {
            return flushPairs.needsEar(heard: gate.heard) ? .voice : .nothing
        }
        if let interval = rules.flush, gate.heard >= interval - Flush.window { return .level }
        return .nothing
    }

    /// Passes one part of a client's real-time input, in manual detection, through the holds.
    mutating func admit(
        _ outbound: OutboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        guard rules.swallowsFlushes || !flushPairs.isIdle else {
            return admit(pastFlushPairs: outbound, payload: payload, at: now, into: &out)
        }
        let instead = flushPairs.replace(
            outbound, payload: payload, rules: rules, heard: gate.heard,
            limit: flushPairs.mayHold(outbound.message)
                ? flushPairs.size + madeRoom(for: outbound.footprint(payload)) : 0,
            isMidTurn: gate.isOpen && gate.clientIsSpeaking && !downlink.reply.isOpen, at: now,
            into: &out)
        if let instead {
            admit(pastFlushPairs: instead, payload: payload, at: now, into: &out)
        } else {
            admit(pastFlushPairs: outbound, payload: payload, at: now, into: &out)
        }
    }

    mutating func admit(
        pastFlushPairs passages: [OutboundMessage], payload: Span<UInt8>, at now: Instant,
        into out: inout Actions
    ) {
        for outbound in passages {
            if let kept = outbound.kept {
                admit(pastFlushPairs: outbound, payload: kept.span, at: now, into: &out)
            } else {
                admit(pastFlushPairs: outbound, payload: payload, at: now, into: &out)
            }
        }
    }

    private mutating func admit(
        pastFlushPairs outbound: OutboundMessage, payload: Span<UInt8>, at now: Instant,
        into out: inout Actions
    ) {
        guard rules.noiseHold > .zero || noiseHold.isHolding else {
            return enter(outbound, payload: payload, at: now, into: &out)
        }
        let instead = noiseHold.replace(
            outbound, payload: payload, rules: rules,
            limit: noiseHold.mayHold(outbound.message)
                ? noiseHold.size + madeRoom(for: outbound.footprint(payload)) : 0,
            isSuspect: !gate.isOpen && turns.isUnanswered(for: NoiseHold.reach, at: now),
            into: &out)
        guard let instead else { return enter(outbound, payload: payload, at: now, into: &out) }
        enter(instead, payload: payload, at: now, into: &out)
    }

    private mutating func enter(
        _ passages: [OutboundMessage], payload: Span<UInt8>, at now: Instant,
        into out: inout Actions
    ) {
        for outbound in passages {
            if let kept = outbound.kept {
                enter(outbound, payload: kept.span, at: now, into: &out)
            } else {
                enter(outbound, payload: payload, at: now, into: &out)
            }
        }
    }

    /// After every hold: the gate decides.
    private mutating func enter(
        _ outbound: OutboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        if gate.isEnding, heldBehindEnd(outbound, payload: payload, at: now, into: &out) { return }
        if rules.flush != nil, outbound.message.input.contains(.audio) {
            flushIfDue(outbound.message, at: now, into: &out)
        }
        let wasOpen = gate.isOpen
        let wasEndedEarly = gate.isEndedEarly
        let room =
            gate.mayKeep(outbound.message, rules) ? madeRoom(for: outbound.footprint(payload)) : 0
        gate.admit(
            outbound, payload: payload, rules: rules, room: room, at: now, through: &uplink,
            into: &out)
        askIfEnded(wasOpen, at: now, into: &out)
        if !wasOpen, gate.isOpen {
            if flush.owesEnd(at: now) { turns.endsToHide += 1 }
            flush = Flush()
        }
        if wasEndedEarly, !gate.isEndedEarly {
            gate.isOpen && !outbound.message.input.contains(.activityStart)
                ? halfGoesOn(at: now, into: &out) : showEndOfHalf(at: now, into: &out)
        }
        guard outbound.message.input.contains(.text) else { return }
        typed(outbound.message, payload)
        guard !gate.isOpen else { return }
        tellTyped(outbound, payload, into: &out)
        ask(.text, at: now, into: &out)
    }

    mutating func wakeGate(at now: Instant, into out: inout Actions) {
        guard let deadline = gate.deadline(rules), now >= deadline else { return }
        if gate.isEnding { return releaseEnd(at: now, into: &out) }
        let wasOpen = gate.isOpen
        gate.wake(rules, at: now, through: &uplink, into: &out)
        askIfEnded(wasOpen, at: now, into: &out)
    }

    /// True if the message waits behind the end of an activity.
    private mutating func heldBehindEnd(
        _ outbound: OutboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) -> Bool {
        while gate.mustFollowEnd(outbound.message) {
            if gate.holdBehindEnd(
                outbound, payload: payload, rules: rules,
                room: madeRoom(for: outbound.footprint(payload)), at: now, into: &out)
            {
                return true
            }
            // If it does not fit, we risk an early end: nothing may be lost.
            releaseEnd(at: now, into: &out)
        }
        return false
    }

    /// Sends the held end, and the messages after it as far as no other end is held.
    mutating func releaseEnd(at now: Instant, into out: inout Actions) {
        let wasOpen = gate.isOpen
        let next = gate.releaseEnd(rules, through: &uplink, into: &out)
        askIfEnded(wasOpen, at: now, into: &out)
        for outbound in next {
            guard phase == .talking, let kept = outbound.kept else { return }
            outbound.message.isRealtimeInput
                ? enter(outbound, payload: kept.span, at: now, into: &out)
                : takeOther(outbound, payload: kept.span, at: now, into: &out)
        }
    }

    /// Nothing waits any longer, whether or not it is due.
    mutating func releaseEnds(at now: Instant, into out: inout Actions) {
        while gate.isEnding { releaseEnd(at: now, into: &out) }
    }

    /// True if a message that is not real-time input waits behind real-time input: it passes the
    /// same holds, so that it overtakes nothing.
    mutating func heldBehindInput(
        _ outbound: OutboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) -> Bool {
        if toolGate.isHolding, heldByToolGate(outbound, payload: payload, at: now, into: &out) {
            return true
        }
        releaseFlushPairs(at: now, into: &out)
        // Input that may turn out to be noise is no reason to wait.
        if noiseHold.mayHoldVoice(rules) {
            enter(noiseHold.release(into: &out), payload: payload, at: now, into: &out)
        }
        return heldBehindEnd(outbound, payload: payload, at: now, into: &out)
    }

    /// An activity that ends, by whatever means, is a question if it contained voice or text.
    mutating func askIfEnded(_ wasOpen: Bool, at now: Instant, into out: inout Actions) {
        guard wasOpen, !gate.isOpen else { return }
        if gate.wasHeard {
            ask(.audio, at: now, into: &out)
        } else if gate.hasText {
            // They came before the end that asks.
            if let words = uplink.journal.typedQuestion { out.note(.typed(words)) }
            ask(.text, at: now, into: &out)
        }
    }
}
