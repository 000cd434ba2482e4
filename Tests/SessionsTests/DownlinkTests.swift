import Basics
import Policies
import Testing
import Wire

@testable import Sessions

/// The exit to the client. I5: what gemini says arrives in order, once, unaltered, whether it had to
/// wait for a decision or for the client's return. I10: what did not fit is counted. I13: ends are
/// made up in the order in which a service sends them.
@Suite struct DownlinkTests {
    private static let end = #"{"serverContent":{"turnComplete":true},"later":[1]}"#
    private static let generated = #"{"serverContent":{"generationComplete":true,"x":{"y":2}}}"#
    private static let room = 1 << 20

    private func pass(
        _ said: FromGemini, _ downlink: inout Downlink, room: Int = room,
        into out: inout Actions
    ) {
        downlink.pass(
            InboundMessage(said.message), said.bytes.span, room: room, at: .at(0), into: &out)
    }

    @Test("I4: a message that no rule touches is forwarded, not copied")
    func forwarded() throws {
        var (downlink, out) = (Downlink(), Actions())
        pass(try .sound(9), &downlink, into: &out)
        #expect(out.isForward)
        #expect(downlink.size == 0)
    }

    // MARK: Ends that wait

    @Test("I5, I14: held ends are shown in order, once, byte for byte, and only then end the reply")
    func held() throws {
        var (downlink, out) = (Downlink(), Actions())
        pass(try .sound(9), &downlink, into: &out)
        out.removeAll()
        downlink.hold(Array(Self.generated.utf8), until: nil)
        // Only the turn's own end has a time: the first half waits for it.
        #expect(!downlink.isHolding && downlink.heldUntil == nil)
        downlink.hold(Array(Self.end.utf8), until: .at(2000))
        #expect(downlink.isHolding && downlink.heldUntil == .at(2000))
        #expect(out.isEmpty && downlink.reply.isOpen && !downlink.reply.isGenerated)
        // I16: both count as held.
        #expect(downlink.size >= Self.generated.utf8.count + Self.end.utf8.count)
        downlink.releaseHeld(room: Self.room, at: .at(500), into: &out)
        #expect(out.sent(to: .client) == [Self.generated, Self.end])
        #expect(!downlink.reply.isOpen && !downlink.isHolding && downlink.size == 0)
        downlink.releaseHeld(room: Self.room, at: .at(600), into: &out)
        #expect(out.count == 2)
    }

    @Test("an end waits as long as it was first told to, or until something is decided")
    func heldTime() {
        var downlink = Downlink()
        downlink.holdOn()
        #expect(downlink.heldUntil == nil)
        downlink.hold(Array(Self.end.utf8), until: .at(2000))
        downlink.hold(Array(Self.end.utf8), until: .at(9000))
        #expect(downlink.heldUntil == .at(2000))
        downlink.holdOn()
        #expect(downlink.heldUntil == .distantFuture)
    }

    @Test("I13: an end that another one replaces is never shown, and its reply stays open")
    func replaced() throws {
        var (downlink, out) = (Downlink(), Actions())
        pass(try .sound(9), &downlink, into: &out)
        out.removeAll()
        downlink.hold(Array(Self.end.utf8), until: .at(2000))
        let forgotten = (downlink.forgetHeld(), downlink.forgetHeld())
        #expect(forgotten == (true, false))
        downlink.releaseHeld(room: Self.room, at: .at(2000), into: &out)
        #expect(out.isEmpty && downlink.reply.isOpen && downlink.size == 0)
    }

    @Test(
        "I13: `interrupted` comes before the end that is made up with it, and both close the reply")
    func madeUp() throws {
        for idle in [false, true] {
            var (downlink, out) = (Downlink(), Actions())
            pass(try .sound(9), &downlink, into: &out)
            downlink.mark { $0.cut() }
            out.removeAll()
            downlink.makeUpInterruption(idle, room: Self.room, at: .at(0), into: &out)
            // Where the family says when it has finished, a client waits for that.
            let last = idle ? Compose.serverIdleTurnComplete : Compose.serverTurnComplete
            #expect(out.sent(to: .client) == [Compose.interrupted.text, last.text])
            #expect(out.facts == [.madeUp(.interrupted), .madeUp(.turnComplete)])
            let reply = downlink.reply
            #expect(!reply.isOpen && !reply.isCut && !reply.isInterrupted && !reply.owesEnd)
        }
    }

    // MARK: A client that is away

