import Basics
import Wire

/// Real-time input: from microphone, camera and keyboard.
extension SimulatedConnection {
    /// The order in which the parts of one message are processed. The protocol does not define it,
    /// so a message that combines a boundary with other input is processed in any order.
    private static let parts = [
        "activityStart", "mediaChunks", "audio", "video", "text", "activityEnd", "audioStreamEnd",
    ]

    func receive(realtimeInput node: Int, _ tree: JSONTree, _ bytes: Span<UInt8>) {
        isSeeding = false
        var present: [(name: String, value: Int)] = []
        for name in SimulatedConnection.parts {
            if let value = tree.member(name, of: node, in: bytes) { present.append((name, value)) }
        }
        let hasBoundary = present.contains { $0.name.hasPrefix("activity") }
        if present.count > 1, hasBoundary { present.shuffle(using: &random) }
        for part in present {
            guard phase == .live, isWelcomeDuringCall(part.name) else { return }
            switch part.name {
            case "activityStart": startActivity()
            case "activityEnd": endActivity()
            case "audioStreamEnd":
                if tree.kind(part.value) == .yes { endStream() }
            case "audio": receive(audio: part.value, tree, bytes)
            case "video": takeFrame()
            case "mediaChunks": receive(mediaChunks: part.value, tree, bytes)
            default: receive(text: tree.text(part.value, in: bytes))
            }
        }
    }

    /// On some families real-time input during an open call ends the connection; input that was on
    /// its way when the call was sent is excused.
    private func isWelcomeDuringCall(_ name: String) -> Bool {
        let isFault = quirks.diesOfInputDuringCall && !service.isHealed(at: now)
        guard isFault || settings.family.diesOfInputDuringCall, name != "text", name != "video"
        else { return true }
        let grace = Interval.milliseconds(300)
        guard
            openCalls.contains(where: {
                $0.isBlocking && arrivedAt - $0.sentAt > grace && !lostCalls.contains($0.call.id)
            })
        else { return true }
        if settings.family.diesOfInputDuringCall {
            return !violated(.inputDuringCall, name, .notImplemented)
        }
        end(.notImplemented)
        return false
    }

    // MARK: Activities

    private func startActivity() {
        guard settings.isManual else {
            violated(.activityInAutomatic, "activityStart")
            return
        }
        guard open == nil else {
            violated(.repeatedStart)
            return
        }
        open = newTurn(.activity)
        dictated = 0
        seedWaits = nil
        notice(isStart: true)
        if settings.interrupts { interrupt() }
    }

    private func endActivity() {
        guard settings.isManual else {
            violated(.activityInAutomatic, "activityEnd")
            return
        }
        guard var turn = open else {
            violated(.endWithoutStart)
            return
        }
        open = nil
        notice(isStart: false)
        turn.endedAt = now
        if now - turn.startedAt < service.scenario.minimumActivity {
            record(.shortActivity, "\((now - turn.startedAt).milliseconds) ms")
        }
        guard turn.sound.bytes > 0 || !turn.text.isEmpty || turn.frames > 0 else {
            return refuseEmptyActivity()
        }
        accept(turn)
    }

    private func refuseEmptyActivity() {
        record(.emptyActivity, "")
        guard service.scenario.isStrict else { return }
        var complete = Draft()
        complete.turnComplete = true
        complete.receipt = .empty
        plan(.message(complete), after: .milliseconds(60))
        plan(.close(.preconditionFailed), after: .milliseconds(80))
    }

    private func endStream() {
        guard !settings.isManual else {
            violated(.streamEndInManual)
            return
        }
        guard settings.family.endsTurnOnStreamEnd || settings.family.isContinuous else { return }
        streamPause = StreamPause()
        streamPause.isAnnounced = true
        if detector.isSpeaking { endSpeech() }
    }

    private func notice(isStart: Bool) {
        guard sendsVoiceActivity else { return }
        var draft = Draft()
        draft.voiceActivity = (isStart, audioOffset)
        draft.isVADSignal = settings.reportsVAD
        plan(.message(draft), after: composer.draw(35...45))
    }

