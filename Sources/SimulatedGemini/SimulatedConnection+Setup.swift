import Basics
import Wire

extension SimulatedConnection {
    /// Takes one client message of any kind.
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
            case "realtimeInput": take(realtimeInput: node, tree, bytes)
            case "clientContent": take(clientContent: node, tree, bytes)
            case "toolResponse": take(toolResponse: node, tree, bytes)
            default: take(contextUpdate: node, tree, bytes)
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

    /// Finds the conversation behind the handle, or begins one. Returns whether the setup stands.
    private func joinConversation() -> Bool {
        guard let handle = settings.handle else {
            begin(
                Conversation(
                    number: service.conversations.count + 1, model: settings.model,
                    faults: faults.count))
            return true
        }
        guard let ticket = service.handles[handle], !isExpired(ticket.conversation) else {
            record(.unknownHandle, handle)
            end(.sessionNotFound)
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
        guard ticket.conversation.model == settings.model else {
            record(.unknownHandle, "of \(ticket.conversation.model)")
            end(.invalidArgument)
            return false
        }
        ticket.conversation.memory = ticket.memory
        begin(ticket.conversation)
        return true
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
        var complete = Draft()
        complete.setupComplete = true
        let delay = composer.lag(130...300)
        var reply = SetupReply(
            delay: delay, answer: .message(complete), isResumed: settings.handle != nil)
        strike(.setup) { $0.strike(&reply) }
        if reply.forgets { conversation?.memory = Memory() }
        guard let answer = reply.answer else { return }
        plan(answer, after: reply.delay)
        if settings.wantsHandles, random.chance(0.7) {
            plan(
                .message(.handleUpdate), after: reply.delay + composer.draw(20...80))
        }
        var timeline = Timeline()
        if let limit = service.scenario.connectionLimit {
            timeline.addGoAway(after: limit.after, timeLeft: limit.timeLeft)
        }
        strike(.timeline) { $0.strike(&timeline) }
        for step in timeline.steps {
            plan(step.deed, after: reply.delay + step.after)
        }
    }

    /// A handle for the conversation as it is now.
    func issueHandle() -> String {
        guard let conversation else { return "" }
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        var handle = "Cih"
        for _ in 0..<29 {
            handle.append(letters[Int.random(in: letters.indices, using: &random)])
        }
        service.handles[handle] = Ticket(conversation: conversation, memory: conversation.memory)
        return handle
    }
}

extension Draft {
    static var handleUpdate: Draft {
        var draft = Draft()
        draft.resumption = .fresh
        return draft
    }
}
