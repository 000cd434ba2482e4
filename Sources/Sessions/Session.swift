public import Basics
public import Policies
import Wire

/// One supervised conversation as a pure machine. `handle` is the only way in, the action list the
/// only way out, `deadline` the only timer. It reads no clock, does no I/O and draws no random
/// numbers.
///
/// It consists of parts with one concern each. Messages leave through two types only: `Uplink`,
/// which keeps the `Journal`, and `Downlink`, which knows what the client has seen. In front of
/// `Uplink` are `ActivityGate`, `PauseFiller` and the holds; `UpstreamConnection`, `Recovery` and
/// `Handles` manage the connection to gemini; `Turns` and `ToolCalls` track the conversation. This
/// file decides which part handles what.
///
/// Getters that are called for every message are mutating: a session is large, and Swift copies it
/// whole for a non-mutating getter.
public struct Session: ~Copyable {
    /// The client's progress. `UpstreamConnection.State` is gemini's.
    enum Phase: Equatable {
        /// The client's upgrade waits for gemini's.
        case dialing
        /// Upgraded on both sides; waiting for the client's setup.
        case awaitingSetup
        /// Gemini has the setup; waiting for `setupComplete`.
        case settingUp
        case talking
        /// Both sides have been told to close; nothing more will happen.
        case closed
    }

    /// Always nil. With a weak reference in it, Swift handles a session by its address, and not as a
    /// value of hundreds of parts: checking those took three of the four minutes in which the
    /// compiler built this module.
    private weak var byAddress: Boxed<Policy>?
    let id: String
    /// Large and seldom changed: shared, so that sessions do not copy it.
    private let sharedProfiles: Boxed<Profiles>
    var sharedPolicy: Boxed<Policy>
    private var sharedProfile: Boxed<Profile>
    var rules: EffectiveRules
    var phase = Phase.dialing
    var setup = SetupState()
    var upstream = UpstreamConnection()
    var recovery: Recovery
    var handles = Handles()

    /// The two exits: nothing else sends a message.
    var uplink = Uplink()
    var downlink = Downlink()
    var gate = ActivityGate()
    var pause = PauseFiller()
    var toolGate = ToolGate()
    var noiseHold = NoiseHold()
    var flush = Flush()
    var flushPairs = FlushPairs()
    var turns = Turns()
    var tools = ToolCalls()
    /// What the connection being set up has to be told.
    var plan = Plan()
    var unasked = UnaskedReply()
    var context = ContextCheck()
    var clientKeepalive = Keepalive()
    var geminiKeepalive = Keepalive()
    var limits = SessionLimits()
    /// A more permissive policy, until the current turn has ended.
    var looser: Boxed<Policy>?
    var returning = ClientReturn()
    /// Gemini is not read, because the client does not read.
    var clientIsBehind = false
    /// How long this model is waited for on this deployment, if known.
    var learned: LearnedClocks?
    /// Set by a drain: the session ends at its first idle moment, or at the deadline.
    var drain: Drain?
    /// `deadline` may have come nearer since it was last asked for. Most of a client's audio only
    /// puts it off, so that it need not be asked for after each message.
    public private(set) var mayBeDueSooner = true
    /// The event in hand brings no deadline nearer.
    var onlyPutsOff = false

    /// - Parameters:
    ///   - id: Named in close reasons, so that a report can be matched to a record.
    ///   - policy: The tenant's; later versions come as events.
    ///   - profiles: Model profiles, consulted when the setup names a model.
    ///   - handle: By which the client shall know the conversation (`ClientHandle.make`); empty to
    ///     pass on gemini's own handles, and let it return only with those.
    ///   - belongsTo: The session that the client claims; empty if it claims none.
    ///   - isSetupLocked: Gemini uses the setup fixed in a token, whatever the client's setup says.
    ///   - opensOnce: The client's own credential may be good for no second session.
    ///   - isShared: Other nodes may go on with it, so it is kept at each turn's end, with its words.
    public init(
        id: String, policy: Boxed<Policy>, profiles: Profiles, handle: String = "",
        belongsTo session: String = "", isSetupLocked: Bool = false, opensOnce: Bool = false,
        isShared: Bool = false
    ) {
        self.id = id
        setup.isLocked = isSetupLocked
        setup.opensOnce = opensOnce
        returning.handle = handle
        returning.session = session
        returning.isShared = isShared
        sharedPolicy = Self.inForce(policy)
        sharedProfiles = Boxed(profiles)
        let profile = profiles.profile(for: "")
        sharedProfile = Boxed(profile)
        rules = EffectiveRules(
            policy: sharedPolicy, profile: sharedProfile, setup: setup, learned: nil)
        recovery = Recovery(seed: FNV1a(id).value)
        renewRules()
    }

