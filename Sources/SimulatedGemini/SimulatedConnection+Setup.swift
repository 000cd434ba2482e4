import Basics
import Wire

extension SimulatedConnection {
    /// Processes one client message of any kind.
    func receive(_ bytes: Span<UInt8>) {
        let tree: JSONTree
        do {
            tree = try JSONTree(bytes)
        } catch {
            end(malformed: error)
            return
        }
        do {
            try tree.check(.clientMessage, isVertex: door.isVertex, in: bytes)
        } catch {
            let kind: Heard.Violation.Kind =
                error.kind == .unknownField ? .unknownField : .wrongType
            record(kind, error.reason)
            end(.cut(1007, error.reason))
            return
        }
        var members: [(field: Shape.Field, value: Int)] = []
        tree.forEachMember(of: JSONTree.root) { key, value in
            if tree.kind(value) != .null,
                let field = Shape.clientMessage.fields.first(where: {
                    tree.isKey(key, $0.name, in: bytes)
                })
            {
                members.append((field, value))
            }
        }
        guard members.count == 1, let member = members.first else {
            record(.notExactlyOneMember, "\(members.count) members")
            end(.invalidArgument)
            return
        }
        dispatch(member.field.name, member.value, tree, bytes)
    }

    private func end(malformed failure: JSONTree.Failure) {
        record(.malformed, "\(failure.message) at \(failure.offset)")
        end(.cut(1007, "Invalid JSON payload received. \(failure.message)."))
    }

    private func dispatch(
        _ name: String, _ node: Int, _ tree: JSONTree, _ bytes: Span<UInt8>
    ) {
        switch phase {
        case .awaitingUpgrade, .over:
            return
        case .awaitingSetup:
            if name == "setup" {
                setUp(tree, node, bytes)
            } else {
                record(.inputBeforeSetup, name)
                end(.invalidArgument)
            }
        case .settingUp:
            if name == "setup" {
                violated(.secondSetup)
            } else if settings.family == .flash31 {
                violated(.inputBeforeSetupComplete, name)
            } else {
                record(.inputBeforeSetupComplete, name)
            }
        case .live:
            switch name {
            case "setup": violated(.secondSetup)
            case "realtimeInput": receive(realtimeInput: node, tree, bytes)
            case "clientContent": receive(clientContent: node, tree, bytes)
            case "toolResponse": receive(toolResponse: node, tree, bytes)
            default: receive(contextUpdate: node, tree, bytes)
            }
        }
    }

    private func setUp(_ tree: JSONTree, _ node: Int, _ bytes: Span<UInt8>) {
        if door.key.isEmpty {
            record(.noCredential, "")
            return end(.unregistered)
        }
        if door.key == "invalid" {
            record(.badCredential, "")
            return end(.badKey)
        }
        do {
            settings = try Settings(tree, node, bytes, door: door, scenario: service.scenario)
        } catch {
            record(error.kind, error.detail)
            return end(error.close)
        }
        guard joinConversation() else { return }
        phase = .settingUp
        setupAt = now
        isSeeding = settings.seedsHistory && settings.family.isFlash3 && settings.handle == nil
        sendsVoiceActivity =
            settings.family == .transcribe || settings.reportsVAD
            || (settings.family == .flash31 && random.chance(0.5))
        aheadLimit = .milliseconds(Int64.random(in: 60_000...75_000, using: &random))
        spelling.transcribesOutput = settings.transcribesOutput
        spelling.sessionID = "session-\(conversation?.number ?? 0)"
        composer = Composer(
            settings: settings, scenario: service.scenario, voice: service.voice,
            random: random.fork())
        planSetupComplete()
    }

    /// Finds the conversation of the handle, or begins one. Returns whether the setup is accepted.
    private func joinConversation() -> Bool {
        guard let handle = settings.handle else {
            begin(
                Conversation(
                    number: service.conversations.count + 1, model: settings.model,
                    faults: faults.count))
            return true
        }
        let isHealed = service.isHealed(at: now)
        guard let ticket = service.handles[handle], !isExpired(ticket.conversation) else {
            record(.unknownHandle, handle)
            end(.sessionNotFound)
            return false
        }
        if let refusal = ticket.refusal, !isHealed {
            end(refusal)
            return false
        }
        guard ticket.conversation.liveConnection == nil else {
            service.violationCount += 1
            ticket.conversation.heard.violations.append(
                Heard.Violation(
                    kind: .sessionStillOpen, connection: number, at: now, detail: handle))
            end(.internalError)
            return false
        }
        guard ticket.model == settings.model || isHealed && ticket.model.isEmpty else {
            if !ticket.model.isEmpty { record(.unknownHandle, "of \(ticket.model)") }
            end(.invalidArgument)
            return false
        }
        ticket.conversation.memory = ticket.memory
        if !isHealed { takeOver(ticket) }
        begin(ticket.conversation)
        return true
    }

    /// What else a handle restores: calls that will not be answered, and pending failures.
    private func takeOver(_ ticket: Ticket) {
        guard !ticket.openCalls.isEmpty else { return }
        if ticket.remakesCalls {
            var again = Draft()
            again.calls = ticket.openCalls.map { open in
                Call(id: newCallID(), name: open.call.name, about: open.call.about)
            }
            remade = (again, ticket.openCalls[0].turn)
        } else {
            openCalls = ticket.openCalls
            lostCalls = Set(openCalls.map(\.call.id))
        }
    }

