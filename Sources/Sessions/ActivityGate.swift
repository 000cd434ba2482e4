import Basics
import Policies
import Wire

/// Manual VAD: what of the client's boundaries and audio gemini may hear, and when.
///
/// Two views are kept apart. Gemini's: is an activity open on its side? The client's: has it said
/// start without an end? They differ after a dead track was closed for it (gemini closed, client
/// open) and while a too early end is held (gemini open, client closed).
struct ActivityGate: ~Copyable {
    /// Gemini has an open activity.
    private(set) var isOpen = false
    /// The client has said start and not yet end.
    private(set) var clientIsSpeaking = false
    private var openedAt = Instant(nanoseconds: 0)
    private var lastInputAt = Instant(nanoseconds: 0)
    /// What gemini heard since the activity opened.
    private(set) var heard = Interval.zero
    private var heardAudio = false
    /// The activity that is open, or was last, had sound of the client's in it.
    var wasHeard: Bool { heardAudio || isFlushed }
    private var heldEnd: (bytes: [UInt8], opcode: Opcode)?
    private var leadIn = LeadIn()
    private var deadAirObserved = false
    /// The activity was begun by a flush, so its distance to the end is not the client's doing.
    private var isFlushed = false

    /// Bytes of messages kept here.
    var heldBytes: Int { leadIn.size + (heldEnd?.bytes.count ?? 0) }

    /// One part of a `realtimeInput`. Afterwards gemini's view is legal again, whatever came.
    mutating func take(
        _ passage: Passage, payload: Span<UInt8>, terms: Terms, at now: Instant,
        into out: inout Actions
    ) {
        let input = passage.message.input
        if input.contains(.activityStart) {
            start(passage, terms: terms, at: now, into: &out)
        } else if input.contains(.activityEnd) {
            end(passage, payload: payload, terms: terms, at: now, into: &out)
        } else if input.contains(.audio) {
            hear(passage, payload: payload, terms: terms, at: now, into: &out)
        } else if input.contains(.audioStreamEnd) {
            if terms.streamEndInManual != .off {
                out.note(.ruleApplied(.streamEndInManual, terms.streamEndInManual, detail: .none))
            }
            if terms.streamEndInManual != .enforce { passage.pass(into: &out) }
        } else {
            if isOpen, !heardAudio { lastInputAt = now }
            passage.pass(into: &out)
        }
    }

    /// When the gate wants to be woken: a held end is due, or the open activity went silent.
    func deadline(_ terms: Terms) -> Instant? {
        guard isOpen else { return nil }
        if heldEnd != nil { return openedAt + terms.minActivity }
        if terms.deadAirMode == .off || deadAirObserved { return nil }
        return lastInputAt + terms.deadAir
    }

    mutating func wake(_ terms: Terms, opcode: Opcode, at now: Instant, into out: inout Actions) {
        guard let deadline = deadline(terms), now >= deadline else { return }
        if heldEnd != nil { return releaseEnd(terms, into: &out) }
        out.note(.ruleApplied(.deadAir, terms.deadAirMode, detail: .audio(heard)))
        if terms.deadAirMode == .observe {
            deadAirObserved = true
            return
        }
        let end = Passage(message: ClientMessage(), kept: Compose.activityEnd, opcode: opcode)
        close(end, by: .turnkeeper, terms: terms, into: &out)
    }

    // MARK: Boundaries

    private mutating func start(
        _ passage: Passage, terms: Terms, at now: Instant, into out: inout Actions
    ) {
        if isOpen {
            if clientIsSpeaking {
                if terms.repeatedActivity != .off {
                    out.note(.ruleApplied(.repeatedActivity, terms.repeatedActivity, detail: .none))
                }
                if terms.repeatedActivity != .enforce { passage.pass(into: &out) }
                return
            }
            releaseEnd(terms, into: &out)
        }
        clientIsSpeaking = true
        open(passage, by: .client, at: now, into: &out)
        for kept in leadIn.drain(at: now, limit: terms.leadIn) {
            heard = heard + kept.message.audioDuration
            if kept.message.audioBytes > 0 { heardAudio = true }
            kept.pass(into: &out)
        }
    }

    private mutating func end(
        _ passage: Passage, payload: Span<UInt8>, terms: Terms, at now: Instant,
        into out: inout Actions
    ) {
        guard isOpen, heldEnd == nil else {
            // Late, after its activity was closed for it: that was its end. Or simply a repeat.
            let isLate = clientIsSpeaking
            clientIsSpeaking = false
            let mode = isLate ? .enforce : terms.repeatedActivity
            if mode != .off {
                out.note(
                    isLate
                        ? .ruleApplied(.deadAir, mode, detail: .late)
                        : .ruleApplied(.repeatedActivity, mode, detail: .none))
            }
            if mode != .enforce { passage.pass(into: &out) }
            return
        }
        clientIsSpeaking = false
        if now < openedAt + terms.minActivity, terms.shortActivity != .off {
            // A message that waited or was taken apart here lost its distance to the start by our
            // doing, so the distance is ours to give back.
            let isOurs = passage.kept != nil || isFlushed
            let mode: Mode = isOurs ? .enforce : terms.shortActivity
            out.note(.ruleApplied(.shortActivity, mode, detail: .audio(heard)))
            if mode == .enforce {
                heldEnd = (passage.bytes(payload), passage.opcode)
                return
            }
        }
        close(passage, by: .client, terms: terms, into: &out)
    }

