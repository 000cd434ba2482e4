import Basics
import Policies
import Wire

// The conversation in words.

extension Session {
    /// Transcripts that the client did not request: keeps their words, and shows the client the
    /// rest.
    mutating func keepWords(
        _ inbound: InboundMessage, _ payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let own = inbound.message.content.intersection(setup.ownTranscripts)
        if own.contains(.inputTranscription),
            heardUser(inbound, payload, at: now, into: &out)
        {
            downlink.question.heard(inbound.message.inputText, payload)
        }
        if own.contains(.outputTranscription) {
            let begins =
                turns.state == .asked
                || turns.awaitsAfterTool && inbound.message.speaks
                    && !turns.isOldSentence(at: now)
            heardModel(inbound, payload, isAhead: begins, at: now, into: &out)
        }
        showRest(of: inbound, payload, without: own, at: now, into: &out)
    }

    /// False if the words belong to a question that is transcribed again.
    mutating func heardUser(
        _ inbound: InboundMessage, _ payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) -> Bool {
        turns.sawTranscript(at: now)
        let text = inbound.message.inputText
        let repetition = downlink.question.repetition(text, payload)
        let isLate =
            !rules.isManual && profile.flush == nil && uplink.journal.isLateTranscript(at: now)
        if repetition != .none {
            out.note(.byproductKept(.transcript))
            uplink.journal.transcribedAgain()
            // The beginning of a question may be heard differently from the whole.
            if repetition == .other { heard(text, payload, isLate, into: &out) }
            return false
        }
        if !rules.isManual, !isLate, turns.state == .answering, !setup.forbidsInterruption {
            uplink.journal.heardIntoReply(at: now)
        }
        heard(text, payload, isLate, into: &out)
        out.note(.transcribed(.client, inbound.inHand.input))
        if !rules.isManual, !isLate { userWasHeard(at: now, into: &out) }
        return true
    }

    private mutating func heard(
        _ text: ByteRange, _ payload: Span<UInt8>, _ isLate: Bool, into out: inout Actions
    ) {
        let isOfAnswered = uplink.journal.transcribed(
            text, payload, isManual: rules.isManual, isLate: isLate)
        if isOfAnswered { keepForOthers(into: &out) }
    }

    /// The words of the answer in the message, spoken or written.
    mutating func keepAnswer(
        _ inbound: InboundMessage, _ payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        // Beside a voice, text is not what the client hears.
        if inbound.message.content.contains(.text), !setup.mustSpeak {
            modelWrote(payload, into: &out)
        }
        guard inbound.message.content.contains(.outputTranscription) else { return }
        let begins =
            turns.state == .asked || turns.awaitsAfterTool && !turns.isOldSentence(at: now)
        heardModel(inbound, payload, isAhead: begins, at: now, into: &out)
    }

    private mutating func modelWrote(_ payload: Span<UInt8>, into out: inout Actions) {
        var isOfAnswered = false
        for text in ServerMessage.texts(in: payload)
        where uplink.journal.replied(text, payload, isAhead: false) { isOfAnswered = true }
        if isOfAnswered { keepForOthers(into: &out) }
        out.note(.wrote)
    }

    private mutating func heardModel(
        _ inbound: InboundMessage, _ payload: Span<UInt8>, isAhead: Bool, at now: Instant,
        into out: inout Actions
    ) {
        let isOfAnswered = uplink.journal.replied(
            inbound.message.outputText, payload,
            isAhead: isAhead && !turns.isRest(at: now))
        if isOfAnswered { keepForOthers(into: &out) }
        out.note(.transcribed(.gemini, inbound.inHand.output))
    }
}