    func newTurn(_ input: Heard.Input) -> Heard.Turn {
        var turn = Heard.Turn(
            number: 0, connection: number, input: input, startedAt: now, endedAt: now)
        turn.frames = looseFrames
        looseFrames = 0
        return turn
    }

    // MARK: Media

    private func receive(mediaChunks node: Int, _ tree: JSONTree, _ bytes: Span<UInt8>) {
        guard settings.family.takesMediaChunks else {
            violated(
                .mediaChunks, "",
                Close(
                    1007,
                    "realtime_input.media_chunks is deprecated. Use audio, video, or text instead.")
            )
            return
        }
        // Only the first entry is read.
        guard let blob = tree.elements(of: node).first else { return }
        let type =
            tree.member("mimeType", of: blob, in: bytes)
            .map { tree.text($0, in: bytes) } ?? ""
        if type.hasPrefix("image/") { takeFrame() } else { receive(audio: blob, tree, bytes) }
    }

    private func takeFrame() {
        if open != nil { open?.frames += 1 } else { looseFrames += 1 }
    }

    private func receive(audio blob: Int, _ tree: JSONTree, _ bytes: Span<UInt8>) {
        guard let data = tree.member("data", of: blob, in: bytes),
            let pcm = Base64.decode(bytes, tree.nodes[data].lower..<tree.nodes[data].upper)
        else { return }
        let type =
            tree.member("mimeType", of: blob, in: bytes)
            .map { tree.text($0, in: bytes) } ?? ""
        let rate = SimulatedConnection.rate(of: type)
        let length = Interval(nanoseconds: Int64(pcm.count) * 500_000_000 / Int64(rate))
        if let inputRate, inputRate != rate { record(.otherRate, "\(rate) after \(inputRate)") }
        inputRate = rate
        audioOffset = audioOffset + length
        audioClock = max(audioClock, now) + length
        if audioClock - now > aheadLimit {
            violated(.tooFast, "\((audioClock - now).milliseconds) ms ahead", .exhausted)
            return
        }
        if settings.isManual {
            guard open != nil else {
                violated(.audioOutsideActivity, "\(pcm.count) bytes")
                return
            }
            open?.sound.append(pcm, rate: rate)
            dictate()
        } else if settings.family == .translate {
            translate(pcm, rate: rate)
        } else {
            listen(pcm, rate: rate)
        }
    }

    /// Samples per second of `audio/pcm;rate=16000`; 16,000 if absent.
    private static func rate(of mimeType: String) -> Int {
        let bytes = Array(mimeType.utf8)
        guard let place = bytes.firstRange(of: rateKey) else { return 16_000 }
        var rate = 0
        for byte in bytes[place.upperBound...] {
            guard (0x30...0x39).contains(byte), rate < 1_000_000 else { break }
            rate = rate * 10 + Int(byte) - 0x30
        }
        return (1...384_000).contains(rate) ? rate : 16_000
    }

    private static let rateKey = Array("rate=".utf8)

    /// Automatic detection: finds where speech begins and ends in the chunk.
    private func listen(_ pcm: [UInt8], rate: Int) {
        if losesTrack() { return }
        var lower = 0
        let silence = quirks.silence ?? settings.silence
        for edge in detector.feed(pcm, rate: rate, silence: silence) {
            if edge.isStart {
                lower = edge.offset
                open = newTurn(.speech)
                dictated = 0
                seedWaits = nil
                notice(isStart: true)
                if settings.interrupts { interrupt() }
            } else {
                open?.sound.append(Array(pcm[lower..<edge.offset]), rate: rate)
                lower = edge.offset
                endSpeech()
            }
        }
        if detector.isSpeaking { open?.sound.append(Array(pcm[lower...]), rate: rate) }
        dictate()
    }

    /// Whether an unannounced pause has confused the detector.
    private func losesTrack() -> Bool {
        defer {
            streamPause.lastAudioAt = now
            streamPause.isAnnounced = false
        }
        guard let limit = quirks.deafAfterPause, !service.isHealed(at: now) else { return false }
        if let last = streamPause.lastAudioAt, !streamPause.isAnnounced, now - last > limit {
            streamPause.isStuck = true
        }
        return streamPause.isStuck
    }

