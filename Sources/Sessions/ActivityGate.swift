import Basics
import Policies
import Wire

/// Manual VAD: decides which of the client's boundaries and audio gemini receives, and when.
///
/// It keeps two views. Gemini's: is an activity open on its side? The client's: has it sent a start
/// without an end? They differ after a dead track was ended on the client's behalf (gemini closed,
/// client open) and while a premature end is held (gemini open, client closed).
struct ActivityGate: ~Copyable {
    /// Gemini has an open activity.
    private(set) var isOpen = false
    /// The client has sent a start and no end yet.
    private(set) var clientIsSpeaking = false
    /// Its end is held until it is far enough from its start.
    var isEnding: Bool { heldEnd != nil }
    /// Input that the client has sent since then waits behind the end.
    var isFollowed: Bool { !behindEnd.isEmpty }
    /// It began so soon after the sound of the previous activity that it continues what was said
    /// there.
    private(set) var isContinuing = false
    private(set) var openedAt = Instant(nanoseconds: 0)
    private(set) var lastInputAt = Instant(nanoseconds: 0)
    /// The audio that gemini has received since the activity opened.
    private(set) var heard = Interval.zero
    private var heardAudio = false
    /// The current or last activity contained audio from the client.
    var wasHeard: Bool { heardAudio || isFlushed }
    /// It contains text or pictures: then an activity without audio is not a dead microphone.
    private var hasWords = false
    /// The current or last activity contained text.
    private(set) var hasText = false
    private var heldEnd: OutboundMessage?
    private var behindEnd: [OutboundMessage] = []
    private var sizeBehindEnd = 0
    /// It was ended for its silence, and the client has neither continued it, ended it nor begun
    /// another.
    private(set) var isEndedEarly = false
    private var leadIn = LeadIn()
    private var deadAirObserved = false
    /// The activity was begun by a flush.
    private var isFlushed = false
    /// Or its start had to wait: then its distance to the end is not the client's.
    private var wasStartHeld = false

    /// Bytes of messages kept here.
    var heldBytes: Int {
        mutating get { leadIn.size + (heldEnd?.footprint ?? 0) + sizeBehindEnd }
    }

    /// Whether this message may be kept as a lead-in.
    func mayKeep(_ message: ClientMessage, _ rules: EffectiveRules) -> Bool {
        rules.leadIn > .zero && !clientIsSpeaking && message.input.contains(.audio)
    }

    /// Handles one part of a `realtimeInput`. Afterwards gemini's view is legal again, whatever the
    /// part was.
    ///
    /// - Parameter room: How many more bytes of sound outside an activity may be kept.
    mutating func admit(
        _ outbound: OutboundMessage, payload: Span<UInt8>, rules: EffectiveRules, room: Int,
        at now: Instant, through uplink: inout Uplink, into out: inout Actions
    ) {
        let input = outbound.message.input
        if input.contains(.activityStart) {
            start(outbound, payload: payload, rules: rules, at: now, through: &uplink, into: &out)
        } else if input.contains(.activityEnd) {
            end(outbound, payload: payload, rules: rules, at: now, through: &uplink, into: &out)
        } else if input.contains(.audio) {
            hear(
                outbound, payload: payload, rules: rules, room: room, at: now, through: &uplink,
                into: &out)
        } else if input.contains(.audioStreamEnd) {
            if rules.streamEndInManual != .off {
                out.note(.ruleApplied(.streamEndInManual, rules.streamEndInManual, detail: .none))
            }
            let isSwallowed = rules.streamEndInManual == .enforce
            go(on: outbound, payload, isSwallowed ? .audioStreamEnd : [], &uplink, into: &out)
        } else {
            if input.contains(.text), clientIsSpeaking, !isOpen {
                // Text in an activity that was ended for silence still belongs inside one.
                open(.start(uplink.opcode), by: .turnkeeper, at: now, through: &uplink, into: &out)
            }
            guard isOpen else { return uplink.passTyped(outbound, payload, into: &out) }
            hasWords = true
            hasText = hasText || input.contains(.text)
            uplink.pass(outbound, payload, into: &out)
        }
    }

