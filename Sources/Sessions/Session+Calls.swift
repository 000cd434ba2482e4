import Basics
import Policies
import Wire

// What the model calls.
extension Session {
    /// Tells calls that are new from those that are made again.
    mutating func called(
        _ message: ServerMessage, _ payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) -> ToolCalls.Reception {
        if turns.isIdle, isVoiceAQuestion, wasHeardOut(at: now) {
            // Not one that an earlier question led to: its result may have changed since.
            tools.asked(connection: upstream.current, open: handles.callsOpen)
            voiceAsked(at: now, into: &out)
        }
        let reception = tools.called(
            message.tool, in: payload, connection: upstream.current, free: setup.freeTools,
            mayBeLeft: policy.client.park > .zero, room: max(0, roomOfJournal),
            end: uplink.journal.end, at: now)
        if !reception.released.isEmpty {
            downlink.show(Compose.toolCall(reception.released), room: room, into: &out)
        }
        return reception
    }

    mutating func received(
        _ reception: ToolCalls.Reception, _ inbound: InboundMessage, at now: Instant,
        into out: inout Actions
    ) {
        shutToolGate(at: now)
        // The end of what was cut off would have come before the call: the next end is the call's.
        if reception.fresh + reception.known > 0 { turns.endsToHide = 0 }
        if reception.fresh > 0 {
            if endsTurnsAtCalls { downlink.mark { $0.called() } }
            questionHasEnded(at: now)
            let after = turns.called(at: now)
            out.note(.toolCalled(inbound.inHand.calls, calls: reception.begun, after: after))
        } else if reception.known > 0 {
            downlink.mark { $0.calledAgain() }
        }
        if reception.renamed > 0 { out.note(.toolNoted(.renamed, reception.renamed)) }
        if reception.unkept > 0 { out.note(.toolNoted(.notKept, reception.unkept)) }
        if reception.held > 0 { out.note(.byproductKept(.call)) }
        guard reception.known > 0 else { return }
        recovered(at: now, into: &out)
        out.note(.callRemembered(reception.known))
        // Answered in their plain form, which has no pictures or files.
        if reception.answered.contains(where: { tools.isCut($0) }) { out.note(.contextLost(.zero)) }
        showEndOfHalf(at: now, into: &out)
        // Nudged, the model goes on with its turn.
        if downlink.forgetHeld() { out.note(.byproductKept(.emptyTurn)) }
        if turns.state != .answering { uplink.replyBegan() }
        turns.isAtRememberedCall = true
        for call in reception.answered { uplink.withdrawPreface(of: call) }
        if !reception.answers.isEmpty {
            uplink.sayAside(Compose.toolResponse(reception.answers), into: &out)
            toolAnswered(at: now, into: &out)
            turns.isAtRememberedCall = true
            // The model's reaction to them may come as a separate turn, and is not a second answer.
            unasked.nudged = nil
        }
    }
}
