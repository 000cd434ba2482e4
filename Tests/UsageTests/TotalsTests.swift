import Basics
import Policies
import Testing
import Usage
import Wire

/// An upstream that counts what it reports, and reports it in every way that was ever seen.
private struct CountingUpstream {
    var random: SeededRandom
    var sent = Tokens()
    private var context: Int64 = 200
    private var contextAudio: Int64 = 0

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    private func modality(_ name: String, _ count: Int64) -> String {
        #"{"modality":"\#(name)","tokenCount":\#(count)}"#
    }

    /// The reports of one generation that said `audio` tokens of sound.
    mutating func reports(audio: Int64, heard: Int64) -> [String] {
        contextAudio += heard
        let prompt = context + contextAudio
        let thoughts = random.chance(0.3) ? Int64.random(in: 1...80, using: &random) : 0
        let hasDetails = random.chance(0.6)
        let spelling = random.chance(0.5) ? "response" : "candidates"
        sent.prompt.text += context
        sent.prompt.audio += contextAudio
        sent.response.audio += audio
        sent.thoughts += thoughts
        defer { contextAudio += audio }
        func head() -> String {
            var json = #""promptTokenCount":\#(prompt)"#
            if hasDetails {
                json += #","promptTokensDetails":[\#(modality("TEXT", context))"#
                json += contextAudio > 0 ? ",\(modality("AUDIO", contextAudio))]" : "]"
            }
            return json
        }
        func tail(_ count: Int64, _ thoughts: Int64) -> String {
            var json = #""\#(spelling)TokenCount":\#(count)"#
            if hasDetails, count > 0 {
                json += #","\#(spelling)TokensDetails":[\#(modality("AUDIO", count))]"#
            }
            return thoughts > 0 ? json + #","thoughtsTokenCount":\#(thoughts)"# : json
        }
        let pieces: [Int64] = audio > 3 ? [audio / 2, audio - audio / 2 - 1, 1] : [audio]
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return ["{\(head()),\(tail(audio, thoughts))}"]
        case 1:
            var soFar: Int64 = 0
            return pieces.map {
                soFar += $0
                return "{\(head()),\(tail(soFar, soFar == audio ? thoughts : 0))}"
            }
        case 2:
            return ["{\(head())}"]
                + pieces.enumerated().map { "{\(tail($1, $0 == 0 ? thoughts : 0))}" }
        case 3: return ["{\(head())}", "{\(tail(audio, thoughts))}"]
        default: return ["{}", "{\(tail(audio, thoughts))}", "{}", "{\(head())}"]
        }
    }
}

@Suite("Totals")
struct TotalsTests {
    @Test(
        "equal what a counting upstream sent, over 200 sessions with reconnects and interrupts",
        arguments: 0..<200)
    func totals(seed: UInt64) {
        var upstream = CountingUpstream(seed: seed)
        var random = upstream.random.fork()
        var meter = UsageMeter(profile)
        var curious = upstream.random.fork()
        /// A question changes nothing, at any moment.
        func ask() { if curious.chance(0.5) { _ = meter.soFar() } }
        var books: [Int: TurnUsage] = [:]
        for number in 1...Int.random(in: 1...30, using: &random) {
            let asked = random.chance(0.7)
            var input = ClientMessage()
            let heard = Int64.random(in: 1...200, using: &random)
            input.audioBytes = Int32(heard * 1280)  // 40 ms at 16 kHz are one token.
            input.audioRate = 16_000
            meter.sent(input)
            if asked { meter.turnStarted(number) }
            ask()
            let isSilent = asked && random.chance(0.1)
            let audio = isSilent ? 0 : Int64.random(in: 1...400, using: &random)
            let reports = upstream.reports(audio: audio, heard: heard)
            if !isSilent { meter.received(speech(milliseconds: Int(audio) * 40)) }
            ask()
            if !asked, !isSilent { meter.turnStarted(number) }
            ask()
            let isInterrupted = !isSilent && random.chance(0.2)
            // A turn without a sound is only known by its end, on which its report then comes.
            let isLate = isSilent || random.chance(0.3)
            if isInterrupted {
                meter.received(interrupted)
                books[number] = meter.turnEnded(number)
            }
            func tell() {
                for json in reports {
                    if let late = meter.used(report(json)) { books[late.turn] = late }
                    ask()
                }
            }
            if isInterrupted || isLate { meter.received(turnComplete) }
            if isLate, !isInterrupted, !isSilent { books[number] = meter.turnEnded(number) }
            tell()
            if !isInterrupted, !isLate { meter.received(turnComplete) }
            ask()
            if !isInterrupted, isSilent || !isLate { books[number] = meter.turnEnded(number) }
            if random.chance(0.1) { meter.connected() }
        }
        check(books, upstream.sent)
    }

    private func check(_ books: [Int: TurnUsage], _ sent: Tokens) {
        var sum = ModalityTokens()
        var response = ModalityTokens()
        var thoughts: Int64 = 0
        var estimatedResponse: Int64 = 0
        for usage in books.values {
            for modality in Modality.allCases {
                sum[modality] += usage.tokens.prompt[modality]
                response[modality] += usage.tokens.response[modality]
            }
            thoughts += usage.tokens.thoughts
            estimatedResponse += usage.estimated.response.sum
        }
        // The sound of every answer is known, so estimates of prompts are right as well here.
        #expect(sum.sum == sent.prompt.sum)
        #expect(sum == sent.prompt)
        #expect(response == sent.response)
        #expect(thoughts == sent.thoughts)
        #expect(estimatedResponse == 0)
    }
}
