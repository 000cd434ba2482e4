import Basics
import Wire

/// Turns: accepted, answered, interrupted, finished.
extension SimulatedConnection {
    /// Records a complete user input and arranges its answer.
    func accept(_ taken: Heard.Turn, isSilent: Bool = false) {
        guard let conversation else { return }
        var turn = taken
        turn.number = conversation.heard.turns.count + 1
        turn.attempt = countAttempt(turn.key, conversation)
        turn.brief = settings.brief
        let isMute = turn.sound.bytes > 0 && turn.sound.voicedSamples == 0 && turn.text.isEmpty
        let isNoise = turn.sound.isNoise && turn.text.isEmpty
        if isMute || isNoise || isSilent { turn.outcome = .silent }
        conversation.heard.turns.append(turn)
        if dictated > 0 {
            transcribed.insert(turn.number)
            leftOver = (turn.sound.nanoseconds + leftOver) % 1_000_000_000
        }
        dictated = 0
        conversation.memoryBefore = conversation.memory
        remember(turn)
        if isNoise { return returnToOwed() }
        if turn.outcome == .silent { return }
        if settings.family == .transcribe { return transcribeOnly(turn) }
        if !lostCalls.isEmpty, turn.input != .tool {
            // It still waits for a call that was lost with the old connection, and does not take
            // this as its result.
            openCalls.removeAll { lostCalls.contains($0.call.id) }
            return lostCalls.removeAll()
        }
        if current != nil { waiting.append(turn.number) } else { begin(turn.number) }
    }

    /// How often this input was received before, here or by a conversation that ended without
    /// answering it.
    private func countAttempt(_ key: UInt64, _ conversation: Conversation) -> Int {
        var attempt = conversation.attempts[key, default: 0]
        if var orphans = service.orphans[key] {
            if attempt == 0, let other = orphans.last, other != conversation.number {
                attempt = service.conversations[other - 1].attempts[key, default: 0]
                orphans.removeAll { $0 == other }
            } else {
                orphans.removeAll { $0 == conversation.number }
            }
            service.orphans[key] = orphans.isEmpty ? nil : orphans
        }
        conversation.attempts[key] = attempt + 1
        return attempt
    }

    /// Noise interrupted an answer before it began: the model resumes it.
    private func returnToOwed() {
        if let owed = owedTurn { begin(owed, cause: .noise) }
    }

    private func remember(_ turn: Heard.Turn) {
        guard let conversation else { return }
        conversation.memory.turns.append(turn.number)
        conversation.memory.textBytes += turn.text.utf8.count
        conversation.memory.images += turn.frames
        conversation.memory.userAudioTokens += Usage.audioTokens(
            bytes: turn.sound.bytes, rate: turn.sound.rate)
        guard let window = settings.window,
            conversation.memory.promptTokens(instructionBytes: settings.instructionBytes)
                > window.trigger
        else { return }
        // What leaves the window is forgotten, legally.
        conversation.memory.collapse(keeping: window.target)
    }

