import Basics
import Policies
import Wire

// Flushes of the transcription: made where they help, swallowed where they harm.
extension Session {
    /// Before a piece of audio: ends the activity and begins it again, if that is due.
    mutating func flushIfDue(
        _ message: ClientMessage, at now: Instant, into out: inout Actions
    ) {
        guard let interval = terms.flush, gate.isOpen, gate.clientIsSpeaking, !tools.isWaiting,
            !view.isSpeaking,
            flush.isDue(before: message, heard: gate.heard, every: interval)
        else { return }
        out.note(.ruleApplied(.flush, terms.flushMode, detail: .audio(gate.heard)))
        guard terms.flushMode == .enforce else { return flush.observed(at: gate.heard) }
        // Not remembered for a replay: sent again, the words are one activity.
        gate.flush(terms, opcode: clientOpcode, at: now, into: &out)
        flush.flushed(at: now)
    }

    /// Whether a message is a by-product of a flush, and not shown; transcripts in it are.
    mutating func keepsFlushByproduct(
        _ message: ServerMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) -> Bool {
        guard flush.isActive,
            flush.isByproduct(message, isSpeaking: gate.isOpen, at: now)
        else { return false }
        out.note(.ruleApplied(.flush, .enforce, detail: .messages(1)))
        if message.content.contains(.interrupted) { tools.abandon() }
        guard message.content.contains(.inputTranscription) else { return true }
        var words = Array(#"{"serverContent":{"inputTranscription":{"text":""#.utf8)
        let text = message.inputText.range.clamped(to: 0..<payload.count)
        Bytes.append(payload.extracting(text), to: &words)
        words.append(contentsOf: #""}}}"#.utf8)
        transcript.say(.user, message.inputText, payload)
        out.note(.transcribed(.client, message.inputText))
        out.append(.send(.client, words, geminiOpcode))
        return true
    }

    /// An end, or an end and a start, that have waited long enough go on as they came.
    mutating func wakeFlushPairs(at now: Instant, into out: inout Actions) {
        guard let deadline = flushPairs.deadline, now >= deadline else { return }
        releaseFlushPairs(at: now, into: &out)
    }

    mutating func releaseFlushPairs(at now: Instant, into out: inout Actions) {
        guard !flushPairs.isIdle else { return }
        admit(pastFlushPairs: flushPairs.release(), payload: Span(), at: now, into: &out)
    }
}
