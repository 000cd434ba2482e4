import Basics

/// Composes a healthy model's answer: words, audio in bursts, transcripts, the end.
struct Composer {
    let settings: Settings
    let scenario: Scenario
    let voice: Voice
    var random: SeededRandom

    mutating func draw(_ range: ClosedRange<Int64>) -> Interval {
        .milliseconds(Int64.random(in: range, using: &random))
    }

    /// One of the model's own latencies.
    mutating func lag(_ range: ClosedRange<Int64>) -> Interval {
        let drawn = Double(Int64.random(in: range, using: &random)) * scenario.latency
        return Interval(nanoseconds: Int64(drawn * 1_000_000))
    }

    /// The model's time to first sound.
    mutating func firstLag() -> Interval {
        guard let slow = scenario.firstSound else { return lag(settings.family.firstAudio) }
        return Interval(
            nanoseconds: slow.nanoseconds / 100 * Int64.random(in: 92...100, using: &random))
    }

    /// The answer to the user's words, as the `number`th answer of the conversation.
    func speech(to text: String, number: Int) -> Voice.Phrase {
        let heard = text.lowercased()
        let keys: [(String, Voice.Line)] = [
            ("capital", .capital), ("weather", .weather), ("story", .story),
            ("goodbye", .goodbye), ("hello", .greeting),
        ]
        let line = keys.first { heard.mentions($0.0) }?.1
        let one = line.map(voice.say) ?? voice.answer(number: number)
        return one.repeated(scenario.replyRepeats)
    }

    /// The transcript of the user's words, in the family's form.
    mutating func transcribe(_ words: String, into reply: inout Reply) {
        guard settings.transcribesInput, !words.isEmpty else { return }
        let at = lag(260...440) + scenario.unknowns.lateWords
        if scenario.unknowns.sendsInterimWords {
            var draft = Draft()
            draft.interimText = words
            reply.add(draft, after: .milliseconds(20), isSpeech: false)
        }
        guard settings.family.streamsInputTranscript else {
            var draft = Draft()
            draft.inputText = words
            return reply.add(draft, after: at, isSpeech: false)
        }
        var delay = scenario.unknowns.lateWords + .milliseconds(40)
        for word in words.split(separator: " ") {
            var draft = Draft()
            draft.inputText = " \(word)"
            reply.add(draft, after: delay, isSpeech: false)
            delay = delay + .milliseconds(30)
        }
    }

    /// `phrase`, spoken from `start` on: chunks in bursts, faster than real time. Returns when the
    /// last chunk is sent and when it will have been played.
    mutating func speak(
        _ phrase: Voice.Phrase, from start: Interval, into reply: inout Reply
    ) -> (sent: Interval, played: Interval) {
        let speech = pieces(of: phrase, from: start)
        for piece in speech.pieces { reply.add(piece.draft, after: piece.after) }
        return (speech.sent, speech.played)
    }

    /// Speech as a list of messages.
    struct Pieces {
        var pieces: [(after: Interval, draft: Draft)] = []
        var sent: Interval
        var played: Interval
    }

    mutating func pieces(of phrase: Voice.Phrase, from start: Interval) -> Pieces {
        var speech = Pieces(sent: start, played: start)
        let bundles = scenario.unknowns.bundlesWords ?? settings.family.bundlesFields
        let chunk = min(settings.family.bundlesFields ? 4800 : 1920, max(phrase.pcm.count / 3, 240))
        let size = max(chunk & ~1, 2)
        let pieces = max((phrase.pcm.count + size - 1) / size, 1)
        var words = phrase.text.split(separator: " ").map { " \($0)" }[...]
        let wordsPerPiece = max((words.count + pieces - 1) / pieces, 1)
        var at = start
        var burst = Int.random(in: 2...6, using: &random)
        for piece in 0..<pieces {
            let lower = min(piece * size, phrase.pcm.count)
            let upper = min(lower + size, phrase.pcm.count)
            var draft = Draft()
            draft.audio = phrase.pcm[lower..<upper]
            let said = piece == pieces - 1 ? words : words.prefix(wordsPerPiece)
            words = words.dropFirst(said.count)
            if bundles {
                draft.spoken = said.joined()
                speech.pieces.append((at, draft))
            } else {
                speech.pieces.append((at, draft))
                if !said.isEmpty {
                    var transcript = Draft()
                    transcript.spoken = said.joined()
                    speech.pieces.append((at + .milliseconds(1), transcript))
                }
            }
            burst -= 1
            if burst == 0, piece < pieces - 1 {
                burst = Int.random(in: 2...6, using: &random)
                at = at + lag(60...160)
            }
        }
        let length = Double(phrase.pcm.count) / 48_000 * scenario.playback
        let played = start + Interval(nanoseconds: Int64(length * 1e9))
        speech.sent = at
        speech.played = max(played, at + .milliseconds(20))
        return speech
    }

    /// The end of a turn whose speech was sent and played at these times.
    mutating func end(
        _ reply: inout Reply, sent: Interval, played: Interval, interaction: Draft.Interaction?
    ) {
        var end = Draft()
        end.turnComplete = true
        end.interaction = interaction
        end.receipt = scenario.sendsUsage ? .exact : .none
        let manner = scenario.unknowns.turnEnd
        if manner != .apart {
            end.generationComplete = manner == .together
            if reply.endWithLastSound(end) { return }
        }
        var done = Draft()
        done.generationComplete = true
        reply.add(done, after: sent + .milliseconds(5))
        end.generationComplete = false
        reply.add(end, after: max(played, sent + .milliseconds(10)))
    }
}

extension Voice {
    func say(_ line: Line) -> Phrase { lines[line] ?? Phrase(text: line.words, pcm: []) }

    /// "This is answer number three."
    func answer(number: Int) -> Phrase {
        var phrase = say(.answer)
        for digit in Voice.spoken(number) {
            guard let word = numbers.indices.contains(digit) ? numbers[digit] : nil else {
                continue
            }
            phrase.text += " " + word.text
            phrase.pcm += word.pcm
        }
        phrase.text += "."
        return phrase
    }

    /// Indices in `numbers` that say it: one up to twenty, digit by digit above.
    private static func spoken(_ number: Int) -> [Int] {
        guard number > 20 else { return [max(number, 0)] }
        return String(number).utf8.map { Int($0) - 0x30 }
    }

    /// The user's utterance with this audio, if it is one of `user`: of those with the same
    /// beginning, the one with the most similar length, not counting silence around it.
    func recognise(_ sound: Sound) -> String? {
        guard sound.isRecognisable else { return nil }
        var best: (text: String, difference: Int)?
        for phrase in user {
            var reference = Sound()
            reference.append(phrase.pcm)
            guard reference.isRecognisable, reference.fingerprint == sound.fingerprint else {
                continue
            }
            let difference = abs(reference.voicedSamples - sound.voicedSamples)
            if difference < best?.difference ?? .max { best = (phrase.text, difference) }
        }
        return best?.text
    }
}

extension Voice.Phrase {
    func repeated(_ times: Int) -> Voice.Phrase {
        guard times > 1 else { return self }
        var all = self
        for _ in 1..<times {
            all.text += " " + text
            all.pcm += pcm
        }
        return all
    }
}