    /// The same with a policy of its own.
    public init(
        id: String, policy: Policy, profiles: Profiles, handle: String = "",
        belongsTo session: String = "", isSetupLocked: Bool = false, opensOnce: Bool = false,
        isShared: Bool = false
    ) {
        self.init(
            id: id, policy: Boxed(policy), profiles: profiles, handle: handle, belongsTo: session,
            isSetupLocked: isSetupLocked, opensOnce: opensOnce, isShared: isShared)
    }

    /// Bytes of messages kept here: until they can be sent, or until they are answered.
    public var heldBytes: Int { mutating get { uplink.size + bytesBesideUplink } }

    /// The same after the last event, for whoever asks after each.
    public private(set) var heldAfterEvent = 0

    private var bytesBesideUplink: Int {
        mutating get {
            downlink.size + gate.heldBytes + toolGate.size + noiseHold.size + flushPairs.size
                + tools.size + setup.size + returning.size + handles.size
        }
    }

    /// What is kept beyond the limit.
    private var excess: Int { mutating get { max(0, heldBytes - rules.buffer) } }

    /// What is left for the journal, which gives way to calls and their results; negative if too much
    /// is kept beside it.
    var roomOfJournal: Int {
        mutating get { rules.buffer - bytesBesideUplink - uplink.sizeBesideJournal }
    }

    /// How many more bytes may be kept.
    var room: Int { mutating get { max(0, rules.buffer - heldBytes) } }

    /// The same for the client, for whom nothing is kept while it is there.
    var roomForClient: Int { mutating get { isParked ? room : 0 } }

    /// The journal's audio is the oldest of what is kept: it gives way to a waiting message.
    mutating func makeRoom(for bytes: Int) {
        if bytes > room { uplink.shrink(to: uplink.size - (bytes - room)) }
    }

    /// How many bytes may be kept of a message that waits, once the journal has given way to it.
    mutating func madeRoom(for bytes: Int) -> Int {
        makeRoom(for: bytes)
        return room
    }

    /// All kept data shares one limit; the journal gets what the others leave. Called for every
    /// message.
    private mutating func balance(into out: inout Actions) {
        let beside = bytesBesideUplink
        let bytes = rules.buffer - beside
        let size = uplink.size
        heldAfterEvent = size + beside
        if size > bytes || uplink.bounds.bytes != bytes {
            makeRoom(in: bytes, into: &out)
            heldAfterEvent = heldBytes
        }
    }

    private mutating func makeRoom(in bytes: Int, into out: inout Actions) {
        uplink.bounds.bytes = max(0, bytes)
        uplink.shrink(to: bytes)
        guard uplink.size > bytes else { return }
        if uplink.forgetPreface() { out.note(.contextLost(.zero)) }
        uplink.shrinkWaiting(to: bytes, into: &out)
        toolGate.shrink(by: excess, into: &out)
        gate.shrinkLeadIn(by: excess)
        handles.shrink(by: excess)
        if tools.shrink(to: max(0, tools.size + roomOfJournal)) {
            out.note(.limitReached(.buffer))
        }
        guard excess > 0, phase != .closed else { return }
        // What is only watched is not ended for what it would be asked to keep.
        if isObserving { tools = ToolCalls() } else { endOverfull(rules.buffer, into: &out) }
    }

    /// The moment of the next `wokeUp`, or `nil` for none.
    public var deadline: Instant? {
        mutating get {
            mayBeDueSooner = false
            return nextDeadline()
        }
    }