    private mutating func hear(
        _ passage: Passage, payload: Span<UInt8>, terms: Terms, at now: Instant,
        into out: inout Actions
    ) {
        if isOpen, heldEnd == nil {
            // The common case: nothing but a clock and a sum.
        } else if clientIsSpeaking {
            // The track that was closed for silence is back, in the same activity as the client
            // sees it.
            let start = Passage(
                message: ClientMessage(), kept: Compose.activityStart, opcode: passage.opcode)
            open(start, by: .turnkeeper, at: now, into: &out)
        } else {
            return outside(passage, payload: payload, terms: terms, at: now, into: &out)
        }
        lastInputAt = now
        heard = heard + passage.message.audioDuration
        if passage.message.audioBytes > 0 { heardAudio = true }
        deadAirObserved = false
        passage.pass(into: &out)
    }

    private mutating func outside(
        _ passage: Passage, payload: Span<UInt8>, terms: Terms, at now: Instant,
        into out: inout Actions
    ) {
        let mode = terms.audioOutsideActivity
        if mode != .off {
            let audio = Fact.Detail.audio(passage.message.audioDuration)
            out.note(.ruleApplied(.audioOutsideActivity, mode, detail: audio))
        }
        guard mode == .enforce else { return passage.pass(into: &out) }
        guard terms.leadIn > .zero else { return }
        let kept = Passage(
            message: passage.message, kept: passage.bytes(payload), opcode: passage.opcode)
        leadIn.keep(kept, at: now, limit: terms.leadIn, bytes: terms.buffer)
    }

    /// Ends the open activity and begins it again, so that what was said is transcribed.
    mutating func flush(
        _ terms: Terms, opcode: Opcode, at now: Instant, into out: inout Actions
    ) {
        guard isOpen, heldEnd == nil else { return }
        func boundary(_ bytes: [UInt8]) -> Passage {
            Passage(message: ClientMessage(), kept: bytes, opcode: opcode)
        }
        close(boundary(Compose.activityEnd), by: .turnkeeper, terms: terms, into: &out)
        open(boundary(Compose.activityStart), by: .turnkeeper, at: now, into: &out)
        isFlushed = true
    }

    /// On a new connection that is not told what the old one heard.
    mutating func reopen(opcode: Opcode, into out: inout Actions) {
        if heardAudio { out.note(.inputDropped(heard)) }
        heard = .zero
        heardAudio = false
        out.append(.send(.gemini, Compose.activityStart, opcode))
    }

    /// Sends an end that was held, as it must go before whatever comes next.
    mutating func releaseEnd(_ terms: Terms, into out: inout Actions) {
        guard let held = heldEnd else { return }
        heldEnd = nil
        let end = Passage(message: ClientMessage(), kept: held.bytes, opcode: held.opcode)
        close(end, by: .client, terms: terms, into: &out)
    }

    private mutating func open(
        _ start: Passage, by author: Fact.Author, at now: Instant, into out: inout Actions
    ) {
        isOpen = true
        openedAt = now
        lastInputAt = now
        heard = .zero
        heardAudio = false
        deadAirObserved = false
        isFlushed = false
        start.pass(into: &out)
        out.note(.activityStarted(by: author))
    }

    private mutating func close(
        _ end: Passage, by author: Fact.Author, terms: Terms, into out: inout Actions
    ) {
        if !heardAudio, terms.emptyActivity != .off {
            out.note(.ruleApplied(.emptyActivity, terms.emptyActivity, detail: .none))
            if terms.emptyActivity == .enforce {
                out.append(.send(.gemini, Compose.silence(.milliseconds(100)), end.opcode))
            }
        }
        isOpen = false
        end.pass(into: &out)
        out.note(.activityEnded(by: author, audio: heard))
    }
}

/// The last moments of audio that came outside an activity, for clients whose own detector fires
/// late. Empty unless `turns.lead_in` asks for it.
private struct LeadIn {
    private var kept: [(passage: Passage, at: Instant)] = []
    private(set) var size = 0

    mutating func keep(_ passage: Passage, at now: Instant, limit: Interval, bytes: Int) {
        kept.append((passage, now))
        size += passage.kept?.count ?? 0
        var first = 0
        while first < kept.count, kept[first].at + limit < now || size > bytes {
            size -= kept[first].passage.kept?.count ?? 0
            first += 1
        }
        kept.removeFirst(first)
    }

    mutating func drain(at now: Instant, limit: Interval) -> [Passage] {
        defer {
            kept = []
            size = 0
        }
        return kept.filter { $0.at + limit >= now }.map(\.passage)
    }
}
