import Basics
import Wire

/// Turns: taken, answered, interrupted, finished.
extension SimulatedConnection {
    /// Takes a complete user input into the record and sees that it is answered.
    func accept(_ taken: Heard.Turn, isSilent: Bool = false) {
        guard let conversation else { return }
        var turn = taken
        turn.number = conversation.heard.turns.count + 1
        var key = turn.sound.hash
        for byte in turn.text.utf8 { key = (key ^ UInt64(byte)) &* 0x100_0000_01b3 }
        turn.attempt = conversation.attempts[key, default: 0]
        conversation.attempts[key] = turn.attempt + 1
        let isMute = turn.sound.bytes > 0 && turn.sound.voicedSamples == 0 && turn.text.isEmpty
        if isMute || isSilent { turn.outcome = .silent }
        conversation.heard.turns.append(turn)
        remember(turn)
        if turn.outcome == .silent { return }
        if settings.family == .transcribe { return transcribeOnly(turn) }
        if current != nil { waiting.append(turn.number) } else { begin(turn.number) }
    }

    private func remember(_ turn: Heard.Turn) {
        guard let conversation else { return }
        conversation.memory.turns.append(turn.number)
        conversation.memory.textBytes += turn.text.utf8.count
        conversation.memory.images += turn.frames
        conversation.memory.userAudioTokens += Usage.audioTokens(
            bytes: turn.sound.bytes, rate: turn.sound.rate)
    }

    /// What the model understood of a turn.
    func words(of turn: Heard.Turn) -> String {
        var words = turn.text
        guard turn.sound.voicedSamples > 0 else { return words }
        if let phrase = service.voice.recognise(turn.sound) {
            words += phrase
        } else {
            let numbers = turn.sound.turns.map { "turn \($0)" }
            let length = turn.sound.nanoseconds / 100_000_000
            words +=
                numbers.isEmpty
                ? "(\(length / 10).\(length % 10) seconds of speech)"
                : numbers.joined(separator: ", ")
        }
        return words
    }

    private func transcribeOnly(_ turn: Heard.Turn) {
        var draft = Draft()
        draft.inputText = words(of: turn)
        plan(.message(draft), after: composer.lag(260...440))
        var done = Draft()
        done.generationComplete = true
        plan(.message(done), after: composer.lag(441...460))
        conversation?.heard.turns[turn.number - 1].outcome = .answered
    }

    // MARK: Answering

    func begin(_ number: Int) {
        guard let conversation else { return }
        let turn = conversation.heard.turns[number - 1]
        let said = words(of: turn)
        var reply = newReply(number, turn.input)
        if turn.sound.bytes > 0 { composer.transcribe(said, into: &reply) }
        let start = composer.lag(settings.family.firstAudio)
        if settings.wantsHandles, random.chance(0.3) {
            var update = Draft()
            update.resumption = .notResumable
            reply.add(update, after: start / 2, isSpeech: false)
        }
        if settings.includesThoughts {
            var thought = Draft()
            thought.thought = "The user said: \(said)"
            reply.add(thought, after: start * 3 / 4)
        }
        if turn.input == .tool {
            speakResult(turn.text, from: start, into: &reply)
        } else if let tool = wantedTool(said) {
            compose(callOf: tool, from: start, into: &reply)
        } else {
            compose(answerTo: said, from: start, into: &reply)
        }
        strike(.reply, turn: number, attempt: turn.attempt) { $0.strike(&reply) }
        launch(reply)
    }

    private func newReply(_ number: Int, _ input: Heard.Input) -> Reply {
        Reply(
            turn: number, input: input, family: settings.family,
            wantsHandles: settings.wantsHandles, random: random.fork())
    }

    private func compose(answerTo said: String, from start: Interval, into reply: inout Reply) {
        let number = conversation?.memory.turns.count ?? 0
        let phrase = composer.speech(to: said, number: number)
        guard settings.family == .thinking38 else {
            let (sent, played) = composer.speak(phrase, from: start, into: &reply)
            return composer.end(&reply, sent: sent, played: played, interaction: nil)
        }
        let thought = fillTime(from: start, into: &reply) + composer.lag(800...2500)
        let (sent, played) = composer.speak(phrase, from: thought, into: &reply)
        composer.end(&reply, sent: sent, played: played, interaction: .idle)
    }

    /// Says that it is thinking. Returns when that is over.
    private func fillTime(from start: Interval, into reply: inout Reply) -> Interval {
        let filler = service.voice.say(.thinking)
        let (sent, played) = composer.speak(filler, from: start, into: &reply)
        var end = Draft()
        end.turnComplete = true
        end.interaction = .inProgress
        reply.add(end, after: max(played, sent + .milliseconds(10)))
        return max(played, sent + .milliseconds(10))
    }

