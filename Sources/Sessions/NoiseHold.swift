import Basics
import Policies
import Wire

/// A cough, a key or a door right after a question makes a client open an activity without speech,
/// and the model then waits for the rest of it (failure catalogue 1.6). So a start that follows a
/// recent, unanswered turn waits until its audio is voiced; a pair without voice is swallowed. Once
/// voiced, everything is sent in order: holding costs a moment, never a word.
struct NoiseHold: ~Copyable {
    private enum State {
        case idle
        case holding
        /// As holding, but everything is sent to gemini.
        case observing
    }
    private var state = State.idle
    private var queue: [OutboundMessage] = []
    private(set) var size = 0
    private var audio = Interval.zero
    /// What the ring, or the session's limit, had no room for.
    private var dropped = Interval.zero
    private var proof = VoiceProof()

    /// How recently a turn must have ended for the next activity to be suspect.
    static let reach = Interval.seconds(3)
    /// How much audio before the voice is kept: more than any missed onset.
    static let ring = Interval.seconds(2)

    var isHolding: Bool { if case .holding = state { true } else { false } }

    /// The held audio may be speech.
    func mayHoldVoice(_ rules: EffectiveRules) -> Bool {
        isHolding && proof.isDoubtful(rules.noiseHold)
    }

    /// Whether this message may have to be held.
    func mayHold(_ message: ClientMessage) -> Bool {
        isHolding || message.input.contains(.activityStart)
    }

    /// What to send instead of the message, or `nil` to send the message itself.
    ///
    /// - Parameters:
    ///   - limit: How many bytes may be held here.
    ///   - isSuspect: A start now would follow an unanswered turn.
    mutating func replace(
        _ outbound: OutboundMessage, payload: Span<UInt8>, rules: EffectiveRules, limit: Int,
        isSuspect: Bool, into out: inout Actions
    ) -> [OutboundMessage]? {
        switch state {
        case .idle:
            guard isSuspect, outbound.message.input.contains(.activityStart) else { return nil }
            state = rules.noiseHoldMode == .enforce ? .holding : .observing
            guard isHolding else { return nil }
            hold(outbound, payload, detail: .none, limit: limit, into: &out)
            return []
        case .observing:
            observe(outbound.message, rules: rules, into: &out)
            return nil
        case .holding:
            return judge(outbound, payload: payload, rules: rules, limit: limit, into: &out)
        }
    }

    private mutating func judge(
        _ outbound: OutboundMessage, payload: Span<UInt8>, rules: EffectiveRules, limit: Int,
        into out: inout Actions
    ) -> [OutboundMessage]? {
        let input = outbound.message.input
        if input.contains(.activityEnd) {
            if proof.isDoubtful(rules.noiseHold) {
                // Kept, so that the gate knows that its distance to the start was lost here.
                return release(then: outbound.kept(payload), into: &out)
            }
            // The start and everything in between are dropped with it.
            let heard = Fact.Detail.audio(audio + dropped)
            out.note(.ruleApplied(.noiseHold, .enforce, detail: heard))
            dropped = .zero
            return (release(into: &out) + [outbound]).compactMap { swallowed in
                swallowed.rest(without: .sound.union(.boundaries), payload)
            }
        }
        if input.contains(.activityStart) {
            out.note(.ruleApplied(.repeatedActivity, .enforce, detail: .none))
            return outbound.rest(without: .activityStart, payload).map { [$0] } ?? []
        }
        // Typed text is intentional.
        if input.contains(.text) { return release(then: outbound, into: &out) }
        guard input.contains(.audio) else { return nil }
        proof.observe(outbound.message)
        if proof.reaches(rules.noiseHold) { return release(then: outbound, into: &out) }
        let length = outbound.message.audioDuration
        // Something would have to be dropped, and it may have been a word.
        let isTooMuch = audio + length > Self.ring || size + outbound.footprint(payload) > limit
        if isTooMuch, proof.isDoubtful(rules.noiseHold) {
            return release(then: outbound, into: &out)
        }
        hold(outbound, payload, detail: .audio(length), limit: limit, into: &out)
        return []
    }

    private mutating func hold(
        _ outbound: OutboundMessage, _ payload: Span<UInt8>, detail: Fact.Detail, limit: Int,
        into out: inout Actions
    ) {
        out.note(.ruleApplied(.noiseHold, .enforce, detail: detail))
        queue.append(outbound.kept(payload))
        size += outbound.footprint(payload)
        audio = audio + outbound.message.audioDuration
        while audio > Self.ring || size > limit {
            // The first entry is the start, which stays.
            guard let index = queue.dropFirst().firstIndex(where: { $0.message.audioBytes > 0 })
            else { break }
            let oldest = queue[index]
            let rest = oldest.rest(without: .sound, Span())
            size += (rest?.footprint ?? 0) - oldest.footprint
            audio = audio - oldest.message.audioDuration
            dropped = dropped + oldest.message.audioDuration
            queue.replaceSubrange(index...index, with: rest.map { [$0] } ?? [])
        }
    }

    /// Everything held; the message that proved the voice comes last.
    private mutating func release(
        then last: OutboundMessage, into out: inout Actions
    ) -> [OutboundMessage] {
        let held = release(into: &out)
        return held + [last]
    }

    mutating func release(into out: inout Actions) -> [OutboundMessage] {
        if dropped > .zero { out.note(.inputDropped(dropped)) }
        let held = queue
        self = NoiseHold()
        return held
    }

    private mutating func observe(
        _ message: ClientMessage, rules: EffectiveRules, into out: inout Actions
    ) {
        if message.input.contains(.audio) {
            audio = audio + message.audioDuration
            proof.observe(message)
        }
        let isOver = message.input.contains(.activityEnd)
        if isOver, !proof.isDoubtful(rules.noiseHold) {
            out.note(.ruleApplied(.noiseHold, .observe, detail: .audio(audio)))
        }
        if isOver || proof.reaches(rules.noiseHold) { self = NoiseHold() }
    }
}
