import Basics
import CLinux
import Policies

/// `dev bench-holding`: floods sessions with messages of one kind each, and compares what they say they
/// hold with what the allocator has given out meanwhile. The limit of a session, the share of a tenant
/// and the memory of the process are all kept by what sessions say, so it fails where one holds more
/// than that: what is small or held beside the messages must be counted, too.
///
/// `--floods` are some of those it prints.
struct BenchHolding {
    /// Lists grow by doubling, and what is dropped frees its memory later.
    private static let tolerance = 2.0
    /// Of a session that holds nothing, and lists with a length that is bounded.
    private static let base = 384 << 10

    private let floods: [Flood]

    init(_ options: Options) throws {
        if let stranger = options.unknown(besides: ["--floods"]) {
            throw BenchError("bench-holding knows no \(stranger)")
        }
        floods = try (options.list("--floods") ?? Flood.allCases.map(\.rawValue)).map {
            guard let flood = Flood(rawValue: $0) else { throw BenchError("no flood \($0)") }
            return flood
        }
    }

    /// Whether sessions know what they hold.
    func run() -> Bool {
        print("| flood | messages | held, KiB | allocated, KiB | most allocated, KiB |")
        print("| --- | ---: | ---: | ---: | ---: |")
        var isCounted = true
        for flood in floods {
            let found = flood.run()
            let bound = Policy().limits.buffer
            let isMore = found.worst > Self.base
            let isPast = found.held > bound
            isCounted = isCounted && !isMore && !isPast
            print(
                "| \(flood.rawValue) | \(found.messages) | \(found.held >> 10) "
                    + "| \(found.allocated >> 10) | \(found.most >> 10) |"
                    + (isMore ? " **uncounted**" : isPast ? " **too much**" : ""))
            flushOutput()
        }
        return isCounted
    }

    struct Found {
        var messages = 0
        /// At the moment at which most was allocated beyond it.
        var held = 0
        var allocated = 0
        /// At any time.
        var most = 0
        /// How much more was allocated than what is held accounts for.
        var worst = Int.min

        mutating func note(held: Int, allocated: Int) {
            most = max(most, allocated)
            let beyond = allocated - Int(Double(held) * BenchHolding.tolerance)
            guard beyond > worst else { return }
            (worst, self.held, self.allocated) = (beyond, held, allocated)
        }
    }
}

/// One thing over and over.
enum Flood: String, CaseIterable {
    case samples, earlySamples, lateSamples, texts, earlyTexts, lateTexts, turns, activities
    case results, pictures, instructions, setup, functions, calls, pieces, transcripts, parkedWords
    case longWords, parkedSamples, gated, noise, leadIn, behindEnd, handles, ends, cancellations

    private static let native = "gemini-2.5-flash-native-audio-preview-12-2025"
    private static let most = 120_000

    func run() -> BenchHolding.Found {
        // What the first of its kind allocates for good is not a session's.
        var warm = start()
        for number in 0..<10 { _ = step(number, &warm) }
        var found = BenchHolding.Found()
        let before = tk_allocated_bytes()
        var session = start()
        var bytes = 0
        for number in 0..<Self.most where !session.isOver && bytes < 96 << 20 {
            bytes += step(number, &session)
            found.messages = number + 1
            if number % 512 == 0 || number < 16 { note(&session, before, &found) }
        }
        note(&session, before, &found)
        return found
    }

    private func note(
        _ session: inout HostedSession, _ before: Int, _ found: inout BenchHolding.Found
    ) {
        guard !session.isOver else { return }
        found.note(held: session.held, allocated: tk_allocated_bytes() - before)
    }

