import Basics
import Policies
import Wire

/// The exit to the client: everything a session shows it goes through here, so this type knows what
/// the client has seen. Whatever the remedies do, it must look like one well-behaved conversation
/// with one service. A client that is away gets it on its return.
struct Downlink {
    /// Gemini's latest opcode; messages made here use the same.
    var opcode = Opcode.binary
    private(set) var reply = OpenReply()
    private(set) var parking = Parking()
    /// What the client knows of the user's words, distinguished from repeated transcripts.
    var question = ShownQuestion()
    /// The end of a turn that may be empty, until a nudge has had its chance.
    private var held: Held?

    /// The held parts of a turn's end.
    private struct Held {
        var messages: [[UInt8]] = []
        /// What they take.
        var size = 0
        /// The turn's `turnComplete` is among them: it is shown at this time.
        var until: Instant?
    }

    /// Bytes kept.
    var size: Int {
        mutating get {
            guard held != nil || parking.size > 0 else { return 0 }
            return parking.size + (held?.size ?? 0)
        }
    }

    // MARK: Sending

    /// Sends a message on: the current one, or what the rules left of it.
    mutating func pass(
        _ inbound: InboundMessage, _ payload: Span<UInt8>, room: Int, at now: Instant,
        into out: inout Actions
    ) {
        if let kept = inbound.kept {
            send(kept, room: room, into: &out)
        } else if parking.isOn {
            var bytes: [UInt8] = []
            Bytes.append(payload, to: &bytes)
            park(bytes, room: room, into: &out)
        } else {
            out.forward()
        }
        reply.shown(inbound.message, payload, at: now)
        assert(reply.isConsistent, "what was shown of the reply contradicts itself")
        if inbound.message.content.contains(.inputTranscription) {
            question.heard(inbound.message.inputText, payload)
        }
    }

    /// A message we cannot read may still mean something to the client.
    mutating func passUnread(_ payload: Span<UInt8>, room: Int, into out: inout Actions) {
        guard parking.isOn else { return out.forward() }
        var bytes: [UInt8] = []
        Bytes.append(payload, to: &bytes)
        park(bytes, room: room, into: &out)
    }

    private mutating func send(_ bytes: [UInt8], room: Int, into out: inout Actions) {
        guard !parking.isOn else { return park(bytes, room: room, into: &out) }
        out.append(.send(.client, bytes, opcode))
    }

    /// Sends held messages unchanged.
    mutating func show(_ bytes: [UInt8], room: Int, into out: inout Actions) {
        send(bytes, room: room, into: &out)
    }

    // MARK: Made here

    /// Sends the end that gemini owes the client, and that no connection can send any more.
    mutating func makeUpEnd(_ idle: Bool, room: Int, at now: Instant, into out: inout Actions) {
        let end = idle ? Compose.serverIdleTurnComplete : Compose.serverTurnComplete
        send(end, room: room, into: &out)
        out.note(.madeUp(.turnComplete))
        reply.ended()
    }

    /// The user has asked something else after a reply broke off.
    mutating func makeUpInterruption(
        _ idle: Bool, room: Int, at now: Instant, into out: inout Actions
    ) {
        send(Compose.interrupted, room: room, into: &out)
        out.note(.madeUp(.interrupted))
        reply.interrupted(at: now)
        makeUpEnd(idle, room: room, at: now, into: &out)
    }

    // MARK: Ends that wait

    var isHolding: Bool { held?.until != nil }
    var heldUntil: Instant? { held?.until }

    /// Holds the message that says that the reply is complete, until we know that it is a reply.
    mutating func hold(_ bytes: [UInt8], until: Instant?) {
        var held = held ?? Held()
        held.messages.append(bytes)
        held.size += Footprint.of([bytes])
        held.until = held.until ?? until
        self.held = held
    }

    /// Holds it until another decision.
    mutating func holdOn() { if isHolding { held?.until = .distantFuture } }

    /// It was the end after all.
    mutating func releaseHeld(room: Int, at now: Instant, into out: inout Actions) {
        guard let held else { return }
        assert(!held.messages.isEmpty, "an end is held without a message")
        self.held = nil
        for bytes in held.messages {
            send(bytes, room: room, into: &out)
            guard let message = try? ServerMessage.scan(bytes.span) else { continue }
            reply.shown(message, bytes.span, at: now)
        }
    }

    /// Another end will come. True if one was held.
    mutating func forgetHeld() -> Bool {
        defer { held = nil }
        return held != nil
    }

    /// Duration of reply audio since the last call.
    mutating func takeSpoken() -> Interval { reply.takeSpoken() }

    mutating func mark(_ change: (inout OpenReply) -> Void) {
        change(&reply)
        assert(reply.isConsistent, "what is known of the reply contradicts itself")
    }

    // MARK: A client that is away

    mutating func park(until: Instant, at now: Instant) {
        parking.begin(until: until, at: now)
    }

    private mutating func park(_ bytes: [UInt8], room: Int, into out: inout Actions) {
        let hadRoom = parking.dropped == .zero && !parking.isOverfull
        parking.keep(bytes, opcode, limit: parking.size + room)
        if hadRoom, parking.dropped > .zero || parking.isOverfull {
            out.note(.limitReached(.buffer))
        }
    }

    /// The client has returned: it gets what it missed. Where sound is missing the reply goes on
    /// behind the gap, and nothing is made up: its end is among this, or gemini will send it.
    ///
    /// - Parameters:
    ///   - isSetUp: Gemini's `setupComplete` has already come.
    ///   - calls: Messages from before it left that it has not answered.
    mutating func unpark(
        isSetUp: Bool, calls: [[UInt8]], at now: Instant, into out: inout Actions
    ) {
        let missed = parking
        parking = Parking()
        out.note(
            .unparked(
                after: now - missed.since, messages: calls.count + missed.messages.count,
                missing: missed.dropped))
        if isSetUp { out.append(.send(.client, Compose.setupComplete, opcode)) }
        for bytes in calls { out.append(.send(.client, bytes, opcode)) }
        for message in missed.messages {
            out.append(.send(.client, message.bytes, message.opcode))
        }
    }
}
