import Basics
import Policies
public import Wire

// What depends on how the user sounds: noise that opens activities, flushes of the transcription.
extension Session {
    /// How closely the shell must listen to the client's audio now. Nothing, nearly always: only
    /// what a rule is about to act upon.
    public var wantsVoicing: Voicing.Extent { mutating get { voicingWanted() } }

    private mutating func voicingWanted() -> Voicing.Extent {
        guard terms.listens, phase == .talking else { return .nothing }
        // A detector learns what the room sounds like, so it hears everything.
        if terms.noiseHold > .zero { return .voice }
        guard gate.isOpen || !flushPairs.isIdle else { return .nothing }
        if terms.swallowsFlushes {
            return flushPairs.needsEar(heard: gate.heard) ? .voice : .nothing
        }
        if let interval = terms.flush, gate.heard >= interval - Flush.window { return .level }
        return .nothing
    }

    /// One part of a client's real-time input in manual detection, through what may hold it.
    mutating func admit(
        _ passage: Passage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        guard terms.swallowsFlushes || !flushPairs.isIdle else {
            return admit(pastFlushPairs: passage, payload: payload, at: now, into: &out)
        }
        let instead = flushPairs.take(
            passage, payload: payload, terms: terms, heard: gate.heard,
            isMidTurn: gate.isOpen && gate.clientIsSpeaking && !downlink.reply.isOpen, at: now,
            into: &out)
        if let instead {
            admit(pastFlushPairs: instead, payload: payload, at: now, into: &out)
        } else {
            admit(pastFlushPairs: passage, payload: payload, at: now, into: &out)
        }
    }

    mutating func admit(
        pastFlushPairs passages: [Passage], payload: Span<UInt8>, at now: Instant,
        into out: inout Actions
    ) {
        for passage in passages {
            if let kept = passage.kept {
                admit(pastFlushPairs: passage, payload: kept.span, at: now, into: &out)
            } else {
                admit(pastFlushPairs: passage, payload: payload, at: now, into: &out)
            }
        }
    }

    private mutating func admit(
        pastFlushPairs passage: Passage, payload: Span<UInt8>, at now: Instant,
        into out: inout Actions
    ) {
        guard terms.noiseHold > .zero || noiseHold.isHolding else {
            return enter(passage, payload: payload, at: now, into: &out)
        }
        let instead = noiseHold.take(
            passage, payload: payload, terms: terms,
            isSuspect: !gate.isOpen && turns.isUnanswered(for: NoiseHold.reach, at: now),
            into: &out)
        guard let instead else { return enter(passage, payload: payload, at: now, into: &out) }
        enter(instead, payload: payload, at: now, into: &out)
    }

    private mutating func enter(
        _ passages: [Passage], payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        for passage in passages {
            if let kept = passage.kept {
                enter(passage, payload: kept.span, at: now, into: &out)
            } else {
                enter(passage, payload: payload, at: now, into: &out)
            }
        }
    }

    /// Past every hold: the gate decides.
    private mutating func enter(
        _ passage: Passage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        if terms.flush != nil, passage.message.input.contains(.audio) {
            flushIfDue(passage.message, at: now, into: &out)
        }
        let wasOpen = gate.isOpen
        gate.take(
            passage, payload: payload, terms: terms, at: now, through: &uplink, into: &out)
        if wasOpen, !gate.isOpen, gate.wasHeard { ask(.audio, at: now, into: &out) }
        if !wasOpen, gate.isOpen { flush = Flush() }
        guard passage.message.input.contains(.text) else { return }
        typed(passage.message, payload)
        if !gate.isOpen { ask(.text, at: now, into: &out) }
    }
}