    @Test("I5: what comes while the client is away reaches it on its return, in order, once")
    func parked() throws {
        var (downlink, out) = (Downlink(), Actions())
        pass(try .sound(1), &downlink, into: &out)
        downlink.hold(Array(Self.generated.utf8), until: nil)
        downlink.park(until: .at(15_000), at: .at(0))
        out.removeAll()
        let missed = try [
            FromGemini.sound(2),
            FromGemini(#"{"serverContent":{"outputTranscription":{"text":"a"}}}"#),
            FromGemini.sound(3),
        ]
        for said in missed { pass(said, &downlink, into: &out) }
        let unread = Array("not for us".utf8)
        downlink.passUnread(unread.span, room: Self.room, into: &out)
        downlink.hold(Array(Self.end.utf8), until: .at(2000))
        downlink.releaseHeld(room: Self.room, at: .at(2000), into: &out)
        // Nothing can be sent to nobody.
        #expect(out.isEmpty)
        #expect(downlink.size > missed.reduce(0) { $0 + $1.bytes.count })
        let call = Array(#"{"toolCall":{"functionCalls":[]}}"#.utf8)
        downlink.unpark(isSetUp: true, calls: [call], at: .at(5000), into: &out)
        let sent = out.sent(to: .client)
        // A service answers the setup first, and makes nothing up for one that missed nothing.
        #expect(
            sent == [Compose.setupComplete.text, call.text] + missed.map(\.bytes.text)
                + [unread.text, Self.generated, Self.end])
        #expect(out.facts == [.unparked(after: .seconds(5), messages: 7, missing: .zero)])
        #expect(!downlink.parking.isOn && downlink.size == 0)
    }

    /// Whatever comes, in whatever room: only sound gives way, the oldest first, and it is counted.
    @Test(arguments: Array(1...60) as [UInt64])
    func `I10, I16: only old sound gives way, what is lost is counted, and the rest stays in order`(
        seed: UInt64
    ) throws {
        var random = SeededRandom(seed: seed)
        var (downlink, out) = (Downlink(), Actions())
        // An answer was being spoken when the client vanished, or none.
        let isSpeaking = random.chance(0.5)
        if isSpeaking { pass(try .sound(1), &downlink, into: &out) }
        downlink.park(until: .at(15_000), at: .at(0))
        out.removeAll()
        let bound = Int.random(in: 20_000...80_000, using: &random)
        var (others, sounds): ([String], [String]) = ([], [])
        for number in 0..<40 {
            let said: FromGemini
            if random.chance(0.6) {
                said = try .sound(UInt8(number + 2))
                sounds.append(said.bytes.text)
            } else {
                said = try FromGemini(
                    #"{"serverContent":{"outputTranscription":{"text":"w\#(number)"}}}"#)
                others.append(said.bytes.text)
            }
            pass(said, &downlink, room: bound - downlink.size, into: &out)
            #expect(downlink.size <= bound)
        }
        #expect(!downlink.parking.isOverfull)
        let told = out.facts
        out.removeAll()
        downlink.unpark(isSetUp: false, calls: [], at: .at(5000), into: &out)
        let sent = out.sent(to: .client)
        guard case .unparked(_, let count, let missing)? = out.facts.first else {
            Issue.record("the return was not noted")
            return
        }
        #expect(sent.count == count)
        #expect(sent.filter { $0.contains("outputTranscription") } == others)
        let heard = sent.filter { $0.contains("inlineData") }
        #expect(heard == Array(sounds.suffix(heard.count)))
        #expect(missing == .milliseconds(Int64(100 * (sounds.count - heard.count))))
        #expect(told == (missing > .zero ? [.limitReached(.buffer)] : []))
    }

    @Test("what is not sound is never dropped: if it does not fit, parking is over")
    func overfull() throws {
        var (downlink, out) = (Downlink(), Actions())
        downlink.park(until: .at(15_000), at: .at(0))
        let words = String(repeating: "w", count: 4000)
        let said = try FromGemini(
            #"{"serverContent":{"outputTranscription":{"text":"\#(words)"}}}"#)
        for _ in 0..<3 { pass(said, &downlink, room: max(0, 6000 - downlink.size), into: &out) }
        #expect(downlink.parking.isOverfull)
        #expect(downlink.parking.messages.count == 3)
        #expect(out.facts == [.limitReached(.buffer)])
    }

    @Test("I13: a turn has one end, gemini's own, however much of its sound did not fit")
    func restCut() throws {
        for (isSpeaking, hasEnded) in [(true, true), (true, false), (false, true), (false, false)] {
            var (downlink, out) = (Downlink(), Actions())
            if isSpeaking { pass(try .sound(1), &downlink, into: &out) }
            downlink.park(until: .at(15_000), at: .at(0))
            out.removeAll()
            for sample in 2...4 as ClosedRange<UInt8> {
                pass(try .sound(sample), &downlink, room: 0, into: &out)
            }
            let ends = hasEnded ? [Self.generated, Self.end] : []
            for json in ends { pass(try FromGemini(json), &downlink, into: &out) }
            out.removeAll()
            downlink.unpark(isSetUp: false, calls: [], at: .at(1000), into: &out)
            #expect(out.sent(to: .client) == ends)
            #expect(
                out.facts == [
                    .unparked(
                        after: .seconds(1), messages: ends.count, missing: .milliseconds(300))
                ])
            if !hasEnded { pass(try FromGemini(Self.end), &downlink, into: &out) }
            #expect(!downlink.reply.isOpen)
        }
    }
}