    /// When the gate must be woken: a held end is due, or the open activity went silent.
    @inline(__always)
    func deadline(_ rules: EffectiveRules) -> Instant? {
        guard isOpen else { return nil }
        if heldEnd != nil { return openedAt + rules.minActivity }
        if rules.deadAirMode == .off || deadAirObserved || hasWords && !heardAudio { return nil }
        return lastInputAt + rules.deadAir
    }

    /// The open activity went silent.
    mutating func wake(
        _ rules: EffectiveRules, at now: Instant, through uplink: inout Uplink,
        into out: inout Actions
    ) {
        out.note(.ruleApplied(.deadAir, rules.deadAirMode, detail: .audio(heard)))
        if rules.deadAirMode == .observe {
            deadAirObserved = true
            return
        }
        close(.end(uplink.opcode), by: .turnkeeper, rules: rules, through: &uplink, into: &out)
        isEndedEarly = clientIsSpeaking
    }

    /// Sound from outside an activity gives way to whatever must be kept.
    mutating func shrinkLeadIn(by bytes: Int) { leadIn.shrink(to: leadIn.size - bytes) }

    mutating func clientWasUnread(at now: Instant) { lastInputAt = max(lastInputAt, now) }

    // MARK: Boundaries

    private mutating func start(
        _ outbound: OutboundMessage, payload: Span<UInt8>, rules: EffectiveRules, at now: Instant,
        through uplink: inout Uplink, into out: inout Actions
    ) {
        if isOpen {
            if rules.repeatedActivity != .off {
                out.note(.ruleApplied(.repeatedActivity, rules.repeatedActivity, detail: .none))
            }
            let isSwallowed = rules.repeatedActivity == .enforce
            return go(on: outbound, payload, isSwallowed ? .activityStart : [], &uplink, into: &out)
        }
        clientIsSpeaking = true
        open(
            outbound, payload: payload, by: .client, at: now, through: &uplink, into: &out)
        for kept in leadIn.drain(at: now, limit: rules.leadIn) {
            heard = heard + kept.message.audioDuration
            if kept.message.audioBytes > 0 { heardAudio = true }
            uplink.pass(kept, Span(), into: &out)
        }
    }

    /// The client has begun another activity, which is opened with its first audio.
    mutating func clientGoesOn() {
        clientIsSpeaking = true
        isEndedEarly = false
    }

    private mutating func end(
        _ outbound: OutboundMessage, payload: Span<UInt8>, rules: EffectiveRules, at now: Instant,
        through uplink: inout Uplink, into out: inout Actions
    ) {
        guard isOpen, heldEnd == nil else {
            // If its activity was ended on its behalf, this is the late end. Otherwise a
            // repetition.
            let isLate = clientIsSpeaking
            clientIsSpeaking = false
            isEndedEarly = false
            let mode = isLate ? .enforce : rules.repeatedActivity
            if mode != .off {
                out.note(
                    isLate
                        ? .ruleApplied(.deadAir, mode, detail: .late)
                        : .ruleApplied(.repeatedActivity, mode, detail: .none))
            }
            let isSwallowed = mode == .enforce
            return go(on: outbound, payload, isSwallowed ? .activityEnd : [], &uplink, into: &out)
        }
        clientIsSpeaking = false
        if now < openedAt + rules.minActivity, rules.shortActivity != .off {
            // A message that was held or split lost its distance to the start because of us, so we
            // restore that distance.
            let isOurs = outbound.kept != nil || isFlushed || wasStartHeld
            let mode: Mode = isOurs ? .enforce : rules.shortActivity
            out.note(.ruleApplied(.shortActivity, mode, detail: .audio(heard)))
            if mode == .enforce {
                heldEnd = outbound.kept(payload)
                return
            }
        }
        close(
            outbound, payload: payload, by: .client, rules: rules, through: &uplink, into: &out)
    }

