import Basics
import Policies
import Wire

// The client's and gemini's messages, once they are known to be such.
extension Session {
    mutating func clientSent(
        _ passage: Passage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let members = passage.message.members
        if members.contains(.ambiguous) {
            refuseAmbiguity(into: &out)
            return
        }
        switch phase {
        case .talking:
            converse(passage, payload: payload, at: now, into: &out)
        case .awaitingSetup where members.contains(.setup):
            sendSetup(passage, payload: payload, into: &out)
        case .settingUp where members.contains(.setup):
            refuseSetup(passage, into: &out)
        case .dialing, .awaitingSetup, .settingUp:
            hold(passage, payload: payload, into: &out)
        case .closed:
            break
        }
    }

    /// A field that is there twice: nobody can say which one the service reads, so no rule could be
    /// kept.
    mutating func refuseAmbiguity(into out: inout Actions) {
        let reason = words("one field of the message is present twice")
        end(.clientFault, client: Close(1007, reason), gemini: Close(1000), into: &out)
    }

    /// Input that came too early: gemini would refuse it, so it waits for `setupComplete`.
    private mutating func hold(
        _ passage: Passage, payload: Span<UInt8>, into out: inout Actions
    ) {
        if terms.earlyInput != .off {
            out.note(.ruleApplied(.earlyInput, terms.earlyInput, detail: .messages(1)))
        }
        guard terms.earlyInput == .enforce else { return passage.pass(into: &out) }
        let kept = Passage(
            message: passage.message, kept: passage.bytes(payload), opcode: passage.opcode)
        if !early.hold(kept, limit: terms.buffer, into: &out) {
            out.note(.limitReached(.buffer))
            let reason = words("more than \(terms.buffer) bytes of input before setupComplete")
            end(.clientFault, client: Close(1008, reason), gemini: Close(1000), into: &out)
        }
    }

    private mutating func converse(
        _ passage: Passage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let message = passage.message
        if message.members == .realtimeInput {
            terms.isManual
                ? converseManually(passage, payload: payload, at: now, into: &out)
                : converseAutomatically(passage, at: now, into: &out)
            return
        }
        if message.members.contains(.setup) { return refuseSetup(passage, into: &out) }
        passage.pass(into: &out)
        if message.members.contains(.clientContent), message.turnComplete {
            turns.asked(.text, at: now, into: &out)
        }
        if message.members.contains(.toolResponse) {
            openTools.answered(message, in: payload)
            out.note(.toolAnswered(message.value))
        }
    }

    private mutating func converseManually(
        _ passage: Passage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let wasOpen = gate.isOpen
        if passage.message.input.isSingle || terms.combinedInput == .off {
            gate.take(passage, payload: payload, terms: terms, at: now, into: &out)
        } else {
            out.note(.ruleApplied(.combinedInput, terms.combinedInput, detail: .none))
            for part in CombinedInput.parts(
                of: passage, payload: payload, isOpen: gate.clientIsSpeaking)
            {
                gate.take(part, payload: payload, terms: terms, at: now, into: &out)
            }
        }
        if wasOpen, !gate.isOpen { turns.asked(.audio, at: now, into: &out) }
        if passage.message.input.contains(.text), !gate.isOpen {
            turns.asked(.text, at: now, into: &out)
        }
    }

    private mutating func converseAutomatically(
        _ passage: Passage, at now: Instant, into out: inout Actions
    ) {
        let input = passage.message.input
        passage.pass(into: &out)
        if input.contains(.audio) { pause.heardAudio(at: now) }
        if input.contains(.audioStreamEnd) { pause.streamEnded(terms, at: now, into: &out) }
        if input.contains(.text) { turns.asked(.text, at: now, into: &out) }
    }

    // MARK: Gemini

    mutating func geminiSent(
        _ message: ServerMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let members = message.members
        if members.contains(.sessionResumptionUpdate) {
            out.note(.handleReceived(resumable: message.resumable))
            if setup.resumptionInserted, members == .sessionResumptionUpdate {
                // The client did not ask for handles and may not know the message.
                out.note(.ruleApplied(.resumptionInserted, .enforce, detail: .none))
                return
            }
        }
        out.append(.forward)
        report(message, into: &out)
        turns.received(message, idle: terms.idle, at: now, into: &out)
        if members.contains(.toolCall) { openTools.called(message, in: payload) }
        if members.contains(.toolCallCancellation) { openTools.cancelled(message, in: payload) }
        if message.content.contains(.interrupted) { openTools.clear() }
        if members.contains(.setupComplete), phase == .settingUp {
            setupCompleted(at: now, into: &out)
        }
        leaveIfIdle(at: now, into: &out)
    }

    private func report(_ message: ServerMessage, into out: inout Actions) {
        let members = message.members
        if message.content.contains(.inputTranscription) {
            out.note(.transcribed(.client, message.inputText))
        }
        if message.content.contains(.outputTranscription) {
            out.note(.transcribed(.gemini, message.outputText))
        }
        if members.contains(.toolCall) { out.note(.toolCalled(message.tool)) }
        if members.contains(.toolCallCancellation) {
            out.note(.toolCancelled(message.cancellation))
        }
        if members.contains(.usageMetadata) { out.note(.used(message.usage)) }
        if members.contains(.goAway) { out.note(.goAwayReceived(timeLeft: message.timeLeft)) }
    }

    private mutating func setupCompleted(at now: Instant, into out: inout Actions) {
        phase = .talking
        out.note(.setupCompleted(link))
        for passage in early.release() {
            guard phase == .talking, let kept = passage.kept else { return }
            converse(passage, payload: kept.span, at: now, into: &out)
        }
    }
}

extension ClientMessage.Input {
    /// One part, so that the message says in which order it wants to be read.
    var isSingle: Bool {
        let parts = rawValue & ~Self.mediaChunks.rawValue
        return parts & (parts &- 1) == 0
    }
}