    private func isExpired(_ conversation: Conversation) -> Bool {
        guard conversation.liveConnection == nil, let ended = conversation.endedAt else {
            return false
        }
        return now - ended > service.scenario.handleLife
    }

    private func begin(_ conversation: Conversation) {
        if conversation.connections == 0 { service.conversations.append(conversation) }
        conversation.connections += 1
        conversation.liveConnection = number
        self.conversation = conversation
    }

    private func planSetupComplete() {
        if settings.isNeverCompleted { return }
        guard let conversation else { return }
        var complete = Draft()
        complete.setupComplete = true
        let delay = composer.lag(130...300)
        var reply = SetupReply(
            delay: delay, answer: .message(complete), isResumed: settings.handle != nil,
            sinceRelease: conversation.releasedAt.map { now - $0 }, model: settings.model,
            family: settings.family, settings: settings, random: SeededRandom(seed: 0))
        if !faults.isEmpty {
            reply.random = random.fork()
            strike(.setup, where: { $0.concerns(reply) }) { $0.strike(&reply) }
        }
        quirks = reply.quirks
        if reply.forgets {
            conversation.memory = Memory()
            conversation.memory.greets = reply.greets
        }
        guard let answer = reply.answer else { return }
        if let handle = settings.handle {
            conversation.heard.resumes.append(
                Heard.Resume(
                    connection: number, handle: handle, at: now, remembers: conversation.remembered)
            )
        }
        plan(answer, after: reply.delay)
        let unknowns = service.scenario.unknowns
        if settings.wantsHandles, random.chance(0.7) || unknowns.handles == .start {
            plan(
                .message(.handleUpdate), after: reply.delay + composer.draw(20...80))
        }
        if settings.wantsHandles, unknowns.handles != .start,
            let every = service.scenario.handleEvery
        {
            var update = Draft.handleUpdate
            update.repeats = every
            plan(.message(update), after: reply.delay + every)
        }
        planTimeline(from: now + reply.delay)
    }

    private func planTimeline(from start: Instant) {
        var timeline = Timeline(
            isResumed: settings.handle != nil, lastReply: conversation?.lastReply ?? "",
            composer: composer, random: SeededRandom(seed: 0))
        if let limit = service.scenario.connectionLimit {
            timeline.addGoAway(
                after: limit.after, timeLeft: limit.timeLeft, last: .close(.goAwayOverrun))
        }
        let legal = timeline.steps.count
        if !faults.isEmpty {
            timeline.random = random.fork()
            strike(.timeline) { $0.strike(&timeline) }
        }
        if let handle = settings.handle, let curse = service.handles[handle]?.curse {
            timeline.add(curse.deed, after: curse.after)
        }
        if let quiet = quirks.whenQuiet {
            let watch = Deed.whenQuiet(
                quiet.after, onlyInActivity: quiet.onlyInActivity, quiet.deed)
            timeline.add(watch, after: quiet.after)
        }
        for (index, step) in timeline.steps.enumerated() {
            let at = start + step.after
            if index >= legal, !step.isAnnounced, service.healedAt.map({ at >= $0 }) ?? false {
                continue
            }
            plan(step.deed, at: at, turn: 0, isSpeech: step.isSpeech)
        }
    }

    /// Puts a handle for the conversation so far into the message. Returns whether the message is
    /// sent at all.
    func issueHandle(_ draft: inout Draft) -> Bool {
        guard let conversation else { return false }
        var ticket = Ticket(
            conversation: conversation, memory: conversation.memory, model: settings.model,
            openCalls: openCalls.filter(\.isBlocking), remakesCalls: draft.remakesCalls)
        if draft.repeats != nil {
            let answer = service.scenario.unknowns.openCall
            if answer == .forgotten { ticket.openCalls = [] }
            ticket.remakesCalls = answer == .madeAgain
        }
        var issue = Issue(
            update: draft, ticket: ticket, memoryBefore: conversation.memoryBefore,
            random: SeededRandom(seed: 0))
        if !faults.isEmpty {
            issue.random = random.fork()
            strike(.handle, turn: conversation.heard.turns.count) { $0.strike(&issue) }
        }
        draft = issue.update
        guard issue.isSent, draft.resumption == .fresh else { return issue.isSent }
        let handle = newHandle()
        draft.handle = handle
        if service.scenario.unknowns.countsMessages { draft.consumed = received }
        service.handles[handle] = issue.ticket
        conversation.heard.handles.append(
            Heard.Handle(
                handle: handle, connection: number, at: now, covers: issue.ticket.memory.turns))
        return true
    }

    private func newHandle() -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        var handle = "Cih"
        for _ in 0..<29 {
            handle.append(letters[Int.random(in: letters.indices, using: &random)])
        }
        return handle
    }
}

extension Draft {
    static var handleUpdate: Draft {
        var draft = Draft()
        draft.resumption = .fresh
        return draft
    }

    static var noHandle: Draft {
        var draft = Draft()
        draft.resumption = .notResumable
        return draft
    }
}