    private mutating func hear(
        _ outbound: OutboundMessage, payload: Span<UInt8>, rules: EffectiveRules, room: Int,
        at now: Instant, through uplink: inout Uplink, into out: inout Actions
    ) {
        if isOpen, heldEnd == nil {
            // The common case: only a clock and a sum.
        } else if clientIsSpeaking, isOpen {
            // The end was one of two boundaries, and does not end the utterance.
            heldEnd = nil
        } else if clientIsSpeaking {
            // The track that was considered dead is back, in the same activity from the client's
            // view.
            open(.start(outbound.opcode), by: .turnkeeper, at: now, through: &uplink, into: &out)
        } else {
            return outside(
                outbound, payload: payload, rules: rules, room: room, at: now, through: &uplink,
                into: &out)
        }
        lastInputAt = now
        heard = heard + outbound.message.audioDuration
        if outbound.message.audioBytes > 0 { heardAudio = true }
        deadAirObserved = false
        uplink.pass(outbound, payload, into: &out)
    }

    private mutating func outside(
        _ outbound: OutboundMessage, payload: Span<UInt8>, rules: EffectiveRules, room: Int,
        at now: Instant, through uplink: inout Uplink, into out: inout Actions
    ) {
        let mode = rules.audioOutsideActivity
        if mode != .off {
            let audio = Fact.Detail.audio(outbound.message.audioDuration)
            out.note(.ruleApplied(.audioOutsideActivity, mode, detail: audio))
        }
        guard mode == .enforce else { return uplink.pass(outbound, payload, into: &out) }
        if rules.leadIn > .zero {
            leadIn.keep(
                outbound.sound(payload).kept(payload), at: now, limit: rules.leadIn,
                bytes: leadIn.size + room)
        }
        go(on: outbound, payload, .sound, &uplink, into: &out)
    }

    /// Sends the message, or what is left of it if these parts are swallowed.
    private func go(
        on outbound: OutboundMessage, _ payload: Span<UInt8>, _ swallowed: ClientMessage.Input,
        _ uplink: inout Uplink, into out: inout Actions
    ) {
        if swallowed.isEmpty { return uplink.pass(outbound, payload, into: &out) }
        guard let rest = outbound.rest(without: swallowed, payload) else { return }
        uplink.pass(rest, Span(), into: &out)
    }

    /// Ends the open activity and begins it again, so that the speech is transcribed. In a replay
    /// the speech is one activity.
    mutating func flush(at now: Instant, through uplink: inout Uplink, into out: inout Actions) {
        guard isOpen, heldEnd == nil else { return }
        uplink.sayAside(Compose.activityEnd, into: &out)
        out.note(.activityEnded(by: .turnkeeper, audio: heard))
        uplink.sayAside(Compose.activityStart, into: &out)
        out.note(.activityStarted(by: .turnkeeper))
        uplink.journal.flushed()
        opened(at: now)
        isFlushed = true
    }

    /// The audio of the open activity was not carried over to the new connection.
    mutating func heardNothing() {
        heard = .zero
        heardAudio = false
    }

    /// On a new connection that does not receive what the old one heard.
    mutating func reopen(through uplink: inout Uplink, into out: inout Actions) {
        if heardAudio { out.note(.inputDropped(heard)) }
        heardNothing()
        uplink.sayAside(Compose.activityStart, into: &out)
    }

    // MARK: Behind a held end

    /// Whether a held end must be sent before this message.
    ///
    /// Sound and a second end are judged at once: outside an activity they go nowhere.
    func mustFollowEnd(_ message: ClientMessage) -> Bool {
        guard isEnding else { return false }
        let isJudged =
            message.members == .realtimeInput
            && message.input.isSubset(of: .sound.union(.activityEnd))
        return isFollowed || !isJudged
    }

