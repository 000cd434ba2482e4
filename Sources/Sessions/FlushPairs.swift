import Basics
import Policies
import Wire

/// Families that take a flush for the end of a turn (failure catalogue 1.7): an end that is at
/// once followed by a start, in the middle of speech, is swallowed with it.
///
/// For that an end must wait until the start may have come, and no honest end should. So it waits
/// only after ten seconds and more of an activity, with the user audibly in mid-sentence: for
/// as long as a program needs to send two messages, or, where the client has
/// been seen to flush at a steady pace and this is the time for it, as long as a flush may take.
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
    /// Audio of gemini's activity up to the last pair that was swallowed.
    private var mark = Interval.zero
    private var ageAtEnd = Interval.zero
    /// Distances of the last flushes, in audio.
    private var periods: [Interval] = []
    /// An end that was let through and may turn out to have been half a flush.
    private var passed: (at: Instant, age: Interval)?

    /// How far apart the halves of a flush are at most.
    private static let gap = Interval.milliseconds(1200)
    private static let hop = Interval.milliseconds(150)
    static let ages = Interval.seconds(10)...Interval.seconds(20)
    /// When to begin listening, so that the detector knows the room by the time it is asked.
    private static let warning = Interval.seconds(8)
    private static let evidence = Interval.milliseconds(60)

    var isIdle: Bool { if case .idle = state { true } else { false } }
    /// The client has said end, and no start since.
    var isAfterEnd: Bool { if case .end = state { true } else { false } }

    var deadline: Instant? {
        switch state {
        case .idle: nil
        case .end(_, let until, _), .pair(let until): until
        }
    }

    func needsEar(heard: Interval) -> Bool { !isIdle || heard >= mark + Self.warning }

    /// What goes on in place of the message, or `nil` where it goes on itself. `heard` is the
    /// audio of the open activity; `isMidTurn`: it is open and the model is silent.
    mutating func take(
        _ outbound: OutboundMessage, payload: Span<UInt8>, rules: EffectiveRules, heard: Interval,
        isMidTurn: Bool,
        at now: Instant, into out: inout Actions
    ) -> [OutboundMessage]? {
        let input = outbound.message.input
        switch state {
        case .idle:
            if heard < mark { mark = .zero }
            if input.contains(.activityEnd) {
                return end(
                    outbound, payload, rules: rules, age: heard - mark, isMidTurn: isMidTurn,
                    at: now, into: &out)
            }
            if input.contains(.activityStart) { learnFromPassed(isMidTurn: isMidTurn, at: now) }
            if input.contains(.audio) { listen(outbound.message) }
            return nil
        case .end(let endedAt, _, _):
            return second(outbound, payload, rules: rules, endedAt: endedAt, into: &out)
        case .pair:
            return after(outbound, payload, rules: rules, heard: heard, into: &out)
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

    /// This is when the client's next flush is due, by the last two, to a tenth.
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
        endedAt: Instant,
        into out: inout Actions
    ) -> [OutboundMessage]? {
        let input = outbound.message.input
        if input.contains(.activityStart) {
            out.note(.ruleApplied(.flush, .enforce, detail: .none))
            keep(outbound, payload)
            proof = VoiceProof()
            state = .pair(until: endedAt + Self.gap)
            return []
        }
        if input.contains(.activityEnd) {
            out.note(.ruleApplied(.repeatedActivity, .enforce, detail: .none))
            return []
        }
        let isLost = rules.audioOutsideActivity == .enforce && rules.leadIn == .zero
        if input.contains(.audio), isLost {
            let length = outbound.message.audioDuration
            out.note(.ruleApplied(.audioOutsideActivity, .enforce, detail: .audio(length)))
            return []
        }
        return release() + [outbound]
    }

    private mutating func after(
        _ outbound: OutboundMessage, _ payload: Span<UInt8>, rules: EffectiveRules, heard: Interval,
        into out: inout Actions
    ) -> [OutboundMessage]? {
        let input = outbound.message.input
        guard input.contains(.audio), !input.contains(anyOf: .boundaries), size < rules.buffer
        else {
            return release() + [outbound.kept(payload)]
        }
        let length = outbound.message.audioDuration
        proof.take(outbound.message)
        guard proof.reaches(Self.evidence) else {
            out.note(.ruleApplied(.flush, .enforce, detail: .audio(length)))
            keep(outbound, payload)
            return []
        }
        // Speech on both sides: the two boundaries go, the speech goes on.
        out.note(.ruleApplied(.flush, .enforce, detail: .messages(2)))
        let audio = queue.filter { !$0.message.input.contains(anyOf: .boundaries) }
        learn(ageAtEnd)
        mark = heard
        forget()
        return audio + [outbound]
    }

    private mutating func keep(_ outbound: OutboundMessage, _ payload: Span<UInt8>) {
        let bytes = outbound.bytes(payload)
        size += bytes.count
        queue.append(
            outbound.replaced(by: outbound.message, bytes))
    }

    private mutating func forget() {
        state = .idle
        queue = []
        size = 0
        passed = nil
    }

    /// All that is held, as it came: it was no flush, or nobody can know any more.
    mutating func release() -> [OutboundMessage] {
        if case .end(_, _, isExpected: true) = state { periods = [] }
        let held = queue
        let passed = passed
        forget()
        // A start may follow yet, later than was waited for.
        if held.count == 1 { self.passed = passed }
        return held
    }
}
