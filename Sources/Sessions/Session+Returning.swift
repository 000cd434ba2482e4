import Basics
import Policies
public import Wire

// A client that comes with a handle of ours, or names a session: its setup waits until the memory
// of that conversation has been looked up.
extension Session {
    /// The waiting setup, which moves with the client's connection to the session it belongs to;
    /// and the client's messages since then.
    public mutating func surrender() -> [(bytes: [UInt8], opcode: Opcode)] {
        guard let setup = returning.waiting, let bytes = setup.kept else { return [] }
        return [(bytes, setup.opcode)]
            + uplink.early.release().compactMap { held in held.kept.map { ($0, held.opcode) } }
    }

    /// Whether the setup has to wait.
    mutating func recalls(
        _ read: Setup, _ outbound: OutboundMessage, payload: Span<UInt8>, into out: inout Actions
    ) -> Bool {
        guard !returning.isSettled, !returning.handle.isEmpty else { return false }
        let claim: Claim
        if case .present(let range) = read.handle {
            let handle = JSONText.unescape(payload, range, limit: 512)
            // Gemini's own handle, from before the proxy was deployed, is for gemini to judge.
            guard ClientHandle.isOurs(handle) else { return false }
            let parts = ClientHandle.parts(of: handle)
            claim = .handle(parts.handle, generation: parts.generation)
        } else if !returning.session.isEmpty {
            claim = .session(returning.session)
        } else {
            return false
        }
        returning.claim = claim
        returning.waiting = outbound.kept(payload)
        out.append(.recall(claim, Self.fingerprint(payload)))
        return true
    }

    /// Equal for setups that request the same, apart from handles.
    private static func fingerprint(_ setup: Span<UInt8>) -> UInt64 {
        var hash = FNV1a()
        if let bytes = try? Setup.withoutResumption(setup) { hash.add(bytes.span) }
        return hash.value
    }

    mutating func recalled(_ answer: Recalled, at now: Instant, into out: inout Actions) {
        guard let setup = returning.waiting, let claim = returning.claim else { return }
        if case .attached = answer {
            out.note(.clientMoved)
            return end(.completed, client: nil, gemini: Close(1000), into: &out)
        }
        guard upstream.state == .bare else {
            returning.answer = answer
            return
        }
        returning.waiting = nil
        returning.isSettled = true
        switch (answer, claim) {
        case (.remembered(let memory), .handle(let handle, _)):
            returning.handle = handle
            returning.shown = ClientHandle.shown(handle, generation: memory.generation)
            returning.isGiven = true
            restore(fitting(memory, beside: setup, into: &out), at: now)
        case (.foreign, .handle), (.unknown, .handle):
            out.note(.handleRefused(isForeign: answer == .foreign))
            // The service's own wording, which clients know.
            let reason = words("BidiGenerateContent session not found")
            return end(
                .refused, client: Close(1008, reason), gemini: Close(1000), into: &out)
        case (.unavailable, .handle):
            // Its conversation is not lost: the client may return with the same handle.
            let reason = words("the conversation cannot be looked up now, try again")
            return end(.limit, client: Close(1013, reason), gemini: Close(1000), into: &out)
        // An id is only a hint: if there is no such session, a new one begins.
        case (.remembered, .session), (.foreign, .session), (.unknown, .session),
            (.unavailable, .session), (.attached, _):
            break
        }
        let bytes = setup.kept ?? []
        takeSetup(setup, payload: bytes.span, at: now, into: &out)
    }

    /// A connection is available for the setup whose claim was answered.
    mutating func recallLate(at now: Instant, into out: inout Actions) {
        guard let answer = returning.answer else { return }
        returning.answer = nil
        recalled(answer, at: now, into: &out)
    }

    /// Of what the client is owed from before, the oldest sound goes where it leaves no room for the
    /// setup, and a little for what is said meanwhile; then all of it.
    private mutating func fitting(
        _ memory: Memory, beside setup: OutboundMessage, into out: inout Actions
    ) -> Memory {
        let most = (room - setup.footprint) * 15 / 16
        var excess = memory.footprint - most
        guard excess > 0 else { return memory }
        var memory = memory
        var dropped = Interval.zero
        memory.owed.unanswered.removeAll { bytes in
            guard excess > 0, let message = try? ClientMessage.scan(bytes.span),
                message.isPlainSound
            else { return false }
            excess -= Footprint.of([bytes])
            dropped = dropped + message.audioDuration
            return true
        }
        if dropped > .zero { out.note(.inputDropped(dropped)) }
        if excess > 0, !memory.owed.isEmpty {
            memory.owed = Memory.Owed()
            out.note(.contextLost(.zero))
        }
        return memory
    }

