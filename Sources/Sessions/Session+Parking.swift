import Basics
import Policies
import Wire

// A client that vanishes without a word is waited for: gemini's side is kept, and what it says is
// kept for the client's return.
extension Session {
    /// The client is away and waited for, so the session goes on without a connection to it.
    public var isParked: Bool { parking.isOn }

    /// Whether the client is waited for from now on.
    mutating func park(
        _ close: Close, by author: Fact.Author, at now: Instant, into out: inout Actions
    ) -> Bool {
        let patience = policy.client.park
        guard phase == .talking, returning.isOffered, patience > .zero, drainBy == nil,
            !limits.isOver
        else { return false }
        out.note(.closed(.client, close, by: author))
        out.note(.parked(patience))
        clientKeepalive.stop()
        clientIsBehind = false
        parking.begin(
            until: now + patience, isSpeaking: view.isSpeaking && !view.isGenerated, at: now)
        return true
    }

    /// The time for a return is over. True where the session has ended.
    mutating func wakeParking(at now: Instant, into out: inout Actions) -> Bool {
        guard let until = parking.until, now >= until else { return false }
        end(.completed, client: nil, gemini: Close(1000), into: &out)
        return true
    }

    /// Keeps what these actions would have sent to the client.
    mutating func keepMissed(
        _ event: Event, _ payload: Span<UInt8>, from first: Int, into out: inout Actions
    ) {
        var fits = true
        var hadRoom = parking.dropped == .zero
        let fresh = out.take(from: first)
        for action in fresh {
            switch action {
            case .forward:
                guard event.isOfGemini else {
                    out.append(action)
                    continue
                }
                var bytes: [UInt8] = []
                Bytes.append(payload, to: &bytes)
                fits = parking.keep(bytes, geminiOpcode, limit: terms.buffer) && fits
            case .send(.client, let bytes, let opcode):
                fits = parking.keep(bytes, opcode, limit: terms.buffer) && fits
            case .send(.gemini, _, _), .dial, .use, .drop, .accept, .refuse, .ping, .pause,
                .resume, .limit, .close, .choose, .recall, .offer, .keep, .retire, .note:
                out.append(action)
            }
            if hadRoom, parking.dropped > .zero || !fits {
                hadRoom = false
                out.note(.limitReached(.buffer))
            }
        }
        if !fits, phase != .closed {
            end(.completed, client: nil, gemini: Close(1000), into: &out)
        }
    }

    /// The client is here again, on a connection that has sent its setup.
    mutating func clientReturned(
        _ opcode: Opcode, setup payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let missed = parking
        guard missed.isOn else { return }
        parking = Parking()
        clientOpcode = opcode
        // Who asks for handles now is shown them from now on.
        if let read = try? Setup.read(payload), read.hasSessionResumption {
            setup.resumptionInserted = false
        }
        clientKeepalive.begin(ping: policy.client.ping, dead: policy.client.dead, at: now)
        out.note(
            .unparked(
                after: now - missed.since, messages: missed.messages.count,
                missing: missed.dropped))
        out.append(.send(.client, Compose.setupComplete, geminiOpcode))
        if missed.isRestCut {
            // The half it has and what is left do not fit together.
            for message in [Compose.interrupted, Compose.serverTurnComplete] {
                out.append(.send(.client, message, geminiOpcode))
            }
            out.note(.madeUp(.interrupted))
            out.note(.madeUp(.turnComplete))
        }
        for message in missed.messages {
            out.append(.send(.client, message.bytes, message.opcode))
        }
        if limits.pausedUntil != nil { out.append(.pause(.client)) }
    }
}

extension Event {
    /// A message of gemini's is in hand.
    fileprivate var isOfGemini: Bool {
        switch self {
        case .geminiSent, .geminiSentMalformed: true
        case .opened, .clientSent, .clientSentMalformed, .dialed, .dialFailed, .geminiPonged,
            .clientPonged, .clientClosed, .geminiClosed, .clientViolated, .geminiViolated,
            .clientStuck, .clientBehind, .wokeUp, .policyChanged, .limitReached, .drained, .chosen,
            .learned, .recalled, .clientReturned, .superseded:
            false
        }
    }
}
