import Basics
import Wire

/// Everything a client sends except real-time input.
extension SimulatedConnection {
    func receive(clientContent node: Int, _ tree: JSONTree, _ bytes: Span<UInt8>) {
        guard let turns = judge(clientContent: node, tree, bytes) else { return }
        let isComplete = tree.isTrue("turnComplete", of: node, in: bytes)
        if isSeeding {
            remember(history: turns)
            if isComplete { endSeed(turns.last) }
            return
        }
        let rude = isBusy
        interrupt()
        heldContents += turns.filter { !$0.text.isEmpty }
        guard isComplete else { return }
        // The user's last words ask for an answer; earlier ones are history.
        let asked = heldContents.lastIndex { $0.role != "user" }.map { $0 + 1 } ?? 0
        let text = heldContents[asked...].map(\.text).joined(separator: " ")
        let history = Array(heldContents[..<asked])
        heldContents.removeAll()
        remember(history: history)
        if text.allSatisfy(\.isWhitespace) {
            let owed = owedTurn
            nudge(owed, rude: rude)
            if owed != nil { return }
        }
        var turn = newTurn(.content)
        turn.text = text
        accept(turn)
    }

    private func endSeed(_ last: (role: String, text: String)?) {
        isSeeding = false
        seedWaits = last.flatMap { $0.role == "user" ? $0.text : nil }
        guard service.scenario.unknowns.answersSeeds, let asked = seedWaits else { return }
        seedWaits = nil
        conversation?.memory.seededTurns -= 1
        var turn = newTurn(.content)
        turn.text = asked
        accept(turn)
    }

    /// A conversation that the client sends as history.
    private func remember(history: [(role: String, text: String)]) {
        guard let conversation else { return }
        for content in history where !content.text.isEmpty {
            conversation.memory.textBytes += content.text.utf8.count
            if content.role == "user" { conversation.memory.seededTurns += 1 }
            conversation.heard.seeds.append(
                Heard.Seed(connection: number, role: content.role, text: content.text))
        }
    }

    /// Role and text of each content; `nil` if the message ended the connection.
    private func judge(
        clientContent node: Int, _ tree: JSONTree, _ bytes: Span<UInt8>
    ) -> [(role: String, text: String)]? {
        let isAllowed = !settings.family.takesContentOnlyAsSeed || isSeeding
        if !isAllowed {
            switch service.scenario.unknowns.lateContent {
            case .closes: if violated(.contentNotAllowed) { return nil }
            case .ignored:
                record(.contentNotAllowed, "")
                return nil
            case .taken: record(.contentNotAllowed, "")
            }
        }
        var found: [(role: String, text: String)] = []
        guard let list = tree.member("turns", of: node, in: bytes) else { return found }
        for content in tree.elements(of: list) {
            let role = tree.member("role", of: content, in: bytes)
                .map { tree.text($0, in: bytes) }
            if role == nil, settings.family.requiresRole, violated(.roleMissing) { return nil }
            let allowed = door.isVertex ? ["user", "model", "system"] : ["user", "model"]
            if let role, !allowed.contains(role), violated(.roleNotAllowed, role) { return nil }
            let text = tree.contentText(content, in: bytes)
            if role == "system" {
                settings.instruction = text
            } else {
                found.append((role ?? "user", text))
            }
        }
        return found
    }

    func receive(contextUpdate node: Int, _ tree: JSONTree, _ bytes: Span<UInt8>) {
        if let instruction = tree.member("systemInstruction", of: node, in: bytes) {
            settings.instruction = tree.contentText(instruction, in: bytes)
        }
        guard let wrapper = tree.member("tools", of: node, in: bytes) else { return }
        do {
            try settings.replaceTools(tree, wrapper, bytes)
        } catch {
            violated(error.kind, error.detail, error.close)
        }
    }

    // MARK: Tools

    func receive(toolResponse node: Int, _ tree: JSONTree, _ bytes: Span<UInt8>) {
        guard let list = tree.member("functionResponses", of: node, in: bytes) else {
            violated(.toolField, "no functionResponses")
            return
        }
        var answered: [OpenCall] = []
        let wereLost = lostCalls
        var scheduling = "WHEN_IDLE"
        for response in tree.elements(of: list) {
            guard let call = receive(functionResponse: response, tree, bytes) else {
                if phase != .live { return }
                continue
            }
            answered.append(call)
            if let node = tree.member("scheduling", of: response, in: bytes) {
                scheduling = tree.text(node, in: bytes)
            }
        }
        guard let call = answered.last else { return }
        // An error in place of a lost result unblocks the model; it is not answered.
        if wereLost.contains(call.call.id) { return }
        if call.turn > 0 { toolResults[call.turn] = call.call.name }
        let goesOn =
            settings.family == .thinking38 || (call.isBlocking && !settings.family.endsTurnAtCall)
        // The results of one turn's calls are answered together.
        let isWaiting = call.turn > 0 && openCalls.contains { $0.turn == call.turn }
        if isWaiting { return }
        if goesOn, call.turn == current, call.turn > 0 {
            resume(call.turn, after: call.call)
        } else {
            acceptToolTurn(call.call, scheduling: scheduling)
        }
    }

    /// The call that it answers, or `nil`.
    private func receive(
        functionResponse node: Int, _ tree: JSONTree, _ bytes: Span<UInt8>
    ) -> OpenCall? {
        func text(_ name: String) -> String {
            tree.member(name, of: node, in: bytes).map { tree.text($0, in: bytes) } ?? ""
        }
        let id = text("id")
        let name = text("name")
        guard let response = tree.member("response", of: node, in: bytes) else {
            violated(.toolField, "no response")
            return nil
        }
        if id.isEmpty, !door.isVertex, violated(.toolField, "no id") { return nil }
        if settings.family == .thinking38,
            tree.member("scheduling", of: node, in: bytes) != nil,
            violated(.toolField, "scheduling")
        {
            return nil
        }
        let index = openCalls.firstIndex {
            id.isEmpty ? $0.call.name == name : $0.call.id == id
        }
        conversation?.heard.toolResponses.append(
            Heard.ToolResponse(
                connection: number, id: id, name: name,
                response: tree.text(response, in: bytes), at: now, wasExpected: index != nil))
        guard let index else {
            // An answer that crossed its cancellation is not a violation.
            let isExcused = cancelledCalls.contains(id) || doubledCalls.contains(id)
            if !isExcused { record(.unknownToolCall, id) }
            return nil
        }
        var call = openCalls[index]
        call.call.name = name
        if tree.isTrue("willContinue", of: node, in: bytes) { return nil }
        openCalls.remove(at: index)
        lostCalls.remove(id)
        return call
    }

    private func acceptToolTurn(_ call: Call, scheduling: String) {
        var turn = newTurn(.tool)
        turn.text = call.name
        if scheduling == "INTERRUPT", open == nil { interrupt() }
        accept(turn, isSilent: scheduling == "SILENT" && !quirks.narratesSilentResults)
    }
}
