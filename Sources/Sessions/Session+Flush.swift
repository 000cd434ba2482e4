import Basics
import Policies
import Wire

// Flushes for the transcription: made where they help, swallowed where they do harm.
extension Session {
    /// Before a piece of audio: ends the activity and begins it again, if that is due.
    mutating func flushIfDue(
        _ message: ClientMessage, at now: Instant, into out: inout Actions
    ) {
        guard let interval = rules.flush, gate.isOpen, gate.clientIsSpeaking, !tools.isWaiting,
            !downlink.reply.isOpen,
            flush.isDue(before: message, heard: gate.heard, every: interval)
        else { return }
        out.note(.ruleApplied(.flush, rules.flushMode, detail: .audio(gate.heard)))
        guard rules.flushMode == .enforce else { return flush.observed(at: gate.heard) }
        gate.flush(at: now, through: &uplink, into: &out)
        flush.flushed(at: now)
    }

    /// Whether a message is a by-product of a flush: the client then gets only the rest of it.
    mutating func keepsFlushByproduct(
        _ inbound: InboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) -> Bool {
        guard flush.isActive,
            flush.isByproduct(inbound.message, isSpeaking: gate.isOpen, at: now)
        else { return false }
        out.note(
            .ruleApplied(flush.isOfDeadAir ? .deadAir : .flush, .enforce, detail: .messages(1)))
        if inbound.message.content.contains(.interrupted) { tools.abandon() }
        showRest(of: inbound, payload, without: .reply, at: now, into: &out)
        return true
    }

    /// An end, or an end and a start, that have waited long enough are sent unchanged.
    mutating func wakeFlushPairs(at now: Instant, into out: inout Actions) {
        guard let deadline = flushPairs.deadline, now >= deadline else { return }
        releaseFlushPairs(at: now, into: &out)
    }

    mutating func releaseFlushPairs(at now: Instant, into out: inout Actions) {
        guard !flushPairs.isIdle else { return }
        admit(pastFlushPairs: flushPairs.release(), payload: Span(), at: now, into: &out)
    }
}
