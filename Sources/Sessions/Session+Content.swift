import Basics
import Policies
import Wire

// The client's messages that are neither real-time input nor results.
extension Session {
    mutating func takeOther(
        _ outbound: OutboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let message = outbound.message
        // Some clients use it to stop the model, and that must not wait.
        let isStop = message.members.contains(.clientContent) && message.isEmptyContent(payload)
        if !isStop, heldBehindInput(outbound, payload: payload, at: now, into: &out) { return }
        if message.members.contains(.clientContent) {
            takeContent(outbound, payload: payload, at: now, into: &out)
        } else {
            if message.members.contains(.contextUpdate) {
                var new = Memory.Changes()
                new.instruction =
                    ContextReader.systemInstruction(message.value, in: payload) ?? []
                new.tools = ContextReader.tools(message.value, in: payload) ?? []
                keepContext(new, at: now, into: &out)
            }
            uplink.pass(outbound, payload, into: &out)
        }
    }

    /// The client's own turns: history, or a question.
    private mutating func takeContent(
        _ outbound: OutboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let message = outbound.message
        if rules.rejectsContent, !setup.awaitsHistory,
            asText(outbound, payload: payload, at: now, into: &out)
        {
            return
        }
        // The first complete content of a session that announced its history ends that history.
        let isHistory = setup.awaitsHistory || !message.turnComplete
        if message.turnComplete { setup.awaitsHistory = false }
        if !isHistory, !rules.rejectsContent { uplink.sayPrefaceAsContent(into: &out) }
        if setup.isOnVertex { keepInstruction(message, payload, at: now, into: &out) }
        uplink.pass(outbound, payload, isHistory: isHistory, into: &out)
        if !isHistory { tellTyped(outbound, payload, into: &out) }
        quote(message, payload, isHistory: isHistory)
        if !isHistory { ask(.text, at: now, into: &out) }
    }

    /// The words of the question, unless they are in the current message.
    mutating func tellTyped(
        _ outbound: OutboundMessage, _ payload: Span<UInt8>, into out: inout Actions
    ) {
        let own = outbound.message.typed(in: payload, limit: Self.longestQuestion)
        let words = own.isEmpty ? uplink.journal.words.writtenLast : own
        if !words.isEmpty, own.isEmpty || outbound.kept != nil { out.note(.typed(words)) }
    }

    /// Of a question, in bytes: for the ledger.
    private static let longestQuestion = 2000

    /// Families that close on content take the same words as text (failure catalogue 16.15).
    private mutating func asText(
        _ outbound: OutboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) -> Bool {
        guard rules.contentAsText != .off, let text = ClientMessage.realtimeText(payload),
            let message = try? ClientMessage.scan(text.bytes.span)
        else { return false }
        out.note(.ruleApplied(.contentAsText, rules.contentAsText, detail: .none))
        guard rules.contentAsText == .enforce else { return false }
        for path in text.dropped {
            out.note(.ruleApplied(.contentAsText, .enforce, detail: .field(path)))
        }
        let instead = outbound.replaced(by: message, text.bytes)
        takeInput(instead, payload: text.bytes.span, at: now, into: &out)
        return true
    }

    private mutating func quote(
        _ message: ClientMessage, _ payload: Span<UInt8>, isHistory: Bool
    ) {
        var reader = ContentReader(message.value, in: payload)
        while let turn = reader.nextTurn(in: payload) {
            switch turn.role {
            case .user:
                uplink.journal.quoted(
                    content: turn.value, role: .user, payload, isHistory: isHistory)
            case .model:
                uplink.journal.quoted(
                    content: turn.value, role: .model, payload, isHistory: isHistory)
            case .absent where isHistory:
                uplink.journal.quoted(content: turn.value, role: .user, payload, isHistory: true)
            case .absent: uplink.journal.typed(turn.text, payload)
            // It is no part of the conversation.
            case .system, .other: break
            }
        }
    }

    /// On Vertex a turn with the role `system` replaces the instruction (wire reference 9.4).
    private mutating func keepInstruction(
        _ message: ClientMessage, _ payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        var new = Memory.Changes()
        var reader = ContentReader(message.value, in: payload)
        while let turn = reader.nextTurn(in: payload) {
            if turn.role == .system { new.instruction = ToolCalls.copy(turn.value, payload) }
        }
        keepContext(new, at: now, into: &out)
    }

    /// Later connections are set up with the newest instruction and tools. Those for which there is
    /// no room, even without what is kept of the conversation, they will not know.
    private mutating func keepContext(
        _ new: Memory.Changes, at now: Instant, into out: inout Actions
    ) {
        guard !setup.sent.isEmpty, new.count > 0 else { return }
        var changes = setup.changes
        changes.note(new, at: uplink.journal.end)
        // Those that are short are kept for the client's return, too.
        let growth = changes.size - setup.changes.size + new.kept.count
        guard growth <= roomOfJournal, (try? Setup.edit(setup.sent.span, new.edits)) != nil else {
            return out.note(.contextLost(.zero))
        }
        setup.changes = changes
        setup.changedAt = now
    }

    /// Gemini has saved its state, so late that it has taken the client's changes: it would have
    /// closed on them before.
    mutating func stateWasSaved(at now: Instant) {
        guard !setup.changes.isEmpty, now - setup.changedAt >= Self.verdict else { return }
        if let written = uplink.newestWritten, setup.changes.contains(written.id) {
            uplink.sent.forgetWritten()
        }
        changesAccepted(bySetup: true)
    }

    /// Longer than a message is under way, there and back.
    private static let verdict = Interval.seconds(1)

    /// Gemini has answered under the client's changes, or taken a setup with them: they belong to
    /// the setup.
    mutating func changesAccepted(bySetup isBySetup: Bool) {
        guard !setup.changes.isEmpty else { return }
        let accepted = setup.changes.takeAccepted(isBySetup ? nil : uplink.memory.known)
        guard accepted.count > 0 else { return }
        returning.changes.note(accepted)
        if let edited = try? Setup.edit(setup.sent.span, accepted.edits) {
            setup.sent = edited.bytes
        }
    }

    /// What differs from the client's setup, for a later session.
    var changesSinceSetup: Memory.Changes {
        var all = returning.changes
        all.note(setup.changes.all)
        return all
    }
}

extension ClientMessage {
    /// Content that says nothing and asks nothing (failure catalogue 1.13).
    fileprivate func isEmptyContent(_ payload: Span<UInt8>) -> Bool {
        guard !turnComplete else { return false }
        var reader = ContentReader(value, in: payload)
        return reader.nextTurn(in: payload) == nil
    }
}