    private mutating func restore(_ memory: Memory, at now: Instant) {
        returning.memory = memory
        uplink.journal.words = Words(packed: memory.transcript.span)
        var knowledge = Knowledge()
        knowledge.known.insert(Words.earlier)
        let ended = Instant(nanoseconds: now.nanoseconds) - memory.age
        handles.keep(
            Handles.Kept(
                text: memory.handle, at: ended, usedUntil: ended, turn: 0, knowledge: knowledge,
                isComplete: true),
            suspect: nil)
    }

    /// Nothing can resume it, and its contents must not be told: this is a new conversation.
    private mutating func forgetMemory(into out: inout Actions) {
        out.note(.contextLost(.zero))
        returning.memory = nil
        uplink.journal.words = Words()
    }

    // MARK: The setup

    /// The setup as sent the first time: with the handle, or the form of history, that continues
    /// the conversation. `neutral` has neither.
    mutating func opening(
        _ neutral: [UInt8], _ read: Setup, at now: Instant, into out: inout Actions
    ) -> ([UInt8], Knowledge) {
        guard let memory = returning.memory else { return (neutral, Knowledge()) }
        // Everything except the model may differ from before (wire reference 10.3).
        if memory.model != setup.model || !profile.resumes {
            handles = Handles()
            guard policy.recovery.rebuild else {
                forgetMemory(into: &out)
                return (neutral, Knowledge())
            }
        }
        let handle = choosePlan(
            handles.newest(before: now + .milliseconds(1), at: now),
            mayRebuild: mayBeginAnew(at: now))
        recovery.handle = handle
        recovery.isFresh = handle == nil
        let bytes = (try? Setup.edit(neutral.span, openingEdits(handle)))?.bytes ?? neutral
        return (bytes, handle?.knowledge ?? Knowledge())
    }

    /// The edits that remove our handle from a setup.
    var returnEdits: [SetupEdit] {
        returning.memory == nil
            ? [] : [.remove("sessionResumption.handle")] + returning.changes.edits
    }

    /// The setup has been sent: from now on the client can return.
    mutating func offer(_ read: Setup, _ payload: Span<UInt8>, into out: inout Actions) {
        var tools = FNV1a()
        tools.add(payload.extracting(read.tools.range.clamped(to: 0..<payload.count)))
        returning.tools = tools.value
        let setup = Self.fingerprint(payload)
        takeChanges(to: setup)
        guard !returning.handle.isEmpty else { return }
        returning.isOffered = true
        out.append(.offer(returning.handle, setup, parks: policy.client.park > .zero))
    }

    /// The client's changes in an earlier session apply if it comes with the setup it had there.
    private mutating func takeChanges(to setup: UInt64) {
        if let changes = returning.memory?.changes, changes.setup == setup {
            returning.changes = changes
        }
        returning.changes.setup = setup
    }

    /// Gemini refuses the stored handle: it has expired. The transcript is still there.
    mutating func forgetsDeadHandle(_ cause: CloseCause) -> Bool {
        guard phase == .settingUp, returning.memory != nil, !recovery.isFresh,
            cause == .handle || cause == .policy || cause == .invalid
        else { return false }
        handles = Handles()
        return true
    }

    /// Whether gemini may still have the conversation on another node's connection, which cannot be
    /// reached, and therefore refuses its handle here; without words, only the handle restores it.
    func dependsOnHandle(at now: Instant) -> Bool {
        guard phase == .settingUp, let memory = returning.memory, uplink.journal.words.isEmpty
        else { return false }
        return handles.newest(before: now + .milliseconds(1), at: now) != nil
            && memory.putOff + (now - recovery.since) < Self.longestPutOff
    }

    /// By then gemini has noticed that the other end is gone, and on most models has ended the
    /// connection anyway (wire reference 10.1).
    private static let longestPutOff = Interval.seconds(600)
    /// Together with the time to claim a conversation, three seconds from the client's setup.
    static let returnPatience = Interval.seconds(2)

    /// The client will try again with the same handle: a new session in its place would have
    /// forgotten everything.
    mutating func putOff(at now: Instant, into out: inout Actions) {
        if let memory = returning.memory {
            returning.memory?.putOff = memory.putOff + (now - recovery.since)
        }
        let why = "gemini does not give the conversation back yet"
        giveUp(
            recovery.trouble ?? .closed(.other), why, .unanswered,
            Close(1013, words("\(why), try again")), into: &out)
    }

