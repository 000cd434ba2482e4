import Basics
import CLinux
public import SimulatedGemini
import Wire

/// Plays a story's client, step by step, in real time.
public struct StoryPlayer {
    /// How it went, as seen by the client.
    public struct Outcome: Equatable, Sendable {
        /// Answers with audio that were completed, among those waited for.
        public var answered = 0
        public var wanted = 0
        /// Seconds dictated, and how many of them are in the transcript.
        public var dictated = 0
        public var transcribed = 0
        /// How the connection ended before the story did; `nil` if it did not.
        public var ending: LiveClient.Ending?

        /// The conversation went on as if nothing had been wrong.
        public var isGood: Bool {
            ending == nil && answered == wanted && transcribed * 10 >= dictated * 8
        }
    }

    private let story: Story
    private let client: LiveClient
    private let voice: Voice
    private let tell: (String) -> Void
    private var outcome = Outcome()
    /// The number of messages received when the user last began to speak.
    private var mark = 0
    private var keepalive = Keepalive()

    /// Pings as client libraries send them; unanswered, they end the connection.
    private struct Keepalive {
        var sent = 0
        var lastSent: Int64 = 0
        static let interval = Interval.seconds(2)
        static let patience = Interval.seconds(6)
    }

    /// - Parameter tell: Called with a line for each thing that happens.
    public init(
        _ story: Story, client: LiveClient, voice: Voice, tell: @escaping (String) -> Void
    ) {
        self.story = story
        self.client = client
        self.voice = voice
        self.tell = tell
    }

    public mutating func play() -> Outcome {
        outcome.wanted = story.answersWanted
        let detection: LiveClient.Detection = story.isManual ? .manual : .automatic
        guard client.setUp(detection, model: "models/" + story.model) else {
            outcome.ending = client.ending
            tell("the setup is not answered")
            return outcome
        }
        for step in story.steps {
            guard client.ending == nil else { break }
            perform(step)
        }
        outcome.ending = client.ending
        outcome.transcribed = outcome.dictated > 0 ? transcribedWords() : 0
        if outcome.dictated > 0 {
            tell("\(outcome.transcribed) of \(outcome.dictated) seconds are in the transcript")
        }
        switch outcome.ending {
        case nil: client.close()
        case .closed(let code, let reason): tell("CLOSED \(code) \(reason)")
        case .refused(let status, _): tell("REFUSED \(status)")
        case .failed(let why): tell("FAILED \(why)")
        }
        return outcome
    }

    // MARK: Steps

    private mutating func perform(_ step: ClientStep) {
        switch step {
        case .type(let words):
            mark = client.messageCount
            tell("types: \(words)")
            type(words)
        case .speak(let number):
            speak(phrase(number))
            if story.isManual {
                client.endActivity()
            } else {
                stream([UInt8](repeating: 0, count: 12 * LiveClient.frame))
            }
        case .speakUntilTrackDies(let number):
            speak(phrase(number))
            tell("its track dies")
        case .dictate(let length):
            dictate(length)
        case .noise(let length):
            wait(.milliseconds(100)) { nil }
            tell("noise is taken for speech")
            client.startActivity()
            stream(Self.noise(length))
            client.endActivity()
        case .awaitAnswer(let patience):
            awaitAnswer(patience)
        case .pause(let length):
            tell("is silent for \(length.milliseconds) ms")
            wait(length) { nil }
        }
    }

    private func type(_ words: String) {
        guard story.model.contains("2.5") else { return client.say(words) }
        client.send(Compose.content([Compose.Turn(.user, words)], turnComplete: true))
    }

    private mutating func speak(_ phrase: Voice.Phrase) {
        mark = client.messageCount
        tell("says: \(phrase.text)")
        if story.isManual { client.startActivity() }
        stream(phrase.pcm)
    }

    /// Phrase after phrase, without a pause that would end a turn.
    private mutating func dictate(_ length: Interval) {
        mark = client.messageCount
        tell("speaks for \(length.milliseconds / 1000) s")
        client.startActivity()
        var pcm: [UInt8] = []
        var number = 0
        while pcm.count < Int(length.milliseconds) * 32 {
            pcm += phrase(number).pcm
            number += 1
        }
        stream(Array(pcm.prefix(Int(length.milliseconds) * 32)))
        client.endActivity()
        outcome.dictated += Int(length.milliseconds / 1000)
    }