    /// What the model understood of a turn.
    func words(of turn: Heard.Turn) -> String {
        var words = turn.text
        guard turn.sound.voicedSamples > 0, !turn.sound.isNoise else { return words }
        if service.scenario.dictates {
            words += (0..<transcribedSeconds(of: turn.sound)).map(SimulatedConnection.second)
                .joined(separator: " ")
        } else if let phrase = service.voice.recognise(turn.sound) {
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

    /// How many whole seconds of an utterance appear in its transcript. A fraction left over from
    /// the previous utterance counts.
    func transcribedSeconds(of sound: Sound) -> Int {
        let limit = quirks.transcriptLimit?.nanoseconds ?? .max
        return Int((min(sound.nanoseconds, limit) + leftOver) / 1_000_000_000)
    }

    /// The word for one second of dictation.
    static func second(_ number: Int) -> String {
        Voice.numberWords.indices.contains(number + 1)
            ? Voice.numberWords[number + 1] : String(number + 1)
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

    func begin(_ number: Int, cause: Reply.Cause = .input) {
        guard let conversation else { return }
        if cause != .input { conversation.heard.turns[number - 1].outcome = .unanswered }
        let turn = conversation.heard.turns[number - 1]
        let said = words(of: turn)
        let mind = frameOfMind(turn, cause, conversation)
        conversation.heard.turns[number - 1].context = conversation.memory.turns
        let result =
            toolResults[number] ?? (turn.input == .tool ? turn.text : nil) ?? toldResult(in: said)
        var reply = newReply(turn, result == nil ? turn.input : .tool, cause)
        if turn.sound.bytes > 0, transcribed.insert(number).inserted {
            composer.transcribe(said, into: &reply)
        }
        let start = composer.firstLag()
        if settings.wantsHandles, service.scenario.unknowns.handles == .questions {
            plan(.message(.handleUpdate), after: .milliseconds(10))
        }
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
        if let result {
            speakResult(result, from: start, into: &reply)
        } else if declines(turn, cause) {
            decline(turn, after: start, &reply)
        } else if mind?.callsTools ?? true, let tool = wantedTool(said) {
            compose(callOf: tool, from: start, into: &reply)
        } else {
            compose(answerTo: said, phrase: mind?.phrase, from: start, into: &reply)
        }
        finishComposing(&reply, turn)
    }

    /// Applies faults and mute states, and sends the reply.
    func finishComposing(_ reply: inout Reply, _ turn: Heard.Turn) {
        strike(
            .reply, turn: turn.number, attempt: turn.attempt, nudge: turn.nudges,
            where: { $0.concerns(reply) }
        ) { $0.strike(&reply) }
        applyWedges(&reply)
        launch(reply)
    }

    /// `nil` if no fault could change it.
    private func frameOfMind(
        _ turn: Heard.Turn, _ cause: Reply.Cause, _ conversation: Conversation
    ) -> Mind? {
        let isMuddled =
            !faults.isEmpty || conversation.memory.greets || conversation.memory.wedge != nil
        guard isMuddled else { return nil }
        var mind = Mind(
            turn: turn, previous: previous(of: turn), family: settings.family,
            voice: service.voice, isFirstOfConnection: isFirstHere(turn),
            isResumed: settings.handle != nil, memory: conversation.memory, random: random.fork())
        strike(.mind, turn: turn.number, attempt: turn.attempt, nudge: turn.nudges) {
            $0.strike(&mind)
        }
        if mind.memory.wedge?.kind == .refusal, !service.isHealed(at: now) {
            mind.says("I am sorry, but I cannot help with that.")
        }
        if mind.memory.greets {
            mind.memory.greets = false
            mind.phrase = service.voice.say(.greeting)
        }
        conversation.memory = mind.memory
        return mind
    }

    private func applyWedges(_ reply: inout Reply) {
        guard let conversation else { return }
        if service.isHealed(at: now) {
            conversation.memory.wedge = nil
            conversation.deepWedge = nil
        }
        if var wedge = conversation.memory.wedge {
            let holds = wedge.holds(against: reply.cause)
            conversation.memory.wedge = holds ? wedge : nil
            if holds { wedge.strike(&reply) }
        }
        if var wedge = conversation.deepWedge {
            let holds = wedge.holds(against: reply.cause)
            conversation.deepWedge = holds ? wedge : nil
            if holds { wedge.strike(&reply) }
        }
    }

    private func previous(of turn: Heard.Turn) -> Heard.Turn? {
        turn.number > 1 ? conversation?.heard.turns[turn.number - 2] : nil
    }

    private func isFirstHere(_ turn: Heard.Turn) -> Bool {
        conversation?.heard.turns.first { $0.connection == number }?.number == turn.number
    }

    func newReply(
        _ turn: Heard.Turn, _ input: Heard.Input, _ cause: Reply.Cause
    ) -> Reply {
        let tokens = conversation?.memory.promptTokens(instructionBytes: settings.instructionBytes)
        return Reply(
            heard: turn, previous: previous(of: turn), input: input, cause: cause,
            family: settings.family, wantsHandles: settings.wantsHandles, age: now - setupAt,
            isFirstOfConnection: isFirstHere(turn), isResumed: settings.handle != nil,
            promptTokens: tokens ?? 0, composer: composer, random: random.fork())
    }

    private func compose(
        answerTo said: String, phrase other: Voice.Phrase?, from start: Interval,
        into reply: inout Reply
    ) {
        let number =
            (conversation?.memory.turns.count ?? 0) + (conversation?.memory.seededTurns ?? 0)
        var phrase = other ?? composer.speech(to: said, number: number)
        stamp(&phrase, reply.heard)
        phrase = rest(of: phrase, askedBy: reply.heard)
        conversation?.speech[reply.turn] = phrase
        guard settings.family == .thinking38 else {
            let (sent, played) = composer.speak(phrase, from: start, into: &reply)
            return composer.end(&reply, sent: sent, played: played, interaction: nil)
        }
        var thought = fillTime(from: start, into: &reply) + composer.lag(800...2500)
        if service.scenario.thinks > .zero {
            thought = thought + composer.draw(0...service.scenario.thinks.milliseconds)
        }
        let (sent, played) = composer.speak(phrase, from: thought, into: &reply)
        composer.end(&reply, sent: sent, played: played, interaction: .idle)
    }

    /// The rest of a cut answer, if the words ask to continue it and the model obeys.
    private func rest(of phrase: Voice.Phrase, askedBy turn: Heard.Turn) -> Voice.Phrase {
        guard service.scenario.unknowns.obeysGoOn, Unknowns.asksToGoOn(turn.text),
            let conversation,
            let cut = conversation.heard.turns.last(where: {
                $0.number < turn.number && $0.outcome == .cut && $0.replyBytes > 0
            }), var whole = conversation.speech[cut.number]
        else { return phrase }
        whole.pcm.removeFirst(min(cut.replyBytes, whole.pcm.count))
        let said = cut.reply.split(separator: " ").count
        whole.text = whole.text.split(separator: " ").dropFirst(said).joined(separator: " ")
        return whole
    }

    /// Whether a proactive model leaves the input unanswered.
    private func declines(_ turn: Heard.Turn, _ cause: Reply.Cause) -> Bool {
        settings.isProactive && service.scenario.declines > 0 && cause == .input
            && turn.sound.bytes > 0 && random.chance(service.scenario.declines)
    }

    /// If silence was requested there may be no sign at all; otherwise the turn is completed.
    private func decline(_ turn: Heard.Turn, after start: Interval, _ reply: inout Reply) {
        conversation?.heard.turns[turn.number - 1].outcome = .silent
        if !settings.family.isAlwaysProactive, random.chance(0.5) { return }
        reply.silence(endingAfter: start)
    }

    func stamp(_ phrase: inout Voice.Phrase, _ turn: Heard.Turn) {
        if service.scenario.stampsReplies { phrase.text += " " + turn.stamp }
    }

    /// Signals that it is thinking. Returns when that ends.
    func fillTime(from start: Interval, into reply: inout Reply) -> Interval {
        let filler = service.voice.say(.thinking)
        let (sent, played) = composer.speak(filler, from: start, into: &reply)
        var end = Draft()
        end.turnComplete = true
        end.interaction = .inProgress
        reply.add(end, after: max(played, sent + .milliseconds(10)))
        return max(played, sent + .milliseconds(10))
    }

    private func launch(_ reply: Reply) {
        current = nil
        // One turn ends before the next is answered, however late its end comes.
        let said = schedule.last { planned in
            guard planned.isSpeech, case .message(let draft) = planned.deed else { return false }
            return !draft.isOldTail
        }
        let base = max(now, quietUntil, said?.at ?? now)
        for step in reply.steps {
            plan(step.deed, at: base + step.after, turn: reply.turn, isSpeech: step.isSpeech)
            switch step.deed {
            case .message(let draft):
                let ends =
                    draft.turnComplete && draft.interaction != .inProgress && !draft.isOldTail
                if ends || !draft.calls.isEmpty { current = reply.turn }
            case .close, .abort:
                current = reply.turn
            case .freeze, .deafen, .answer, .wedge, .whenQuiet:
                break
            }
        }
    }

    /// A belated answer, unless the conversation has moved on.
    func answerLate(_ number: Int) {
        guard let turns = conversation?.heard.turns, turns.indices.contains(number - 1),
            open == nil, turns.last(where: { $0.outcome != .silent })?.number == number
        else { return }
        if current != nil { waiting.append(number) } else { begin(number, cause: .again) }
    }
}