    private mutating func nextDeadline() -> Instant? {
        guard phase != .closed else { return nil }
        var earliest = min(clientKeepalive.deadline, geminiKeepalive.deadline)
        earliest = min(earliest, limits.deadline)
        if let drain { earliest = min(earliest, drain.deadline, drain.idleUntil ?? drain.deadline) }
        if let until = downlink.parking.until { earliest = min(earliest, until) }
        if let due = upstream.deadline { earliest = min(earliest, due) }
        if let due = stallDeadline() { earliest = min(earliest, due) }
        if upstream.state == .catchingUp || upstream.isUp, let due = uplink.deadline {
            earliest = min(earliest, due)
        }
        if phase == .talking, upstream.isUp {
            if let due = toolGate.deadline { earliest = min(earliest, due) }
            if let due = flushPairs.deadline { earliest = min(earliest, due) }
        }
        if phase == .talking, upstream.isUp, !mustNotSpeak, uplink.early.isEmpty {
            // An end that is already held needs no other.
            if flushPairs.isIdle, let due = gate.deadline(rules) { earliest = min(earliest, due) }
            if let due = pause.deadline(rules) { earliest = min(earliest, due) }
        }
        return earliest == .distantFuture ? nil : earliest
    }

    /// Handles one event; `payload` is its message, if it has one. Drain `out` before the next
    /// event.
    public mutating func handle(
        _ event: Event, payload: Span<UInt8> = Span(), at now: Instant, into out: inout Actions
    ) {
        guard phase != .closed else { return }
        let first = out.count
        let isOpening = phase == .awaitingSetup
        onlyPutsOff = false
        apply(event, payload: payload, at: now, into: &out)
        if !onlyPutsOff { mayBeDueSooner = true }
        if isObserving, !(isOpening && event.isSetup) {
            relayPlainly(event, from: first, into: &out)
        }
        balance(into: &out)
        if downlink.parking.isOverfull, phase != .closed {
            end(.completed, client: nil, gemini: Close(1000), into: &out)
            heldAfterEvent = heldBytes
        }
    }

    @inline(__always)
    private mutating func apply(
        _ event: Event, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        switch event {
        case .clientSent(let message, let opcode):
            clientKeepalive.heard()
            uplink.heard(message, opcode)
            limits.took(at: now, into: &out)
            let outbound = OutboundMessage(
                message: message, kept: nil, opcode: opcode,
                number: setup.isTransparent ? uplink.counted() : 0)
            clientSent(outbound, payload: payload, at: now, into: &out)
        case .geminiSent(let message, let opcode, let connection):
            guard connection == upstream.current else { return }
            geminiKeepalive.heard()
            downlink.opcode = opcode
            if case .parting = upstream.state {
                return geminiSentLate(message, payload, at: now, into: &out)
            }
            geminiSent(InboundMessage(message), payload: payload, at: now, into: &out)
        case .geminiSentMalformed(let malformed, let opcode, let connection):
            guard connection == upstream.current else { return }
            geminiKeepalive.heard()
            downlink.opcode = opcode
            passUnread(malformed, payload, into: &out)
        case .clientSentMalformed(let malformed, _):
            out.note(.malformed(.client, malformed))
            refuse("invalid JSON: \(malformed)", into: &out)
        case .opened:
            recovery.opened(at: now)
            upstream.dial(at: now, into: &out)
        case .dialed(let connection, let isWarm):
            guard connection == upstream.next else { return }
            dialed(isWarm: isWarm, at: now, into: &out)
        case .dialFailed(let connection, let failure):
            guard connection == upstream.next else { return }
            dialFailed(failure, at: now, into: &out)
        case .geminiPonged(let connection, let roundTrip):
            guard connection == upstream.current else { return }
            geminiKeepalive.heard()
            upstream.answered(after: roundTrip)
            out.note(.pinged(.gemini, roundTrip: roundTrip))
        case .clientPonged(let roundTrip):
            clientKeepalive.heard()
            out.note(.pinged(.client, roundTrip: roundTrip))
        case .clientClosed, .geminiClosed, .clientViolated, .geminiViolated, .clientStuck:
            disconnected(event, at: now, into: &out)
        case .clientBehind(let isBehind):
            clientIsBehind = isBehind
            if !isBehind { turns.isMissed(from: now) }
        case .clientUnread: clientWasUnread(at: now)
        case .wokeUp:
            wake(at: now, into: &out)
        case .policyChanged(let policy):
            renew(policy, at: now, into: &out)
        case .limitReached(let limit):
            exhaust(limit, into: &out)
        case .chosen(let model):
            chosen(model, at: now, into: &out)
        case .learned(let clocks):
            learned = clocks
            renewRules()
        case .drained(let deadline):
            drain = Drain(deadline: deadline, isSucceeded: drain?.isSucceeded ?? false)
            leaveIfIdle(at: now, into: &out)
        case .recalled(let answer): recalled(answer, at: now, into: &out)
        case .clientReturned(let opcode):
            clientReturned(opcode, setup: payload, at: now, into: &out)
        case .superseded: superseded(at: now, into: &out)
        case .movedAway:
            let reason = words("the conversation goes on at another node")
            end(.completed, client: Close(1000, reason), gemini: Close(1000), into: &out)
        case .memoryShort: uplink.shed()
        }
    }