    private func compose(
        callOf tool: Settings.Tool, from start: Interval, into reply: inout Reply
    ) {
        var message = Draft()
        let digits = Int64.random(in: 1_000_000_000_000_000_000...Int64.max, using: &random)
        message.calls = [Call(id: "function-call-\(digits)", name: tool.name)]
        if settings.family == .thinking38 {
            let thought = fillTime(from: start, into: &reply)
            return reply.add(message, after: thought + composer.lag(200...600))
        }
        reply.add(message, after: start)
        if tool.isBlocking {
            guard settings.family.endsTurnAtCall else { return }
            composer.end(&reply, sent: start, played: start, interaction: nil)
        } else {
            let filler = service.voice.say(.thinking)
            let (sent, played) = composer.speak(
                filler, from: start + .milliseconds(20), into: &reply)
            composer.end(&reply, sent: sent, played: played, interaction: nil)
        }
    }

    /// Goes on with a turn that waited for its tools.
    func resume(_ number: Int, after call: Call) {
        var reply = newReply(number, .tool)
        speakResult(call.name, from: composer.lag(settings.family.firstAudio), into: &reply)
        strike(.reply, turn: number) { $0.strike(&reply) }
        launch(reply)
    }

    private func speakResult(_ tool: String, from start: Interval, into reply: inout Reply) {
        // The extended-thinking model takes a response without a name for a broken system.
        let isBroken = tool.isEmpty && settings.family == .thinking38
        let phrase = service.voice.say(isBroken ? .sorry : .toolResult)
        let (sent, played) = composer.speak(phrase, from: start, into: &reply)
        composer.end(
            &reply, sent: sent, played: played,
            interaction: settings.family == .thinking38 ? .idle : nil)
    }

    private func wantedTool(_ said: String) -> Settings.Tool? {
        guard let first = settings.tools.first else { return nil }
        let heard = said.lowercased()
        if let named = settings.tools.first(where: { heard.mentions($0.name.lowercased()) }) {
            return named
        }
        if heard.mentions("use the tool") { return first }
        let every = service.scenario.callsToolEvery
        let number = conversation?.memory.turns.count ?? 0
        return every > 0 && number % every == 0 ? first : nil
    }

    private func launch(_ reply: Reply) {
        current = nil
        let base = max(now, quietUntil)
        for step in reply.steps {
            plan(step.deed, at: base + step.after, turn: reply.turn, isSpeech: step.isSpeech)
            switch step.deed {
            case .message(let draft):
                let ends = draft.turnComplete && draft.interaction != .inProgress
                if ends || !draft.calls.isEmpty { current = reply.turn }
            case .close, .abort:
                current = reply.turn
            case .freeze:
                break
            }
        }
    }

    // MARK: Interruptions and ends

    /// The user, or new content, cuts in on whatever the model is doing.
    func interrupt() {
        let blocked = openCalls.filter(\.isBlocking)
        openCalls.removeAll(where: \.isBlocking)
        if !blocked.isEmpty {
            var cancellation = Draft()
            cancellation.cancelled = blocked.map(\.call.id)
            cancelledCalls.formUnion(cancellation.cancelled)
            plan(.message(cancellation), after: .milliseconds(40))
        }
        schedule.removeAll(where: \.isSpeech)
        guard let number = current, let conversation else { return }
        current = nil
        for turn in [number] + waiting {
            conversation.heard.turns[turn - 1].outcome = .interrupted
        }
        waiting.removeAll()
        receipts[number] = receipt(for: number)
        keepSpoken(number)
        planInterruption(of: number)
    }

    private func planInterruption(of number: Int) {
        var reply = newReply(number, .activity)
        var flag = Draft()
        flag.interrupted = true
        let at = composer.draw(50...100)
        reply.add(flag, after: at, isSpeech: false)
        var end = Draft()
        end.turnComplete = true
        end.interaction = settings.family == .thinking38 ? .idle : nil
        end.receipt = service.scenario.sendsUsage ? .exact : .none
        reply.add(end, after: at + composer.draw(10...40), isSpeech: false)
        strike(.interruption, turn: number) { $0.strike(&reply, ofTurn: number) }
        for step in reply.steps {
            plan(step.deed, at: now + step.after, turn: number, isSpeech: false)
        }
        quietUntil = now + reply.lastStep + .milliseconds(1)
    }

    /// The answer was given to its end.
    func finish(_ number: Int) {
        guard let conversation else { return }
        conversation.heard.turns[number - 1].outcome = .answered
        current = nil
        keepSpoken(number)
        if settings.wantsHandles {
            plan(.message(.handleUpdate), after: composer.draw(20...80))
        }
        if !waiting.isEmpty { begin(waiting.removeFirst()) }
    }

    private func keepSpoken(_ number: Int) {
        guard let conversation else { return }
        conversation.memory.modelAudioTokens += Usage.audioTokens(
            bytes: conversation.heard.turns[number - 1].replyBytes, rate: 24_000)
    }

    /// The receipt of a turn as it stands: the whole context again, and what was said.
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