    private func start() -> HostedSession {
        switch self {
        case .earlySamples, .earlyTexts:
            return HostedSession(Array(#"{"setup":{"model":"models/gemini-live"}}"#.utf8))
        case .lateSamples, .lateTexts:
            var session = HostedSession.talking(to: Self.native)
            session.loseGemini()
            return session
        case .activities: return .talking(to: Self.native, isManual: true)
        case .parkedWords, .parkedSamples:
            var session = HostedSession.talking(to: Self.native)
            session.loseClient()
            return session
        case .gated:
            var session = HostedSession.talking(to: Self.native)
            session.gemini(Self.call(0))
            return session
        case .noise:
            var policy = Policy()
            policy.turns.noiseHold = .milliseconds(300)
            return .talking(to: Self.native, policy, isManual: true)
        case .leadIn:
            var policy = Policy()
            policy.turns.leadIn = .seconds(10)
            return .talking(to: Self.native, policy, isManual: true)
        case .behindEnd:
            var policy = Policy()
            policy.turns.rules[.shortActivity] = .enforce
            policy.turns.minActivity = .seconds(10)
            var session = HostedSession.talking(to: Self.native, policy, isManual: true)
            for name in ["activityStart", "activityEnd"] {
                session.client(Array(#"{"realtimeInput":{"\#(name)":{}}}"#.utf8))
            }
            return session
        case .setup: return HostedSession(Self.setup(Self.long(1_000_000), "[]"))
        case .functions:
            let function = #"{"name":"a_name_of_some_length_%","behavior":"NON_BLOCKING"}"#
            let list = (0..<15_000).map { function.replacing("%", with: "\($0)") }
            let tools = "[{\"functionDeclarations\":[\(list.joined(separator: ","))]}]"
            return HostedSession(Self.setup("a", tools))
        case .pieces:
            var session = HostedSession.talking(to: Self.native)
            session.gemini(Self.call(0))
            session.loseGemini()
            session.openNext()
            session.gemini(Array(#"{"setupComplete":{}}"#.utf8))
            return session
        case .samples, .texts, .turns, .results, .pictures, .instructions, .calls, .transcripts,
            .longWords, .handles, .ends, .cancellations:
            return .talking(to: Self.native)
        }
    }

    /// - Returns: The bytes of the message.
    private func step(_ number: Int, _ session: inout HostedSession) -> Int {
        let blob = #"{"mimeType":"audio/pcm;rate=16000","data":"AQA="}"#
        let sample = #"{"realtimeInput":{"audio":\#(blob)}}"#
        switch self {
        case .samples, .earlySamples, .lateSamples, .gated, .leadIn:
            return say(sample, &session)
        case .texts, .earlyTexts, .lateTexts, .behindEnd:
            return say(#"{"realtimeInput":{"text":"a"}}"#, &session)
        case .turns:
            let turns = Array(repeating: #"{"role":"user"}"#, count: 64).joined(separator: ",")
            return say(#"{"clientContent":{"turns":[\#(turns)]}}"#, &session)
        case .activities:
            let name = number % 2 == 0 ? "activityStart" : "activityEnd"
            return say(#"{"realtimeInput":{"\#(name)":{}}}"#, &session)
        case .noise:
            return say(number == 0 ? #"{"realtimeInput":{"activityStart":{}}}"# : sample, &session)
        case .results:
            let result = #"{"id":"\#(number)","name":"f","response":{}}"#
            return say(#"{"toolResponse":{"functionResponses":[\#(result)]}}"#, &session)
        case .pictures:
            let picture = Self.long(30_000)
            return say(
                #"{"realtimeInput":{"video":{"mimeType":"image/jpeg","data":"\#(picture)"}}}"#,
                &session)
        case .instructions:
            let text = #"{"parts":[{"text":"\#(Self.long(15_000_000))"}]}"#
            let tools = #"{"tools":[{"x":"\#(Self.long(15_000_000))"}]}"#
            let field = number % 2 == 0 ? #""systemInstruction":\#(text)"# : #""tools":\#(tools)"#
            return say(#"{"contextUpdate":{\#(field)}}"#, &session)
        case .setup, .functions: return Flood.most
        case .calls: return hear(String(decoding: Self.call(number), as: UTF8.self), &session)
        case .pieces:
            let call = #"{"id":"p\#(number)","name":"f0","args":{"b":1},"willContinue":true}"#
            return hear(#"{"toolCall":{"functionCalls":[\#(call)]}}"#, &session)
        case .transcripts, .parkedWords:
            let side = number % 2 == 0 ? "inputTranscription" : "outputTranscription"
            return hear(#"{"serverContent":{"\#(side)":{"text":"a"}}}"#, &session)
        case .longWords:
            let text = Self.long(10_000_000)
            return hear(#"{"serverContent":{"outputTranscription":{"text":"\#(text)"}}}"#, &session)
        case .parkedSamples:
            let audio = #"{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"AQA="}}"#
            return hear(
                #"{"serverContent":{"modelTurn":{"role":"model","parts":[\#(audio)]}}}"#, &session)
        case .handles:
            let handle = "\(number)" + Self.long(1_000_000)
            return hear(
                #"{"sessionResumptionUpdate":{"newHandle":"\#(handle)","resumable":true}}"#,
                &session)
        case .ends:
            if number == 0 { _ = say(#"{"realtimeInput":{"text":"a"}}"#, &session) }
            let name = number % 2 == 0 ? "generationComplete" : "turnComplete"
            return hear(#"{"serverContent":{"\#(name)":true}}"#, &session)
        case .cancellations:
            if number % 2 == 0 {
                return hear(String(decoding: Self.call(number), as: UTF8.self), &session)
            }
            return hear(#"{"toolCallCancellation":{"ids":["\#(number - 1)"]}}"#, &session)
        }
    }

    private func say(_ message: String, _ session: inout HostedSession) -> Int {
        session.client(Array(message.utf8))
        return message.utf8.count
    }

    private func hear(_ message: String, _ session: inout HostedSession) -> Int {
        session.gemini(Array(message.utf8))
        return message.utf8.count
    }

    private static func call(_ number: Int) -> [UInt8] {
        let call = #"{"id":"\#(number)","name":"f\#(number)","args":{"a":1}}"#
        return Array(#"{"toolCall":{"functionCalls":[\#(call)]}}"#.utf8)
    }

    private static func setup(_ text: String, _ tools: String) -> [UInt8] {
        let instruction = #"{"parts":[{"text":"\#(text)"}]}"#
        let setup = #""systemInstruction":\#(instruction),"tools":\#(tools)"#
        return Array(#"{"setup":{"model":"models/\#(native)",\#(setup)}}"#.utf8)
    }

    private static func long(_ count: Int) -> String { String(repeating: "A", count: count) }
}
