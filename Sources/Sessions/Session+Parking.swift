import Basics
import Policies
import Wire

// If a client vanishes without a close frame, the session waits for it: gemini's side is kept, and
// its output is stored for the client's return.
extension Session {
    /// Both sides have been told to close.
    public var isOver: Bool { phase == .closed }

    /// The client is away, so the session continues and waits for it without a connection.
    public var isParked: Bool { downlink.parking.isOn }

    /// Whether to wait for the client from now on.
    mutating func park(
        _ close: Close, by author: Fact.Author, at now: Instant, into out: inout Actions
    ) -> Bool {
        let patience = policy.client.park
        // A client that returned, and is not set up yet, is owed what it missed.
        let isKnown = phase == .talking || phase == .settingUp && returning.memory != nil
        guard isKnown, returning.isOffered, patience > .zero, drain == nil, !limits.isOver
        else { return false }
        out.note(.closed(.client, close, by: author))
        out.note(.parked(patience))
        clientKeepalive.stop()
        clientIsBehind = false
        tools.clientLeft()
        downlink.park(until: now + patience, at: now)
        return true
    }

    /// The time for a return is over. True if the session has ended.
    mutating func wakeParking(at now: Instant, into out: inout Actions) -> Bool {
        guard let until = downlink.parking.until, now >= until else { return false }
        end(.completed, client: nil, gemini: Close(1000), into: &out)
        return true
    }

    /// The client has returned, on a connection that has sent its setup.
    mutating func clientReturned(
        _ opcode: Opcode, setup payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        guard isParked else { return }
        uplink.opcode = opcode
        // A client that now asks for handles gets them from now on.
        if let read = try? Setup.read(payload), read.hasSessionResumption {
            setup.resumptionInserted = false
        }
        clientKeepalive.begin(
            ping: pingInterval(policy.client.ping), dead: policy.client.dead, at: now)
        turns.isMissed(from: now)
        downlink.unpark(
            isSetUp: phase == .talking, calls: tools.showAgain(), at: now, into: &out)
        if limits.pausedUntil != nil { out.append(.pause(.client)) }
    }
}
