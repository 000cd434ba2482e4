import Basics
import Policies
import Wire

/// Everything a simulated client will do, written in advance from the run's seed, with what the
/// service must have received of it.
struct ClientScript {
    private(set) var preamble: [Deed] = []
    /// Times count from `setupComplete`, or from the upgrade if the client does not wait.
    private(set) var body: [Deed] = []
    var expectation = Expectation()
    let waitsForSetup: Bool
    /// The client's own last action.
    private(set) var length = Interval.zero

    let swarm: RunConfiguration
    let write: ClientWriter
    var random: SeededRandom
    private var clock = Interval.zero
    /// The client's view of its activity.
    private(set) var isOpen = false
    private var isOver = false

    init(_ swarm: RunConfiguration) {
        self.swarm = swarm
        random = SeededRandom(seed: swarm.seed ^ 0x5c21_7054)
        write = ClientWriter(isSnakeCase: swarm.isSnakeCase)
        waitsForSetup = !random.chance(swarm.weight(.early))
        writePreamble()
        for turn in 1...swarm.turns where !isOver {
            between(turn)
            if isOver { break }
            hesitate(turn)
            if swarm.isManual { speakManually(turn) } else { speakAutomatically(turn) }
        }
        writeEnd()
    }

    /// Only a setup: somebody else speaks.
    init(_ swarm: RunConfiguration, setup: [UInt8]) {
        self.swarm = swarm
        random = SeededRandom(seed: swarm.seed)
        write = ClientWriter(isSnakeCase: swarm.isSnakeCase)
        waitsForSetup = true
        preamble = [Deed(at: .zero, what: .message(setup, "setup"))]
    }

    // MARK: Small deeds

    mutating func does(_ habit: ClientBehavior) -> Bool { random.chance(swarm.weight(habit)) }

    mutating func draw(_ range: ClosedRange<Int64>) -> Interval {
        .milliseconds(Int64.random(in: range, using: &random))
    }

    mutating func wait(_ interval: Interval) { clock = clock + interval }

    mutating func say(_ bytes: [UInt8], _ what: String) {
        body.append(Deed(at: clock, what: .message(bytes, what)))
    }

    mutating func input(_ part: String, _ what: String) { say(write.input([part]), what) }

    mutating func start() {
        isOpen = true
        input(write.start, "start")
    }

    mutating func end() {
        isOpen = false
        input(write.end, "end")
    }

    /// One chunk of the turn's audio; it is received if the client's activity is open.
    private mutating func chunk(_ turn: Int, isSilent: Bool = false) {
        let value = isSilent ? Self.quiet : Int16(1000 + turn)
        expectation.instructions[value] = instruction
        input(write.audio(value, swarm.samplesPerChunk), isSilent ? "quiet" : "audio \(turn)")
        if isOpen || (!swarm.isManual && !isSilent) {
            expectation.hear(value, swarm.samplesPerChunk)
        }
        if !isBursting { wait(chunkLength) }
    }

    private var isBursting = false
    /// Number of the newest instruction.
    var instruction = 0
    private var chunkLength: Interval {
        .milliseconds(Int64(swarm.samplesPerChunk) * 1000 / Int64(ClientWriter.rate))
    }

    /// The client's own silence; the proxy's is zero.
    static let quiet: Int16 = 1
    /// Audio of turn n that must never be received: 9000 + n.
    static let leaked: Int16 = 9000

