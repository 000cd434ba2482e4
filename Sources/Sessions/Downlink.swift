import Basics
import Policies
import Wire

/// The door to the client: whatever a session shows it goes through here, and so this is where it is
/// known what the client has seen. Whatever the remedies do behind its back, it must read as one
/// well-behaved conversation with one service. A client that is away finds it when it returns.
struct Downlink {
    /// What gemini last spoke in; messages made here speak the same.
    var opcode = Opcode.binary
    private(set) var reply = OpenReply()
    private(set) var parking = Parking()
    /// What the client knows the user said, told apart from what is transcribed again.
    var question = ShownQuestion()
    /// The end of a turn that may be none, until a nudge has had its chance.
    private var held: Held?

    /// What was held back of a turn's end.
    private struct Held {
        var messages: [[UInt8]] = []
        /// The turn's `turnComplete` is among them: it is shown then.
        var until: Instant?
    }

    /// Bytes kept.
    var size: Int { parking.size + (held?.messages.reduce(0) { $0 + $1.count } ?? 0) }

    // MARK: The door

    /// The message goes on: the one in hand, or what the rules left of it.
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
            out.append(.forward)
        }
        reply.shown(inbound.message, payload, at: now)
        if inbound.message.content.contains(.inputTranscription) {
            question.heard(inbound.message.inputText, payload)
        }
    }

    /// What cannot be read may yet mean something to the client.
    mutating func passUnread(_ payload: Span<UInt8>, room: Int, into out: inout Actions) {
        guard parking.isOn else { return out.append(.forward) }
        var bytes: [UInt8] = []
        Bytes.append(payload, to: &bytes)
        park(bytes, room: room, into: &out)
    }

    private mutating func send(_ bytes: [UInt8], room: Int, into out: inout Actions) {
        guard !parking.isOn else { return park(bytes, room: room, into: &out) }
        out.append(.send(.client, bytes, opcode))
    }

    /// What waited here, as it came.
    mutating func show(_ bytes: [UInt8], room: Int, into out: inout Actions) {
        send(bytes, room: room, into: &out)
    }

    // MARK: Made here

    /// The end that gemini owes the client, and that no living connection can send any more.
    mutating func makeUpEnd(_ idle: Bool, room: Int, at now: Instant, into out: inout Actions) {
        let end = idle ? Compose.serverIdleTurnComplete : Compose.serverTurnComplete
        send(end, room: room, into: &out)
        out.note(.madeUp(.turnComplete))
        reply.ended()
    }

    /// The user has gone on from a reply that broke off.
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

    /// Keeps what says that the reply is complete, until it is known to be one.
    mutating func hold(_ bytes: [UInt8], until: Instant?) {
        var held = held ?? Held()
        held.messages.append(bytes)
        held.until = held.until ?? until
        self.held = held
    }

    /// Until something else decides.
    mutating func holdOn() { if isHolding { held?.until = .distantFuture } }

    /// It was the end after all.
    mutating func releaseHeld(room: Int, at now: Instant, into out: inout Actions) {
        guard let held else { return }
        self.held = nil
        for bytes in held.messages {
            send(bytes, room: room, into: &out)
            guard let message = try? ServerMessage.scan(bytes.span) else { continue }
            reply.shown(message, bytes.span, at: now)
        }
    }

    /// Another end will come. True where one was held.
    mutating func forgetHeld() -> Bool {
        defer { held = nil }
        return held != nil
    }

    /// Sound of replies since this was last asked.
    mutating func takeSpoken() -> Interval { reply.takeSpoken() }

    mutating func mark(_ change: (inout OpenReply) -> Void) { change(&reply) }

    // MARK: A client that is away

    mutating func park(until: Instant, at now: Instant) {
        parking.begin(until: until, isSpeaking: reply.isOpen && !reply.isGenerated, at: now)
    }

    private mutating func park(_ bytes: [UInt8], room: Int, into out: inout Actions) {
        let hadRoom = parking.dropped == .zero && !parking.isOverfull
        parking.keep(bytes, opcode, limit: parking.size + room)
        if hadRoom, parking.dropped > .zero || parking.isOverfull {
            out.note(.limitReached(.buffer))
        }
    }

    /// The client is here again: it gets what it missed.
    mutating func unpark(at now: Instant, into out: inout Actions) {
        let missed = parking
        parking = Parking()
        out.note(
            .unparked(
                after: now - missed.since, messages: missed.messages.count,
                missing: missed.dropped))
        out.append(.send(.client, Compose.setupComplete, opcode))
        if missed.isRestCut {
            // The half it has and what is left do not fit together.
            for message in [Compose.interrupted, Compose.serverTurnComplete] {
                out.append(.send(.client, message, opcode))
            }
            out.note(.madeUp(.interrupted))
            out.note(.madeUp(.turnComplete))
        }
        for message in missed.messages {
            out.append(.send(.client, message.bytes, message.opcode))
        }
    }
}