    /// The first `setupComplete` of a session that continues an earlier one.
    mutating func takenUp(at now: Instant, into out: inout Actions) {
        out.note(.clientResumed(recovery.isFresh ? .rebuilt : .resumed))
        context.resumed()
        tools.othersAreDead = recovery.isFresh || returning.memory?.mayAwaitResults == false
        tools.mayKnowOthers = !tools.othersAreDead
        if recovery.isFresh, uplink.journal.words.isEmpty { out.note(.contextLost(.zero)) }
        let owed = returning.memory?.owed ?? Memory.Owed()
        returning.memory?.owed = Memory.Owed()
        for bytes in owed.missed { downlink.show(bytes, room: room, into: &out) }
        askAgain(owed.unanswered, into: &out)
        tellPlan(at: now, into: &out)
    }

    /// The client's messages on its old connection come before all on this one.
    private mutating func askAgain(_ unanswered: [[UInt8]], into out: inout Actions) {
        let opcode = uplink.opcode
        var messages = unanswered.compactMap { bytes in
            (try? ClientMessage.scan(bytes.span)).map {
                OutboundMessage(message: $0, kept: bytes, opcode: opcode)
            }
        }
        guard !messages.isEmpty else { return }
        let isMarked = messages.contains { $0.message.input.contains(anyOf: .boundaries) }
        if isMarked, !rules.isManual {
            messages = messages.compactMap { outbound in
                outbound.message.input.contains(anyOf: .boundaries)
                    ? outbound.rest(without: .boundaries, Span()) : outbound
            }
        } else if !isMarked, rules.isManual,
            let first = messages.firstIndex(where: { $0.message.input.contains(.audio) }),
            let last = messages.lastIndex(where: { $0.message.input.contains(.audio) })
        {
            messages.insert(.end(opcode), at: last + 1)
            messages.insert(.start(opcode), at: first)
        }
        out.note(
            .replayed(
                messages: messages.count,
                audio: messages.reduce(.zero) { $0 + $1.message.audioDuration }, missing: .zero))
        let later = uplink.early.release()
        for outbound in messages + later {
            _ = uplink.hold(
                outbound, room: room, isOpening: true, cutsPauses: false, into: &out)
        }
    }

    // MARK: Handles

    /// Shows the client our handle instead of gemini's, and its own message count instead of
    /// gemini's; every other byte stays.
    mutating func handleEdits(_ message: ServerMessage) -> [ServerEdit] {
        guard policy.turns.rules[.handleReplaced] == .enforce else { return [] }
        var edits: [ServerEdit] = []
        if !returning.handle.isEmpty, !message.handle.isEmpty {
            edits.append(.handle(returning.shown))
        }
        if setup.isTransparent, message.lastConsumed >= 0 {
            let own = uplink.ofClient(consumed: message.lastConsumed)
            if own != message.lastConsumed { edits.append(.lastConsumed(own)) }
        }
        return edits
    }

    /// The client was given a handle: stores what it stands for.
    mutating func offerHandle(_ message: ServerMessage, into out: inout Actions) {
        let mode = policy.turns.rules[.handleReplaced]
        guard mode != .off, !returning.handle.isEmpty, !message.handle.isEmpty else { return }
        out.note(.ruleApplied(.handleReplaced, mode, detail: .none))
        guard mode == .enforce else { return }
        returning.isGiven = true
        keepForOthers(into: &out)
        guard !returning.isShared, let handle = handles.last(before: recovery.suspectSince) else {
            return
        }
        let memory = Memory(
            model: setup.model, tools: returning.tools, handle: handle.text, transcript: [])
        out.append(.keep(returning.handle, memory))
    }

    /// Another node must be able to continue from here: at a turn's end, with a new handle, and
    /// with late words.
    mutating func keepForOthers(into out: inout Actions) {
        guard returning.isShared, let memory = settledMemory() else { return }
        out.append(.keep(returning.handle, memory))
    }

    /// The conversation as of the last turn that ended: the client must ask again what was asked
    /// since, so that nothing is answered twice. Nil if there is nothing to continue from.
    private func settledMemory() -> Memory? {
        guard phase == .talking, returning.isGiven, !setup.resumptionInserted else { return nil }
        let trouble = recovery.suspectSince
        let settled = handles.settled(before: trouble)
        let transcript =
            keepsWords
            ? uplink.journal.words.packed(
                whole: false, results: true, knowledge: settled?.knowledge)
            : []
        // Without words an unfinished turn is better than nothing.
        let other = transcript.isEmpty ? handles.last(before: trouble) : nil
        var memory = Memory(
            model: setup.model, tools: returning.tools, handle: (settled ?? other)?.text ?? "",
            transcript: transcript)
        memory.changes = changesSinceSetup
        memory.mayAwaitResults = settled == nil
        return memory.isEmpty ? nil : memory
    }

