public import Basics
public import Policies
import Wire

/// One supervised conversation: the pure machine. `handle` is the only way in, the action list the
/// only way out, `deadline` the only timer. It reads no clock, does no I/O and rolls no dice.
///
/// Assembled from parts of one concern each: `ActivityGate`, `PauseFiller`, `EarlyInput`,
/// `Keepalive`, `Turns`, the setup rewriter. This file decides which part hears of what.
public struct Session: ~Copyable {
    /// How far the conversation has come. Everything larger lives beside it.
    enum Phase: Equatable {
        /// The client's upgrade waits for gemini's.
        case dialing
        /// Upgraded on both sides; the client's setup has not come.
        case awaitingSetup
        /// The setup is with gemini; `setupComplete` has not come.
        case settingUp
        case talking
        /// Both sides are told to close; nothing is asked for any more.
        case closed
    }

    let id: String
    let profiles: Profiles
    var policy: Policy
    var profile: Profile
    var terms: Terms
    var phase = Phase.dialing
    /// The gemini connection in use; frames of older ones are ignored.
    var link: Link = 1
    var setup = SetupState()

    var gate = ActivityGate()
    var pause = PauseFiller()
    var early = EarlyInput()
    var turns = Turns()
    var clientKeepalive = Keepalive()
    var geminiKeepalive = Keepalive()
    var openTools = OpenTools()
    var limits = SessionLimits()
    /// A policy that allows more, until the turn under way has ended.
    var looser: Policy?
    /// Set by a drain: the session ends at its first idle moment, or then.
    var drainBy: Instant?
    /// What each side last spoke in; made messages speak the same.
    var clientOpcode = Opcode.text
    var geminiOpcode = Opcode.binary

    /// - Parameters:
    ///   - id: named in close reasons, so that a report can be matched to a record.
    ///   - policy: the tenant's; later versions come as events.
    ///   - profiles: what is known of the models; asked when the setup names one.
    public init(id: String, policy: Policy, profiles: Profiles) {
        self.id = id
        self.policy = policy
        self.profiles = profiles
        profile = profiles.profile(for: "")
        terms = Terms(policy: policy, profile: profile, isManual: false, silenceDuration: .zero)
    }

    /// Bytes of messages that wait here for their time.
    public var heldBytes: Int { early.size + gate.heldBytes }

    /// The moment of the next `wokeUp`, or `nil` for none.
    public var deadline: Instant? {
        guard phase != .closed else { return nil }
        var earliest = min(clientKeepalive.deadline, geminiKeepalive.deadline)
        earliest = min(earliest, limits.deadline)
        if let drainBy { earliest = min(earliest, drainBy) }
        if phase == .talking, !mustNotSpeak {
            if let due = gate.deadline(terms) { earliest = min(earliest, due) }
            if let due = pause.deadline(terms) { earliest = min(earliest, due) }
        }
        return earliest == .distantFuture ? nil : earliest
    }

    /// Nothing of ours may go to gemini now: the family dies of real-time input during a call
    /// (failure catalogue 4.5).
    var mustNotSpeak: Bool { terms.gatesInputDuringTools && !openTools.isEmpty }

    /// Takes one event; `payload` is the message in hand, if the event brings one. Drain `out`
    /// before the next event.
    public mutating func handle(
        _ event: Event, payload: Span<UInt8> = Span(), at now: Instant, into out: inout Actions
    ) {
        guard phase != .closed else { return }
        switch event {
        case .clientSent(let message, let opcode):
            clientKeepalive.heard()
            clientOpcode = opcode
            limits.took(at: now, into: &out)
            let passage = Passage(message: message, kept: nil, opcode: opcode)
            clientSent(passage, payload: payload, at: now, into: &out)
        case .geminiSent(let message, let opcode, let link):
            guard link == self.link else { return }
            geminiKeepalive.heard()
            geminiOpcode = opcode
            geminiSent(message, payload: payload, at: now, into: &out)
        case .geminiSentMalformed(let malformed, let opcode, let link):
            guard link == self.link else { return }
            geminiKeepalive.heard()
            geminiOpcode = opcode
            // What we cannot read the client may: it goes on untouched.
            out.note(.malformed(.gemini, malformed))
            out.append(.forward)
        case .clientSentMalformed(let malformed, _):
            out.note(.malformed(.client, malformed))
            end(
                .clientFault, client: Close(1007, words("invalid JSON: \(malformed)")),
                gemini: Close(1000), into: &out)
        case .opened:
            out.note(.dialing(link))
            out.append(.dial(link))
        case .dialed(let link):
            guard link == self.link, phase == .dialing else { return }
            dialed(at: now, into: &out)
        case .dialFailed(let link, let failure):
            guard link == self.link, phase == .dialing else { return }
            dialFailed(failure, into: &out)
        case .geminiPonged(let link, let roundTrip):
            guard link == self.link else { return }
            geminiKeepalive.heard()
            out.note(.pinged(.gemini, roundTrip: roundTrip))
        case .clientPonged(let roundTrip):
            clientKeepalive.heard()
            out.note(.pinged(.client, roundTrip: roundTrip))
        case .clientClosed, .geminiClosed, .clientViolated, .geminiViolated, .clientStuck:
            disconnected(event, into: &out)
        case .wokeUp:
            wake(at: now, into: &out)
        case .policyChanged(let policy):
            renew(policy, at: now, into: &out)
        case .limitReached(let limit):
            exhaust(limit, into: &out)
        case .drained(let deadline):
            drainBy = deadline
            leaveIfIdle(at: now, into: &out)
        }
    }

    private mutating func dialed(at now: Instant, into out: inout Actions) {
        phase = .awaitingSetup
        out.note(.connected(link))
        out.append(.accept)
        limits.begin(policy.limits, at: now)
        clientKeepalive.begin(ping: policy.client.ping, dead: policy.client.dead, at: now)
        geminiKeepalive.begin(ping: policy.upstream.ping, dead: policy.upstream.dead, at: now)
    }

    private mutating func wake(at now: Instant, into out: inout Actions) {
        if wakeLimits(at: now, into: &out) { return }
        switch geminiKeepalive.wake(at: now) {
        case .alive: break
        case .ping: out.append(.ping(.gemini))
        case .dead:
            let patience = policy.upstream.dead.seconds
            let reason = words("gemini has been silent for \(patience) s, pings unanswered")
            end(.geminiClosed, client: Close(1011, reason), gemini: .abnormal, into: &out)
            return
        }
        switch clientKeepalive.wake(at: now) {
        case .alive: break
        case .ping: out.append(.ping(.client))
        case .dead:
            end(.completed, client: .abnormal, gemini: Close(1000), into: &out)
            return
        }
        if phase == .talking, !mustNotSpeak {
            let wasOpen = gate.isOpen
            gate.wake(terms, opcode: clientOpcode, at: now, into: &out)
            if wasOpen, !gate.isOpen { turns.asked(.audio, at: now, into: &out) }
            pause.wake(terms, opcode: clientOpcode, at: now, into: &out)
        }
        leaveIfIdle(at: now, into: &out)
    }

    mutating func adopt(_ policy: Policy) {
        self.policy = policy
        remakeTerms()
        clientKeepalive.adopt(ping: policy.client.ping, dead: policy.client.dead)
        geminiKeepalive.adopt(ping: policy.upstream.ping, dead: policy.upstream.dead)
    }

    mutating func remakeTerms() {
        terms = Terms(
            policy: policy, profile: profile, isManual: setup.isManualVAD,
            silenceDuration: setup.silenceDuration)
    }
}