    /// Transcribes dictation while it is spoken, one word per second, if the family does.
    private func dictate() {
        guard service.scenario.dictates, settings.transcribesInput,
            settings.family.streamsInputTranscript, let sound = open?.sound
        else { return }
        let seconds = transcribedSeconds(of: sound)
        while dictated < seconds {
            var draft = Draft()
            draft.inputText = " " + SimulatedConnection.second(dictated)
            plan(.message(draft), after: .milliseconds(250))
            dictated += 1
        }
    }

    private func endSpeech() {
        detector.reset()
        guard var turn = open else { return }
        open = nil
        notice(isStart: false)
        turn.endedAt = now
        accept(turn)
    }

    /// A continuous model speaks as long as it receives audio, even silence.
    private func translate(_ pcm: [UInt8], rate: Int) {
        if open == nil { open = newTurn(.speech) }
        open?.sound.append(pcm, rate: rate)
        guard let turn = open, turn.sound.samples - translated >= rate / 2 else { return }
        translated = turn.sound.samples
        let story = service.voice.say(.story)
        guard !story.pcm.isEmpty else { return }
        var draft = Draft()
        let count = min(24_000, story.pcm.count)
        draft.audio = story.pcm[..<count]
        draft.spoken = " …"
        plan(.message(draft), after: composer.lag(200...400))
    }

    // MARK: Text

    private func receive(text: String) {
        let isBlank = text.allSatisfy(\.isWhitespace)
        if open != nil, !settings.family.isContinuous {
            if isBlank { nudge(nil, rude: true) }
            open?.text += text
            return
        }
        if isBlank, seedWaits == nil {
            // Without words: a model that owes an answer starts to speak.
            return nudge(owedTurn, rude: isBusy)
        }
        if settings.interrupts { interrupt() }
        var turn = newTurn(.text)
        turn.text = text
        if isBlank, let asked = seedWaits {
            turn.text = asked
            conversation?.memory.seededTurns -= 1
        }
        seedWaits = nil
        accept(turn)
    }

    /// An input without words: a model that owes an answer begins it again.
    func nudge(_ owed: Int?, rude: Bool) {
        guard let conversation else { return }
        conversation.heard.nudges.append(
            Heard.Nudge(connection: number, at: now, turn: owed, isRude: rude))
        let answer = service.scenario.unknowns.nudge
        guard let owed else { return disturb(answer) }
        conversation.heard.turns[owed - 1].nudges += 1
        if answer != .ignored { begin(owed, cause: .nudge) }
    }

    /// A working model may do more on a nudge than was intended.
    private func disturb(_ answer: Unknowns.Nudge) {
        guard let number = current, open == nil, openCalls.isEmpty else { return }
        switch answer {
        case .wakes, .ignored: return
        case .adds: waiting.append(number)
        case .restarts:
            // What was said so far is taken back, if anything was.
            let hasSpoken = conversation?.heard.turns[number - 1].replyBytes ?? 0 > 0
            if hasSpoken { return waiting.append(number) }
            schedule.removeAll { $0.isSpeech && $0.turn == number }
            current = nil
            begin(number, cause: .nudge)
        }
    }

    /// Whether the user, the model or a tool is active.
    var isBusy: Bool {
        current != nil || open != nil || openCalls.contains(where: \.isBlocking)
    }

    /// The last turn that asked for an answer, if it got none and none is in progress.
    var owedTurn: Int? {
        guard open == nil, current == nil, let turns = conversation?.heard.turns,
            openCalls.allSatisfy({ !$0.isBlocking }),
            let last = turns.last(where: { $0.outcome != .silent }),
            conversation?.memory.turns.contains(last.number) ?? false
        else { return nil }
        let isHollow = last.replyBytes == 0
        switch last.outcome {
        case .unanswered: return last.number
        case .answered:
            let wasCall = conversation?.heard.calls.contains { $0.turn == last.number } ?? false
            return isHollow && !wasCall ? last.number : nil
        case .interrupted:
            // By noise, before it had begun.
            return isHollow && turns.last?.sound.isNoise ?? false ? last.number : nil
        case .silent, .cut: return nil
        }
    }
}
