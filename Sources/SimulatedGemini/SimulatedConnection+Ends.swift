import Basics
import Wire

/// How turns end: interrupted or answered.
extension SimulatedConnection {
    /// The user, or new content, interrupts whatever the model is doing.
    func interrupt() {
        let blocked = openCalls.filter { $0.isBlocking && !lostCalls.contains($0.call.id) }
        openCalls.removeAll { call in blocked.contains { $0.call.id == call.call.id } }
        if !blocked.isEmpty {
            var cancellation = Draft()
            cancellation.cancelled = blocked.map(\.call.id)
            cancelledCalls.formUnion(cancellation.cancelled)
            plan(.message(cancellation), after: .milliseconds(40))
        }
        let wasSpeaking = schedule.contains { planned in
            guard planned.isSpeech, case .message(let draft) = planned.deed else { return false }
            return !draft.audio.isEmpty || draft.turnComplete
        }
        schedule.removeAll(where: \.isSpeech)
        guard let conversation else { return }
        guard let number = current else {
            if wasSpeaking { breakOff() }
            return
        }
        current = nil
        for turn in [number] + waiting {
            conversation.heard.turns[turn - 1].outcome = .interrupted
        }
        waiting.removeAll()
        let wasHeard = !blocked.isEmpty || conversation.heard.turns[number - 1].replyBytes > 0
        if !wasHeard, !service.scenario.unknowns.interruptsUnheard { return }
        receipts[number] = receipt(for: number)
        keepSpoken(number)
        // A cancellation may be the only message.
        if !blocked.isEmpty, !service.scenario.unknowns.cancellationInterrupts { return }
        planInterruption(of: number, cancelled: blocked.map(\.call.id))
    }

    /// Speech that answers no turn is broken off.
    private func breakOff() {
        var flag = Draft()
        flag.interrupted = true
        flag.turnComplete = true
        let at = composer.draw(50...100)
        plan(.message(flag), after: at)
        quietUntil = now + at + .milliseconds(1)
    }

    private func planInterruption(of number: Int, cancelled: [String]) {
        guard let turn = conversation?.heard.turns[number - 1] else { return }
        var reply = newReply(turn, turn.input, .input)
        reply.cancelled = cancelled
        var flag = Draft()
        flag.interrupted = true
        let at = composer.draw(50...100)
        var end = Draft()
        end.turnComplete = true
        end.interaction = settings.family == .thinking38 ? .idle : nil
        end.receipt = service.scenario.sendsUsage ? .exact : .none
        if service.scenario.unknowns.interruptsTogether {
            end.interrupted = true
        } else {
            reply.add(flag, after: at, isSpeech: false)
        }
        reply.add(end, after: at + composer.draw(10...40), isSpeech: false)
        strike(.interruption, turn: number, where: { $0.concerns(reply) }) {
            $0.strike(&reply, ofTurn: number)
        }
        for step in reply.steps {
            plan(step.deed, at: now + step.after, turn: number, isSpeech: false)
        }
        quietUntil = now + reply.lastStep + .milliseconds(1)
    }

    /// The answer was sent completely.
    func finish(_ number: Int) {
        guard let conversation else { return }
        conversation.heard.turns[number - 1].outcome = .answered
        if conversation.heard.turns[number - 1].replyBytes > 0 {
            conversation.heard.turns[number - 1].answers += 1
        }
        current = nil
        keepSpoken(number)
        if settings.wantsHandles, service.scenario.unknowns.handles != .start {
            // A handle issued during an open call would lose the call.
            let isOpen = openCalls.contains(where: \.isBlocking)
            plan(.message(isOpen ? .noHandle : .handleUpdate), after: composer.draw(20...80))
        }
        guard !waiting.isEmpty else { return }
        let next = waiting.removeFirst()
        begin(next, cause: next == number ? .again : .input)
    }

    private func keepSpoken(_ number: Int) {
        guard let conversation else { return }
        conversation.memory.modelAudioTokens += Usage.audioTokens(
            bytes: conversation.heard.turns[number - 1].replyBytes, rate: 24_000)
    }

    /// The usage report of a turn so far: the whole context again, and the output.
    func receipt(for number: Int) -> Usage {
        guard let conversation else { return Usage() }
        var usage = Usage()
        let text = settings.instructionBytes + conversation.memory.textBytes
        usage.promptText = (text + Usage.textBytesPerToken - 1) / Usage.textBytesPerToken
        usage.promptAudio =
            conversation.memory.userAudioTokens + conversation.memory.modelAudioTokens
        usage.promptImage = conversation.memory.images * Usage.tokensPerImage
        usage.responseAudio = Usage.audioTokens(
            bytes: conversation.heard.turns[number - 1].replyBytes, rate: 24_000)
        return usage
    }
}