    private mutating func awaitAnswer(_ patience: Interval) {
        let (client, mark) = (client, mark)
        let isAnswered = wait(patience) { Self.isAnswered(client.messages.dropFirst(mark)) }
        if isAnswered {
            outcome.answered += 1
            tell("hears: \(Self.brief(client.reply(from: mark).text))")
        } else {
            tell(client.ending == nil ? "hears NOTHING" : "hears nothing more")
        }
    }

    /// Whether audio came, and after it the end of the turn.
    private static func isAnswered(_ messages: ArraySlice<LiveClient.Message>) -> Bool? {
        var isHeard = false
        for message in messages {
            guard let scan = message.scan else { continue }
            if scan.audioBytes > 0 { isHeard = true }
            if scan.content.contains(.interrupted) { isHeard = false }
            if isHeard, scan.content.contains(.turnComplete), !scan.content.contains(.inProgress) {
                return true
            }
        }
        return nil
    }

    private static func brief(_ words: String) -> String {
        let text = words.drop { $0 == " " }
        return text.count > 60 ? text.prefix(57) + "..." : String(text)
    }

    private func transcribedWords() -> Int {
        client.messages.reduce(0) { count, message in
            guard let scan = message.scan, scan.content.contains(.inputTranscription) else {
                return count
            }
            let words = JSONText.unescape(message.bytes.span, scan.inputText, limit: 10_000)
            return count + words.split(separator: " ").count
        }
    }

    // MARK: Sound and time

    private func phrase(_ number: Int) -> Voice.Phrase {
        guard !voice.user.isEmpty else {
            // A voice without the user's phrases: one second of a tone that identifies it.
            let tone = (0..<16_000).flatMap { _ in [UInt8(0xe9 + number % 16), UInt8(3)] }
            return Voice.Phrase(text: "phrase \(number)", pcm: tone)
        }
        return voice.user[number % voice.user.count]
    }

    /// Hiss, like that of a line or a fan.
    private static func noise(_ length: Interval) -> [UInt8] {
        var random = SeededRandom(seed: 7)
        var pcm: [UInt8] = []
        for _ in 0..<Int(length.milliseconds) * 16 {
            let sample = UInt16(bitPattern: Int16.random(in: -5000...5000, using: &random))
            pcm.append(UInt8(truncatingIfNeeded: sample))
            pcm.append(UInt8(truncatingIfNeeded: sample >> 8))
        }
        return pcm
    }

    private mutating func stream(_ pcm: [UInt8]) {
        for start in stride(from: 0, to: pcm.count, by: LiveClient.frame) {
            guard client.ending == nil else { return }
            client.send(audio: pcm[start..<min(start + LiveClient.frame, pcm.count)])
            wait(.milliseconds(100)) { nil }
        }
    }

    /// Waits, and keeps the connection alive meanwhile. Returns whether `attempt` succeeded.
    @discardableResult
    private mutating func wait(_ limit: Interval, for attempt: () -> Bool?) -> Bool {
        let end = tk_now() + limit.nanoseconds
        while client.ending == nil {
            if attempt() ?? false { return true }
            let now = tk_now()
            if now >= end { return false }
            keepAlive(now)
            Polling.sleep(.milliseconds(5))
        }
        return attempt() ?? false
    }

    private mutating func keepAlive(_ now: Int64) {
        let isAnswered = client.pongs >= keepalive.sent
        if isAnswered, now - keepalive.lastSent > Keepalive.interval.nanoseconds {
            client.ping()
            keepalive.sent += 1
            keepalive.lastSent = now
        } else if !isAnswered, now - keepalive.lastSent > Keepalive.patience.nanoseconds {
            client.close(1011, "keepalive ping timeout")
            _ = client.waitForEnding(.seconds(2))
            // What a library reports if its ping is not answered.
            outcome.ending = .closed(1011, "keepalive ping timeout")
        }
    }
}
