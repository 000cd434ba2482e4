import Basics
import Policies
import Wire

/// For families that take a flush for the end of a turn (failure catalogue 1.7): an end that is
/// followed at once by a start, in the middle of speech, is swallowed with it.
///
/// For that an end must wait until the start may have come, and no real end should have to. So it
/// waits only after at least ten seconds of activity, with the user audibly in mid-sentence: as
/// long as a program needs to send two messages or, if the client flushes at a steady pace and a
/// flush is due, as long as a flush may take.
struct FlushPairs: ~Copyable {
    private enum State {
        case idle
        case end(at: Instant, until: Instant, isExpected: Bool)
        case pair(until: Instant)
    }
    private var state = State.idle
    /// The end, the start, and the audio after it.
    private var queue: [OutboundMessage] = []
    private(set) var size = 0
    private var proof = VoiceProof()
    /// Voice in the last half second before now.
    private var recentVoice = Interval.zero
    /// Audio of gemini's activity up to the last swallowed pair.
    private var mark = Interval.zero
    private var ageAtEnd = Interval.zero
    /// Distances between the last flushes, in audio.
    private var periods: [Interval] = []
    /// An end that was sent and may turn out to have been half of a flush.
    private var passed: (at: Instant, age: Interval)?

    /// Maximum distance between the halves of a flush.
    private static let gap = Interval.milliseconds(1200)
    private static let hop = Interval.milliseconds(150)
    static let ages = Interval.seconds(10)...Interval.seconds(20)
    /// When to begin listening, so that the detector knows the room when it is needed.
    private static let warning = Interval.seconds(8)
    private static let evidence = Interval.milliseconds(60)

    var isIdle: Bool { if case .idle = state { true } else { false } }
    /// The client has sent an end, and no start since.
    var isAfterEnd: Bool { if case .end = state { true } else { false } }

    var deadline: Instant? {
        switch state {
        case .idle: nil
        case .end(_, let until, _), .pair(let until): until
        }
    }

    /// Whether this message may have to be held.
    func mayHold(_ message: ClientMessage) -> Bool {
        !isIdle || message.input.contains(.activityEnd)
    }

    func needsEar(heard: Interval) -> Bool { !isIdle || heard >= mark + Self.warning }

    /// What to send instead of the message, or `nil` to send the message itself.
    ///
    /// - Parameters:
    ///   - heard: Audio of the open activity.
    ///   - limit: How many bytes may be held here; beyond that, held messages are sent on.
    ///   - isMidTurn: An activity is open and the model is silent.
    mutating func replace(
        _ outbound: OutboundMessage, payload: Span<UInt8>, rules: EffectiveRules, heard: Interval,
        limit: Int, isMidTurn: Bool,
        at now: Instant, into out: inout Actions
    ) -> [OutboundMessage]? {
        let input = outbound.message.input
        let fits = size + outbound.footprint(payload) <= limit
        switch state {
        case .idle:
            if heard < mark { mark = .zero }
            if input.contains(.activityEnd) {
                return end(
                    outbound, payload, rules: rules, age: heard - mark,
                    isMidTurn: isMidTurn && fits, at: now, into: &out)
            }
            if input.contains(.activityStart) { learnFromPassed(isMidTurn: isMidTurn, at: now) }
            if input.contains(.audio) { listen(outbound.message) }
            return nil
        case .end(let endedAt, _, _):
            return second(
                outbound, payload, rules: rules, endedAt: endedAt, fits: fits, into: &out)
        case .pair:
            return after(outbound, payload, heard: heard, fits: fits, into: &out)
        }
    }

    private mutating func listen(_ message: ClientMessage) {
        guard message.voicing.extent == .voice else { return recentVoice = .zero }
        let half = Interval.milliseconds(500)
        let kept = max(0, (half - message.audioDuration).milliseconds)
        let voiced = Interval.milliseconds(Int64(message.voicing.voiced))
        recentVoice = min(half, recentVoice * kept / 500 + voiced)
    }

    // MARK: The end