    // MARK: The end

    /// The client has returned with another setup, which a new session takes. Unanswered input goes
    /// with the memory; a complete answer is waited for, with the handle that covers it.
    mutating func superseded(at now: Instant, into out: inout Actions) {
        let isNearItsEnd = turns.isIdle ? !downlink.reply.isOpen : downlink.reply.isGenerated
        if isParked, drain == nil, phase == .talking, isNearItsEnd {
            drain = Drain(deadline: now + Self.mostOfEnd, isSucceeded: true)
            return leaveIfIdle(at: now, into: &out)
        }
        succeeded(at: now, into: &out)
    }

    /// How long a client waits whose new session could begin at once.
    private static let mostOfEnd = Interval.seconds(3)

    mutating func succeeded(at now: Instant, into out: inout Actions) {
        if phase == .talking, !isObserving, policy.recovery.replay {
            leave(at: now, into: &out)
        }
        let reason = words("the client returned with a different setup")
        end(.completed, client: Close(1000, reason), gemini: Close(1000), into: &out)
    }

    /// Finds what the client's new session must replay, and show.
    private mutating func leave(at now: Instant, into out: inout Actions) {
        cutReply(at: now, into: &out)
        let isDue = !turns.isIdle
        var owed = Memory.Owed()
        if !isDue, !downlink.reply.isOpen {
            owed.missed = downlink.parking.messages.map { $0.bytes }
        }
        // A handle from before the question, so that it is asked once.
        let last = recovery.suspectSince ?? now + .milliseconds(1)
        let newest = handles.newest(before: last, at: now)
        let asked = isDue ? handles.newest(before: min(turns.began, last), at: now) : nil
        let handle = asked ?? newest
        let again = uplink.journal.plan(
            for: handle?.knowledge, family: profile, isManual: rules.isManual,
            isAsking: isDue, mayRebuild: false
        ).again
        // Results belong to calls that no other session knows.
        owed.unanswered = uplink.journal.messages(of: again, without: .result)
        owed.unanswered += takeEarly(into: &out)
        if isDue, owed.unanswered.isEmpty {
            owed.unanswered = [rules.nudge(saying: tools.resultsInWords)]
        }
        returning.left = (handle, owed)
    }

    /// What a later session can continue, once this one is over.
    mutating func retire(into out: inout Actions) {
        guard returning.isOffered else { return }
        returning.isOffered = false
        let memory =
            phase == .settingUp
            ? unopenedMemory(into: &out)
            : returning.isShared && returning.left == nil ? settledMemory() : lastMemory()
        out.append(.retire(returning.handle, memory))
    }

    /// Before the setup is complete everything is as the client found it, except for its messages
    /// since.
    private mutating func unopenedMemory(into out: inout Actions) -> Memory? {
        guard var memory = returning.memory else { return nil }
        memory.owed.unanswered += takeEarly(into: &out)
        return memory
    }

    /// What waits, except for results: their calls are unknown to any other session.
    private mutating func takeEarly(into out: inout Actions) -> [[UInt8]] {
        var (messages, results): ([[UInt8]], Int) = ([], 0)
        for held in uplink.early.release() {
            guard let bytes = held.kept else { continue }
            if held.message.members.contains(.toolResponse) {
                results += ToolCalls.count(results: held.message.value, in: bytes.span)
            } else {
                messages.append(bytes)
            }
        }
        if results > 0 { out.note(.toolResultsDropped(results)) }
        return messages
    }

    private func lastMemory() -> Memory? {
        guard phase == .talking, !setup.resumptionInserted else { return nil }
        let handle = returning.left.map(\.handle) ?? handles.last(before: recovery.suspectSince)
        let words = uplink.journal.words.packed(
            whole: returning.left == nil, results: policy.log.toolArguments,
            knowledge: handle?.knowledge)
        var memory = Memory(
            model: setup.model, tools: returning.tools, handle: handle?.text ?? "",
            transcript: keepsWords ? words : [])
        memory.changes = changesSinceSetup
        memory.owed = returning.left?.owed ?? Memory.Owed()
        return memory.isEmpty ? nil : memory
    }

    private var keepsWords: Bool { policy.log.transcripts && !returning.hasUnkeptWords }
}