    /// Keeps the message behind the held end, so that it neither overtakes nor hastens it.
    ///
    /// - Parameter room: How many more bytes may be kept.
    /// - Returns: False if the end is due, or the message does not fit.
    mutating func holdBehindEnd(
        _ outbound: OutboundMessage, payload: Span<UInt8>, rules: EffectiveRules, room: Int,
        at now: Instant, into out: inout Actions
    ) -> Bool {
        let size = outbound.footprint(payload)
        guard now < openedAt + rules.minActivity, size <= room else { return false }
        out.note(.ruleApplied(.shortActivity, .enforce, detail: .messages(1)))
        behindEnd.append(outbound.kept(payload))
        sizeBehindEnd += size
        if outbound.message.input.contains(anyOf: [.activityStart, .activityEnd]) {
            clientIsSpeaking = outbound.message.input.contains(.activityStart)
        }
        return true
    }

    /// Sends a held end.
    ///
    /// - Returns: The messages that the client has sent since: they enter the gate now.
    mutating func releaseEnd(
        _ rules: EffectiveRules, through uplink: inout Uplink, into out: inout Actions
    ) -> [OutboundMessage] {
        guard let held = heldEnd else { return [] }
        let next = behindEnd
        heldEnd = nil
        behindEnd = []
        sizeBehindEnd = 0
        // Those boundaries are yet to come.
        if !next.isEmpty { clientIsSpeaking = false }
        close(held, by: .client, rules: rules, through: &uplink, into: &out)
        return next
    }

    private mutating func open(
        _ start: OutboundMessage, payload: Span<UInt8> = Span(), by author: Fact.Author,
        at now: Instant,
        through uplink: inout Uplink, into out: inout Actions
    ) {
        isOpen = true
        isContinuing = heardAudio && now < lastInputAt + Self.breath
        opened(at: now)
        isFlushed = false
        wasStartHeld = start.wasHeld
        uplink.pass(start, payload, into: &out)
        out.note(.activityStarted(by: author))
    }

    /// Sooner than a user interrupts an answer.
    private static let breath = Interval.seconds(1)

    private mutating func opened(at now: Instant) {
        openedAt = now
        isEndedEarly = false
        lastInputAt = now
        heard = .zero
        heardAudio = false
        hasWords = false
        hasText = false
        deadAirObserved = false
    }

    private mutating func close(
        _ end: OutboundMessage, payload: Span<UInt8> = Span(), by author: Fact.Author,
        rules: EffectiveRules,
        through uplink: inout Uplink, into out: inout Actions
    ) {
        if !heardAudio, rules.emptyActivity != .off {
            out.note(.ruleApplied(.emptyActivity, rules.emptyActivity, detail: .none))
            // A replayed activity without audio gets its silence again.
            if rules.emptyActivity == .enforce {
                uplink.saySilenceAside(.milliseconds(100), into: &out)
            }
        }
        isOpen = false
        uplink.pass(end, payload, into: &out)
        out.note(.activityEnded(by: author, audio: heard))
    }
}

/// The last moments of audio from outside an activity, for clients whose own detector reacts late.
/// Empty unless `turns.lead_in` is set.
private struct LeadIn {
    private var kept: [(outbound: OutboundMessage, at: Instant)] = []
    private(set) var size = 0

    mutating func keep(_ outbound: OutboundMessage, at now: Instant, limit: Interval, bytes: Int) {
        kept.append((outbound, now))
        size += outbound.footprint
        shrink(to: bytes, since: now - limit)
    }

    mutating func shrink(to bytes: Int, since start: Instant = Instant(nanoseconds: 0)) {
        var first = 0
        while first < kept.count, kept[first].at < start || size > bytes {
            size -= kept[first].outbound.footprint
            first += 1
        }
        kept.removeFirst(first)
    }

    mutating func drain(at now: Instant, limit: Interval) -> [OutboundMessage] {
        defer {
            kept = []
            size = 0
        }
        return kept.filter { $0.at + limit >= now }.map(\.outbound)
    }
}