    private mutating func leak(_ turn: Int) {
        guard swarm.isManual, !isOpen, does(.leak) else { return }
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            input(write.audio(Self.leaked + Int16(turn), swarm.samplesPerChunk), "leak \(turn)")
            wait(draw(0...60))
        }
    }

    // MARK: The beginning and the end

    private mutating func writePreamble() {
        var clock = draw(0...30)
        if swarm.isManual, does(.beforeSetup) {
            expectation.hear(1000, swarm.samplesPerChunk)
            for part in [write.start, write.audio(1000, swarm.samplesPerChunk), write.end] {
                preamble.append(
                    Deed(at: clock, what: .message(write.input([part]), "before setup")))
            }
            clock = clock + draw(0...30)
        }
        preamble.append(Deed(at: clock, what: .message(setup(), "setup")))
    }

    private mutating func setup() -> [UInt8] {
        var fields: [String] = []
        var config: [String] = []
        if swarm.model.hasSuffix("extended-thinking") {
            config.append(#""thinkingConfig":{"thinkingLevel":"LOW"}"#)
        }
        let isThree = swarm.model.hasPrefix("gemini-3")
        if does(.badSetup) {
            if isThree { config.append(#""enableAffectiveDialog":true"#) }
            fields.append(
                [
                    #""sessionResumption":{"handle":null}"#, #""session_resumption":{"handle":""}"#,
                    #""sessionResumption":{"transparent":true}"#,
                ].randomElement(using: &random) ?? "")
        } else if random.chance(0.5) {
            fields.append(#""sessionResumption":{}"#)
        }
        if swarm.calm?.isProactive ?? false {
            fields.append(#""proactivity":{"proactiveAudio":true}"#)
        }
        if !config.isEmpty {
            fields.append(#""generationConfig":{\#(config.joined(separator: ","))}"#)
        }
        var detection: [String] = []
        if swarm.isManual { detection.append(#""disabled":true"#) }
        if !swarm.isManual { detection.append(#""silence_duration_ms":500"#) }
        var realtime = [
            #""\#(swarm.isSnakeCase ? "automatic_activity_detection" : "automaticActivityDetection")":{\#(detection.joined(separator: ","))}"#
        ]
        if swarm.noInterruption { realtime.append(#""activityHandling":"NO_INTERRUPTION""#) }
        fields.append(#""realtimeInputConfig":{\#(realtime.joined(separator: ","))}"#)
        if random.chance(0.7) { fields.append(#""inputAudioTranscription":{}"#) }
        if random.chance(0.7) { fields.append(#""outputAudioTranscription":{}"#) }
        if swarm.weight(.tool) > 0 {
            fields.append(#""tools":[{"functionDeclarations":[{"name":"report"}]}]"#)
        }
        let rest = fields.map { "," + $0 }.joined()
        return Array(#"{"setup":{"model":"models/\#(swarm.model)"\#(rest)}}"#.utf8)
    }

    private mutating func writeEnd() {
        if isOver { return }
        if isOpen, !does(.deadTrack) { end() }
        leak(swarm.turns)
        length = clock
    }

    /// Stops the script here: nothing after it can be expected.
    private mutating func leave(_ ends: UInt16?) {
        isOver = true
        expectation.isComplete = false
        expectation.ends = ends
        length = clock
    }

    // MARK: Between turns

    private mutating func between(_ turn: Int) {
        if let calm = swarm.calm, !does(.bargeIn) {
            wait(calm.patience + draw(0...3000))
        } else {
            wait(does(.bargeIn) ? draw(0...700) : draw(1500...6000))
        }
        if does(.vanish) {
            let close = [Close.abnormal, Close(1000), Close(1001), Close(1011)]
                .randomElement(using: &random)
            body.append(Deed(at: clock, what: .hangUp(close ?? .abnormal)))
            return leave(nil)
        }
        if does(.malformed) {
            say(Array("{oops".utf8), "malformed")
            return leave(1007)
        }
        if does(.secondSetup) {
            say(Array(#"{"setup":{"model":"models/\#(swarm.model)"}}"#.utf8), "second setup")
            return leave(1007)
        }
        if !isOpen, does(.text) {
            let words = "words of turn \(turn)."
            input(write.text(words), "text \(turn)")
            expectation.typed += words
            wait(draw(1000...4000))
        }
        if !isOpen, does(.tool), callsAreSafe {
            // On 2.5 the end of its stream must not coincide with the call.
            if swarm.calm != nil { wait(.seconds(4)) }
            let words = "call report \(turn)."
            input(write.text(words), "asks for a tool")
            expectation.typed += words
            wait(swarm.calm?.patience ?? draw(500...9000))
        }
        if does(.video) { input(write.video, "video") }
        doLaterHabits(turn)
        if swarm.isManual {
            leak(turn)
            if !isOpen, does(.emptyActivity) {
                start()
                wait(draw(0...300))
                end()
                wait(draw(0...2000))
            }
        }
    }

    /// On 2.5, input that was on its way when the call was made is excused for 300 ms; on a slower
    /// network it cannot be avoided.
    private var callsAreSafe: Bool {
        swarm.model.hasPrefix("gemini-3") || swarm.geminiLatency.upperBound < 140
    }

    /// "Wait a moment": a word or two, seconds of silence, then the rest.
    private mutating func hesitate(_ turn: Int) {
        guard let calm = swarm.calm, random.chance(calm.hesitation) else { return }
        let length = Interval.milliseconds(Int64.random(in: 300...600, using: &random))
        if swarm.isManual { start() }
        for _ in 0..<Int(length.nanoseconds / chunkLength.nanoseconds) { chunk(turn) }
        if swarm.isManual { end() } else { trail(turn) }
        wait(draw(2000...8000))
    }

    // MARK: Manual VAD

    private mutating func speakManually(_ turn: Int) {
        isBursting = does(.burst)
        var chunks = Int.random(in: 1...12, using: &random)
        if !isOpen, does(.combined) {
            chunks -= 1
            isOpen = true
            expectation.hear(Int16(1000 + turn), swarm.samplesPerChunk)
            let audio = write.audio(Int16(1000 + turn), swarm.samplesPerChunk)
            if does(.combined) {
                isOpen = false
                say(write.input([write.end, audio, write.start]), "start, audio and end in one")
                return
            }
            say(write.input([audio, write.start]), "start and audio in one")
        } else {
            start()
            if does(.repeatStart) { start() }
        }
        for _ in 0..<chunks { speakChunk(turn) }
        if isOpen, does(.longSpeech) { speakAtLength(turn) }
        if isOpen { endManually(turn) }
        isBursting = false
        if !isOpen, does(.noise) { makeNoise(turn) }
        for _ in 0..<3 { leak(turn) }
    }

    /// Half a second at a time, to keep the run cheap.
    private mutating func speakAtLength(_ turn: Int) {
        let isFlushing = does(.flush)
        for piece in 1...Int.random(in: 24...80, using: &random) {
            let value = does(.silence) ? Self.quiet : Int16(1000 + turn)
            input(write.audio(value, 500), "half a second of turn \(turn)")
            expectation.hear(value, 500)
            wait(.milliseconds(500))
            if isFlushing, piece % 30 == 0 { flush() }
        }
    }

    private mutating func makeNoise(_ turn: Int) {
        wait(draw(0...800))
        start()
        for _ in 0..<Int.random(in: 1...20, using: &random) { chunk(turn, isSilent: true) }
        end()
    }

    private mutating func speakChunk(_ turn: Int) {
        chunk(turn)
        if does(.silence) { for _ in 0..<3 { chunk(turn, isSilent: true) } }
        if does(.video) { input(write.video, "video") }
        if does(.repeatStart) { start() }
        if does(.streamEnd) { input(write.streamEnd, "stream end") }
        if does(.flush) { flush() }
        if does(.deadTrack) { wait(deadAir()) }
    }

    /// About the length at which the proxy acts, or exactly that.
    private mutating func deadAir() -> Interval {
        let clock = swarm.policy.turns.deadAir
        return does(.onTheDot) ? clock : clock + draw(-500...4000)
    }

    private mutating func flush() {
        if does(.combined) {
            say(write.input([write.start, write.end]), "end and start in one")
            isOpen = true
            return
        }
        end()
        wait(draw(0...200))
        start()
    }

    private mutating func endManually(_ turn: Int) {
        if does(.deadTrack) {
            // The track dies: the end comes much later, or with the next turn, or never.
            wait(deadAir())
            if random.chance(0.5) { return }
        }
        if does(.combined) {
            expectation.hear(Int16(1000 + turn), swarm.samplesPerChunk)
            isOpen = false
            let audio = write.audio(Int16(1000 + turn), swarm.samplesPerChunk)
            say(write.input([write.end, audio]), "audio and end in one")
        } else {
            end()
        }
        if does(.repeatEnd) { end() }
    }

    // MARK: Automatic VAD

    private mutating func speakAutomatically(_ turn: Int) {
        isBursting = does(.burst)
        for _ in 0..<Int.random(in: 3...15, using: &random) {
            chunk(turn)
            if does(.pause) { wait(does(.onTheDot) ? swarm.policy.turns.pause : draw(50...3000)) }
        }
        isBursting = false
        if does(.streamEnd) {
            input(write.streamEnd, "stream end")
            wait(draw(0...3000))
        } else if does(.pause) {
            wait(draw(1600...6000))
        } else {
            trail(turn)
        }
    }

    /// Silence, as long as the service needs to find the end.
    private mutating func trail(_ turn: Int) {
        let chunks = Int(Interval.milliseconds(900).nanoseconds / chunkLength.nanoseconds)
        for _ in 0..<chunks { chunk(turn, isSilent: true) }
    }
}