    private mutating func end(
        _ outbound: OutboundMessage, _ payload: Span<UInt8>, rules: EffectiveRules, age: Interval,
        isMidTurn: Bool,
        at now: Instant, into out: inout Actions
    ) -> [OutboundMessage]? {
        passed = nil
        guard isMidTurn, age >= Self.ages.lowerBound, recentVoice >= Self.evidence else {
            return nil
        }
        if Self.ages.contains(age) { passed = (now, age) }
        let isExpected = matches(age)
        out.note(.ruleApplied(.flush, rules.flushMode, detail: .none))
        guard rules.flushMode == .enforce else { return nil }
        ageAtEnd = age
        state = .end(
            at: now, until: now + (isExpected ? Self.gap : Self.hop), isExpected: isExpected)
        keep(outbound, payload)
        return []
    }

    /// Whether the client's next flush is due now, judging by the last two, within a tenth.
    private func matches(_ age: Interval) -> Bool {
        guard periods.count == 2 else { return false }
        let (one, other) = (periods[0], periods[1])
        let mean = (one + other) / 2
        return isClose(one, other, mean) && isClose(age, mean, mean)
    }

    private func isClose(_ one: Interval, _ other: Interval, _ whole: Interval) -> Bool {
        max(one, other) - min(one, other) <= whole / 10
    }

    private mutating func learn(_ age: Interval) {
        guard Self.ages.contains(age) else { return }
        if periods.count == 2 { periods.removeFirst() }
        periods.append(age)
    }

    private mutating func learnFromPassed(isMidTurn: Bool, at now: Instant) {
        if let passed, now < passed.at + Self.gap { learn(passed.age) }
        passed = nil
    }

    // MARK: The start

    private mutating func second(
        _ outbound: OutboundMessage, _ payload: Span<UInt8>, rules: EffectiveRules,
        endedAt: Instant, fits: Bool,
        into out: inout Actions
    ) -> [OutboundMessage]? {
        let input = outbound.message.input
        if input.contains(.activityStart), fits {
            out.note(.ruleApplied(.flush, .enforce, detail: .none))
            keep(outbound, payload)
            proof = VoiceProof()
            state = .pair(until: endedAt + Self.gap)
            return []
        }
        if input.contains(.activityEnd) {
            out.note(.ruleApplied(.repeatedActivity, .enforce, detail: .none))
            return outbound.rest(without: .activityEnd, payload).map { [$0] } ?? []
        }
        let isLost = rules.audioOutsideActivity == .enforce && rules.leadIn == .zero
        if input.contains(.audio), isLost {
            let length = outbound.message.audioDuration
            out.note(.ruleApplied(.audioOutsideActivity, .enforce, detail: .audio(length)))
            return outbound.rest(without: .sound, payload).map { [$0] } ?? []
        }
        return release() + [outbound]
    }

    private mutating func after(
        _ outbound: OutboundMessage, _ payload: Span<UInt8>, heard: Interval, fits: Bool,
        into out: inout Actions
    ) -> [OutboundMessage]? {
        let input = outbound.message.input
        guard fits, input.contains(.audio), !input.contains(anyOf: .boundaries) else {
            return release() + [outbound.kept(payload)]
        }
        let length = outbound.message.audioDuration
        proof.observe(outbound.message)
        guard proof.reaches(Self.evidence) else {
            out.note(.ruleApplied(.flush, .enforce, detail: .audio(length)))
            keep(outbound, payload)
            return []
        }
        // Speech on both sides: the two boundaries are dropped, the speech continues.
        out.note(.ruleApplied(.flush, .enforce, detail: .messages(2)))
        let audio = queue.compactMap { held in
            held.message.input.contains(anyOf: .boundaries)
                ? held.rest(without: .boundaries, Span()) : held
        }
        learn(ageAtEnd)
        mark = heard
        forget()
        return audio + [outbound]
    }

    private mutating func keep(_ outbound: OutboundMessage, _ payload: Span<UInt8>) {
        size += outbound.footprint(payload)
        queue.append(outbound.kept(payload))
    }

    private mutating func forget() {
        state = .idle
        queue = []
        size = 0
        passed = nil
    }

    /// Everything held, unchanged: it was not a flush, or that can no longer be determined.
    mutating func release() -> [OutboundMessage] {
        if case .end(_, _, isExpected: true) = state { periods = [] }
        let held = queue
        let passed = passed
        forget()
        // A start may still follow, later than expected.
        if held.count == 1 { self.passed = passed }
        return held
    }
}
