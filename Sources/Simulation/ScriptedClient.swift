import Basics
import SimulatedGemini
import Wire

/// A correct client with a fixed conversation: it says each line when the previous one was
/// answered, or when nobody would wait any longer.
struct ScriptedClient {
    enum Line {
        case says(Int)
        case types(String)
        /// As soon as the answer to the previous line can be heard.
        case interjects(Int)
    }

    let lines: [Line]
    let isManual: Bool
    let setup: [UInt8]
    private let utterance: Int
    private(set) var listener = Listener()
    /// Lines said so far.
    private(set) var said = 0
    /// The number of answers when the last line was said.
    private var answersBefore = 0
    /// It is speaking until then.
    private var busyUntil = Instant(nanoseconds: 0)
    private let write = ClientWriter(isSnakeCase: false)

    /// The longest that anybody waits for an answer.
    static let patience = Interval.seconds(400)
    private static let pause = Interval.milliseconds(1500)

    init(_ scene: Scene) {
        isManual = scene.isManual
        utterance = scene.utterance
        lines =
            switch scene.plot {
            case .talk: [.types("hello"), .says(1), .says(2), .says(3), .says(4), .types("hello")]
            case .tool: [.types("hello"), .says(1), .says(2), .says(4), .types("hello")]
            case .bargeIn: [.says(1), .says(3), .interjects(4), .says(2), .types("hello")]
            }
        setup = ScriptedClient.setup(scene)
    }

    private static func setup(_ scene: Scene) -> [UInt8] {
        let isThinking = scene.model.contains("extended-thinking")
        let thinking = isThinking ? #","thinkingConfig":{"thinkingLevel":"LOW"}"# : ""
        let detection = scene.isManual ? #""disabled":true"# : #""silenceDurationMs":500"#
        let tools =
            scene.plot == .tool
            ? #","tools":[{"functionDeclarations":[{"name":"weather"}]}]"# : ""
        return Array(
            #"""
            {"setup":{"model":"models/\#(scene.model)",\#
            "generationConfig":{"responseModalities":["AUDIO"]\#(thinking)},\#
            "realtimeInputConfig":{"automaticActivityDetection":{\#(detection)}},\#
            "inputAudioTranscription":{},"outputAudioTranscription":{}\#(tools)}}
            """#.utf8)
    }

    // MARK: What it does

    /// Processes what the client received. Returns its next actions, with times.
    mutating func receive(_ bytes: [UInt8], at now: Instant) -> [Deed] {
        let wasSpeaking = listener.isSpeaking
        listener.receive(bytes)
        if said == 0 {
            return listener.setups > 0 ? nextLine(at: now, after: ScriptedClient.pause) : []
        }
        if said < lines.count, case .interjects = lines[said] {
            return listener.isSpeaking && !wasSpeaking
                ? nextLine(at: now, after: .milliseconds(60)) : []
        }
        return listener.answers > answersBefore
            ? nextLine(at: now, after: ScriptedClient.pause) : []
    }

    mutating func answered(_ call: String) { listener.answered(call) }

    /// The line gets no answer: the next one is said.
    mutating func losePatience(with line: Int, at now: Instant) -> [Deed] {
        line == said ? nextLine(at: now, after: .zero) : []
    }

    private mutating func nextLine(at now: Instant, after pause: Interval) -> [Deed] {
        said += 1
        answersBefore = listener.answers
        guard said <= lines.count else {
            return said == lines.count + 1
                ? [Deed(at: .seconds(5), what: .hangUp(Close(1000)))] : []
        }
        var deeds: [Deed] = []
        var clock = max(pause, busyUntil - now)
        switch lines[said - 1] {
        case .types(let words):
            deeds.append(Deed(at: clock, what: .message(write.input([write.text(words)]), words)))
        case .says(let number), .interjects(let number):
            speak(number, from: &clock, into: &deeds)
        }
        busyUntil = now + clock
        deeds.append(Deed(at: clock + ScriptedClient.patience, what: .losePatience(said)))
        return deeds
    }

    /// Speech; if the service must find its end, followed by a second of silence.
    private func speak(_ number: Int, from clock: inout Interval, into deeds: inout [Deed]) {
        func add(_ part: String, _ what: String) {
            deeds.append(Deed(at: clock, what: .message(write.input([part]), what)))
        }
        if isManual { add(write.start, "start") }
        for chunk in 0..<(isManual ? utterance : utterance + 10) {
            let isSpeech = chunk < utterance
            let value = isSpeech ? Int16(1000 + number) : ClientScript.quiet
            add(write.audio(value, 100), isSpeech ? "audio \(number)" : "quiet")
            clock = clock + .milliseconds(100)
        }
        if isManual { add(write.end, "end") }
    }

    // MARK: What it sounds like

    /// A voice that knows the client's utterances, and whose lines are more than a tone.
    static let voice: Voice = {
        var voice = Voice.tones
        voice.user = [
            (1, "What is the capital of France?"), (2, "What is the weather?"),
            (3, "Tell me a story."), (4, "That will do, goodbye."),
        ].map { number, words in Voice.Phrase(text: words, pcm: tone(1000 + number, 800)) }
        for line in Voice.Line.allCases {
            voice.lines[line]?.pcm = tone(2000, line == .story ? 25_200 : 1200)
        }
        return voice
    }()

    private static func tone(_ value: Int, _ samples: Int) -> [UInt8] {
        let sample = [UInt8(value & 0xff), UInt8(value >> 8)]
        return Array([[UInt8]](repeating: sample, count: samples).joined())
    }
}