    /// What we cannot read the client may: it goes on untouched.
    private mutating func passUnread(
        _ malformed: Malformed, _ payload: Span<UInt8>, into out: inout Actions
    ) {
        out.note(.malformed(.gemini, malformed))
        if phase != .talking || upstream.isUp {
            downlink.passUnread(payload, room: room, into: &out)
        }
    }

    private mutating func wake(at now: Instant, into out: inout Actions) {
        if wakeLimits(at: now, into: &out) || wakeParking(at: now, into: &out) { return }
        switch geminiKeepalive.wake(at: now) {
        case .alive: break
        case .ping: out.append(.ping(.gemini))
        case .dead:
            guard takesForDead(.gemini, into: &out) else { break }
            geminiDied(at: now, into: &out)
            if phase == .closed { return }
        }
        switch clientKeepalive.wake(at: now) {
        case .alive: break
        case .ping: out.append(.ping(.client))
        case .dead:
            guard takesForDead(.client, into: &out) else { break }
            guard park(.abnormal, by: .turnkeeper, at: now, into: &out) else {
                return end(.completed, client: .abnormal, gemini: Close(1000), into: &out)
            }
            out.append(.close(.client, .abnormal))
        }
        wakeUpstream(at: now, into: &out)
        if phase == .talking, upstream.isUp { goOnReleasing(at: now, into: &out) }
        if phase == .talking, upstream.isUp {
            openToolGateIfDue(at: now, into: &out)
            wakeFlushPairs(at: now, into: &out)
        }
        if phase == .talking, upstream.isUp, !mustNotSpeak, uplink.early.isEmpty {
            if flushPairs.isIdle { wakeGate(at: now, into: &out) }
            if pause.wake(rules, at: now, through: &uplink, into: &out) {
                turns.isMissed(from: now)
            }
        }
        if phase == .talking { watch(at: now, into: &out) }
        tellWhatWaits(at: now, into: &out)
        leaveIfIdle(at: now, into: &out)
    }

    var policy: Policy {
        @inline(__always) _read { yield sharedPolicy.value }
    }

    var profile: Profile {
        @inline(__always) _read { yield sharedProfile.value }
    }

    func profile(of model: String) -> Profile { sharedProfiles.value.profile(for: model) }

    mutating func setProfile(_ profile: Profile) { sharedProfile = Boxed(profile) }

    /// Most are in force as they are, and stay shared.
    static func inForce(_ policy: Boxed<Policy>) -> Boxed<Policy> {
        policy.value.mode == .observe ? Boxed(policy.value.inForce) : policy
    }

    mutating func setPolicy(_ shared: Boxed<Policy>) {
        sharedPolicy = shared
        renewRules()
        clientKeepalive.setClocks(ping: pingInterval(policy.client.ping), dead: policy.client.dead)
        geminiKeepalive.setClocks(
            ping: pingInterval(policy.upstream.ping), dead: policy.upstream.dead)
    }

    mutating func renewRules() {
        rules = effectiveRules()
        uplink.bounds.sound = rules.holdAudio
        uplink.bounds.isKeeping = rules.replays
    }

    /// Apart, so that what it reads is borrowed: to copy a policy costs more than all the rest.
    @inline(never)
    private func effectiveRules() -> EffectiveRules {
        EffectiveRules(
            policy: sharedPolicy, profile: sharedProfile, setup: setup, learned: learned)
    }
}
