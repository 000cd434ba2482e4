import Basics
import Policies
import Testing
import Usage
import Wire

@Suite("What reports mean")
struct ReportTests {
    @Test("the raw 3.8 report: 522 is not the sum of its details, and its total omits thoughts")
    func workedExample() {
        let usage = turn(
            [
                """
                {"promptTokenCount":522,"responseTokenCount":42,"totalTokenCount":564,\
                "thoughtsTokenCount":136,"promptTokensDetails":[{"modality":"TEXT",\
                "tokenCount":332},{"modality":"AUDIO","tokenCount":165}],\
                "responseTokensDetails":[{"modality":"AUDIO","tokenCount":42}]}
                """
            ], spoken: 1680)
        #expect(usage.reported.prompt.text == 332)
        #expect(usage.reported.prompt.audio == 165)
        #expect(usage.reported.prompt.other == 25)
        #expect(usage.reported.response.audio == 42)
        #expect(usage.reported.thoughts == 136)
        #expect(usage.estimated == Tokens())
        #expect(usage.statedTotal == 564)
        #expect(usage.tokens.totalWithoutThoughts == 564)
        #expect(usage.tokens.total == 700)
        // 332 x 0.75 + 165 x 3 + 25 x 0.75 + 42 x 12 + 136 x 12 = 2898.75 millionths of a dollar.
        #expect(usage.cost == 2899)
        #expect(usage.priceDate == "2026-10-09")
    }

    @Test("the same on Vertex, in its spelling")
    func vertexSpelling() {
        let usage = turn(
            [
                """
                {"promptTokenCount":30,"candidatesTokenCount":50,"totalTokenCount":80,\
                "promptTokensDetails":[{"modality":"TEXT","tokenCount":30}],\
                "candidatesTokensDetails":[{"modality":"AUDIO","tokenCount":50}]}
                """
            ], spoken: 2000)
        #expect(usage.reported.prompt.text == 30)
        #expect(usage.reported.response.audio == 50)
        #expect(usage.cost == 623)  // 22.5 + 600, half up
    }

    @Test("cumulative: the last report of a turn counts, not their sum")
    func cumulative() {
        let usage = turn(
            [
                #"{"promptTokenCount":100,"responseTokenCount":10,"totalTokenCount":110}"#,
                #"{"promptTokenCount":100,"responseTokenCount":25,"totalTokenCount":125}"#,
                #"{"promptTokenCount":104,"responseTokenCount":50,"totalTokenCount":154}"#,
            ], spoken: 2000)
        #expect(usage.reported.prompt.sum + usage.estimated.prompt.sum == 104)
        #expect(usage.reported.response.audio == 50)
        #expect(usage.statedTotal == 154)
        #expect(usage.reports == 3)
    }

    @Test("one report per chunk with a prompt of 0: they are added up")
    func perChunk() {
        let usage = turn(
            (1...4).map { _ in #"{"promptTokenCount":0,"responseTokenCount":10}"# }, spoken: 1600)
        #expect(usage.reported.response.audio == 40)
    }

    @Test("chunks, then a summary of them: the summary counts")
    func summary() {
        let usage = turn(
            [
                #"{"responseTokenCount":10}"#, #"{"responseTokenCount":12}"#,
                #"{"promptTokenCount":90,"responseTokenCount":22}"#,
            ], spoken: 880)
        #expect(usage.tokens.prompt.sum == 90)
        #expect(usage.reported.response.audio == 22)
    }

    @Test("a first chunk that brings the prompt, then chunks: they are added up")
    func promptThenChunks() {
        let usage = turn(
            [
                #"{"promptTokenCount":90,"responseTokenCount":10}"#,
                #"{"responseTokenCount":10}"#, #"{"responseTokenCount":8}"#,
            ], spoken: 1120)
        #expect(usage.tokens.prompt.sum == 90)
        #expect(usage.reported.response.audio == 28)
    }

    @Test("a running total without a prompt is distinguished from chunks by what was heard")
    func runningTotal() {
        let reports = [10, 25, 40].map { #"{"responseTokenCount":\#($0)}"# }
        #expect(turn(reports, spoken: 1600).reported.response.audio == 40)
        #expect(turn(reports, spoken: 3000).reported.response.audio == 75)
    }

    @Test("chunks that repeat the prompt are recognised by one that is smaller than the one before")
    func chunksRepeatingThePrompt() {
        let usage = turn(
            [5, 5, 4].map { #"{"promptTokenCount":100,"responseTokenCount":\#($0)}"# }, spoken: 560)
        #expect(usage.tokens.prompt.sum == 100)
        #expect(usage.reported.response.audio == 14)
    }

    @Test("split: the prompt in one report, the response in another")
    func split() {
        for reports in [
            [#"{"promptTokenCount":70}"#, #"{"responseTokenCount":30}"#],
            [#"{"responseTokenCount":30}"#, #"{"promptTokenCount":70}"#],
        ] {
            let usage = turn(reports, spoken: 1200)
            #expect(usage.tokens.prompt.sum == 70)
            #expect(usage.reported.response.audio == 30)
        }
    }

    @Test("another prompt with a smaller response is another bill")
    func secondBill() {
        let usage = turn(
            [
                #"{"promptTokenCount":100,"responseTokenCount":40}"#,
                #"{"promptTokenCount":150,"responseTokenCount":20}"#,
            ], spoken: 2400)
        #expect(usage.tokens.prompt.sum == 250)
        #expect(usage.reported.response.audio == 60)
    }

    @Test("however many bills a generation has, each is counted once", arguments: [3, 33, 400])
    func manyBills(count: Int) {
        let bills = [
            #"{"promptTokenCount":100,"responseTokenCount":40}"#,
            #"{"promptTokenCount":150,"responseTokenCount":20}"#,
        ]
        let usage = turn((0..<count).map { bills[$0 % 2] }, spoken: 2400)
        let (first, second) = (Int64(count + 1) / 2, Int64(count) / 2)
        #expect(usage.tokens.prompt.sum == first * 100 + second * 150)
        #expect(usage.tokens.response.sum == first * 40 + second * 20)
        #expect(usage.reports == count)
    }

    @Test("an empty usageMetadata says nothing")
    func empty() {
        let usage = turn(["{}"], spoken: 1000)
        #expect(usage.reports == 0)
        #expect(usage.reported == Tokens())
        #expect(usage.estimated.response.audio == 25)
    }

    @Test("invented numbers overflow nothing")
    func overflow() {
        var meter = UsageMeter(profile)
        meter.turnStarted(1)
        for _ in 0..<10_000 {
            var huge = Wire.Usage()
            huge.response = .max
            huge.thoughts = .max
            huge.total = .max
            huge.responseDetails.audio = .max
            huge.promptDetails.text = .max
            _ = meter.used(huge)
            huge.prompt = .max
            _ = meter.used(huge)
        }
        let usage = meter.turnEnded(1)
        #expect(usage.reported.thoughts == .max)
        #expect(usage.cost > 0)
    }
}

@Suite("What reports leave out")
struct EstimateTests {
    private func spokenTurn(_ json: String) -> TurnUsage {
        var meter = UsageMeter(profile)
        var audio = ClientMessage()
        audio.members = .realtimeInput
        audio.input = .audio
        audio.audioBytes = 64_000  // Two seconds at 16 kHz.
        audio.audioRate = 16_000
        meter.sent(audio)
        meter.turnStarted(1)
        meter.received(speech(milliseconds: 2000))
        _ = meter.used(report(json))
        meter.received(turnComplete)
        return meter.turnEnded(1)
    }

    @Test("no details of the prompt: audio by its length, the rest is text, and both are marked")
    func promptWithoutDetails() {
        let usage = spokenTurn(
            #"{"promptTokenCount":120,"responseTokenCount":50,"totalTokenCount":170}"#)
        #expect(usage.estimated.prompt.audio == 50)
        #expect(usage.estimated.prompt.text == 70)
        #expect(usage.reported.prompt.sum == 0)
        #expect(usage.reported.response.audio == 50)
        #expect(usage.tokens.total == 170)
    }

    @Test("only one modality can be missing: the rest is that, and no guess")
    func residual() {
        let usage = spokenTurn(
            """
            {"promptTokenCount":120,"responseTokenCount":50,\
            "promptTokensDetails":[{"modality":"TEXT","tokenCount":68}]}
            """)
        #expect(usage.reported.prompt.text == 68)
        #expect(usage.reported.prompt.audio == 52)
        #expect(usage.estimated == Tokens())
    }

    @Test("only a total: the answer by its length, the rest is the prompt")
    func onlyTotal() {
        let usage = spokenTurn(#"{"totalTokenCount":170}"#)
        #expect(usage.estimated.response.audio == 50)
        #expect(usage.estimated.prompt.audio == 50)
        #expect(usage.estimated.prompt.text == 70)
        #expect(usage.tokens.total == 170)
    }

    @Test("audio and a transcript, without details: audio by its length, the rest is text")
    func spokenAndTranscribed() {
        var meter = UsageMeter(profile)
        meter.turnStarted(1)
        meter.received(speech(milliseconds: 1000))
        meter.received(transcript)
        _ = meter.used(report(#"{"promptTokenCount":10,"responseTokenCount":37}"#))
        meter.received(turnComplete)
        let usage = meter.turnEnded(1)
        #expect(usage.estimated.response.audio == 25)
        #expect(usage.estimated.response.text == 12)
    }

    @Test("no report at all: the whole context once more, and what was heard")
    func unreported() {
        var meter = UsageMeter(profile)
        meter.turnStarted(1)
        meter.received(speech(milliseconds: 2000))
        meter.received(turnComplete)
        _ = meter.used(
            report(
                """
                {"promptTokenCount":100,"responseTokenCount":50,"promptTokensDetails":\
                [{"modality":"TEXT","tokenCount":60},{"modality":"AUDIO","tokenCount":40}]}
                """))
        #expect(meter.turnEnded(1).estimated == Tokens())
        meter.turnStarted(2)
        meter.received(speech(milliseconds: 1000))
        meter.received(interrupted)
        let usage = meter.turnEnded(2)
        #expect(usage.reported == Tokens())
        #expect(usage.estimated.prompt.text == 60)
        #expect(usage.estimated.prompt.audio == 90)
        #expect(usage.estimated.response.audio == 25)
    }
}

@Suite("Whose a report is")
struct TurnTests {
    private let full = #"{"promptTokenCount":100,"responseTokenCount":25}"#

    /// A second of speech answers turn `number`, and a full report comes with its end.
    private func answer(_ number: Int, _ meter: inout UsageMeter) -> TurnUsage? {
        meter.turnStarted(number)
        meter.received(speech(milliseconds: 1000))
        meter.received(turnComplete)
        return meter.used(report(full))
    }

    @Test("a report after its turn counts for it")
    func late() {
        var meter = UsageMeter(profile)
        meter.turnStarted(1)
        meter.received(speech(milliseconds: 1000))
        meter.received(turnComplete)
        #expect(meter.turnEnded(1).reports == 0)
        meter.turnStarted(2)
        let late = meter.used(report(full))
        #expect(late?.turn == 1)
        #expect(late?.reported.response.audio == 25)
        #expect(late?.estimated.response == ModalityTokens())
        meter.received(speech(milliseconds: 400))
        #expect(meter.used(report(#"{"promptTokenCount":135,"responseTokenCount":10}"#)) == nil)
        meter.received(turnComplete)
        #expect(meter.turnEnded(2).reported.response.audio == 10)
    }

    /// Reports of a generation, before it says anything; the last one comes with its end.
    static let early: [[String]] = [
        [#"{"promptTokenCount":160}"#, #"{"promptTokenCount":160,"responseTokenCount":50}"#],
        [
            #"{"promptTokenCount":160,"responseTokenCount":1}"#,
            #"{"promptTokenCount":160,"responseTokenCount":50}"#,
        ],
        [
            #"{"promptTokenCount":160,"responseTokenCount":1}"#,
            #"{"promptTokenCount":160,"responseTokenCount":10}"#,
            #"{"promptTokenCount":160,"responseTokenCount":50}"#,
        ],
        [#"{"promptTokenCount":160}"#, #"{"responseTokenCount":50}"#],
        // The service forgot: the same prompt as before, and a smaller one.
        [#"{"promptTokenCount":100}"#, #"{"promptTokenCount":100,"responseTokenCount":50}"#],
        [#"{"promptTokenCount":40}"#, #"{"promptTokenCount":40,"responseTokenCount":50}"#],
    ]

    @Test(
        "a report before a turn's first word is that turn's",
        arguments: Self.early, [turnComplete, interrupted])
    func reportedEarly(reports: [String], end: ServerMessage) {
        var meter = UsageMeter(profile)
        _ = answer(1, &meter)
        let first = meter.turnEnded(1)
        var prompt = Int64.zero
        for turn in 2...4 {
            meter.turnStarted(turn)
            for json in reports.dropLast() { #expect(meter.used(report(json)) == nil) }
            meter.received(speech(milliseconds: 1000))
            meter.received(end)
            if end.content == .interrupted { meter.received(turnComplete) }
            #expect(meter.used(report(reports.last ?? "")) == nil)
            let usage = meter.turnEnded(turn)
            prompt = report(reports.first ?? "").prompt
            #expect(usage.tokens.prompt.sum == prompt && usage.tokens.response.sum == 50)
        }
        #expect(first.tokens.prompt.sum == 100 && first.tokens.response.sum == 25)
    }

    @Test(
        "what a connection reports that closes before its first word is its turn's",
        arguments: 1...3)
    func closedEarly(times: Int) {
        var meter = UsageMeter(profile)
        _ = answer(1, &meter)
        #expect(meter.turnEnded(1).tokens.total == 125)
        meter.turnStarted(2)
        for _ in 0..<times {
            _ = meter.used(report(#"{"promptTokenCount":160,"responseTokenCount":50}"#))
            meter.remedied()
            meter.connected()
        }
        meter.received(speech(milliseconds: 1000))
        meter.received(turnComplete)
        _ = meter.used(report(#"{"promptTokenCount":160,"responseTokenCount":50}"#))
        #expect(meter.turnEnded(2).tokens.total == Int64(times + 1) * 210)
    }

    /// Whatever the answer's length: the first report is of the call, the last of what followed.
    @Test(
        "a call and what its result leads to are two bills, if both are reported",
        arguments: [5, 10, 50], ["with", "behind", "late"])
    func called(response: Int, when: String) throws {
        let ofCall = report(#"{"promptTokenCount":160,"responseTokenCount":10}"#)
        var result = ClientMessage()
        result.members = .toolResponse
        var meter = UsageMeter(profile)
        meter.turnStarted(1)
        meter.received(try message(#"{"toolCall":{"functionCalls":[{"id":"1","name":"f"}]}}"#))
        if when == "with" { _ = meter.used(ofCall) }
        if when == "behind" {
            meter.received(speech(milliseconds: 100))
            _ = meter.used(ofCall)
        }
        meter.sent(result)
        if when == "late" { _ = meter.used(ofCall) }
        meter.received(speech(milliseconds: 1000))
        meter.received(turnComplete)
        _ = meter.used(report(#"{"promptTokenCount":220,"responseTokenCount":\#(response)}"#))
        #expect(meter.turnEnded(1).tokens.total == 170 + 220 + Int64(response))
    }

    @Test("a call that is not reported by itself is in the bill of its turn")
    func calledOnce() throws {
        var result = ClientMessage()
        result.members = .toolResponse
        var meter = UsageMeter(profile)
        meter.turnStarted(1)
        meter.received(try message(#"{"toolCall":{"functionCalls":[{"id":"1","name":"f"}]}}"#))
        meter.sent(result)
        for response in [10, 20, 40] {
            meter.received(speech(milliseconds: 400))
            _ = meter.used(
                report(#"{"promptTokenCount":160,"responseTokenCount":\#(response)}"#))
        }
        meter.received(turnComplete)
        #expect(meter.turnEnded(1).tokens.total == 200)
    }

    @Test("what a model billed before another took over is priced as its own")
    func takenOver() {
        let whole = """
            {"promptTokenCount":1000000,\
            "promptTokensDetails":[{"modality":"TEXT","tokenCount":1000000}]}
            """
        var meter = UsageMeter(profile)
        meter.turnStarted(1)
        _ = meter.used(report(whole))
        meter.setProfile(Profiles.builtIn.profile(for: "gemini-9-live"))
        meter.connected()
        meter.received(speech(milliseconds: 1000))
        meter.received(turnComplete)
        _ = meter.used(report(whole))
        #expect(meter.turnEnded(1).cost == 750_000)
    }

    @Test("an interrupted answer's report comes with the turnComplete that follows")
    func interruption() {
        var meter = UsageMeter(profile)
        meter.turnStarted(1)
        meter.received(speech(milliseconds: 1000))
        meter.received(interrupted)
        _ = meter.turnEnded(1)
        meter.received(turnComplete)
        #expect(meter.used(report(full))?.turn == 1)
    }

    @Test("a nudged turn is the sum of both generations, and includes the cost of the nudge")
    func nudged() {
        var meter = UsageMeter(profile)
        meter.turnStarted(1)
        meter.received(turnComplete)
        _ = meter.used(report(#"{"promptTokenCount":100}"#))
        meter.remedied()
        meter.received(speech(milliseconds: 1000))
        meter.received(turnComplete)
        _ = meter.used(report(full))
        let usage = meter.turnEnded(1)
        #expect(usage.tokens.prompt.sum == 200)
        #expect(usage.reported.response.audio == 25)
        #expect(usage.cost == 450)
        #expect(usage.remedyCost == 375)
    }

    @Test("what restores a conversation between turns is added to the turn before it")
    func restored() {
        var meter = UsageMeter(profile)
        _ = answer(1, &meter)
        let before = meter.turnEnded(1)
        meter.connected()
        meter.remedied()
        meter.received(speech(milliseconds: 1000))
        meter.received(turnComplete)
        let both = meter.used(report(full))
        #expect(both?.turn == 1 && both?.reports == 2)
        #expect(both?.tokens.total == 2 * before.tokens.total)
        let remedy = both?.remedyCost ?? 0
        #expect(remedy > 0 && both?.cost == before.cost + remedy)
        _ = answer(2, &meter)
        #expect(meter.turnEnded(2).tokens.total == before.tokens.total)
    }

    @Test("a report alone between turns is the last turn's, and takes nothing from the next")
    func between() {
        var meter = UsageMeter(profile)
        _ = answer(1, &meter)
        _ = meter.turnEnded(1)
        meter.connected()
        #expect(meter.used(report(#"{"promptTokenCount":70}"#))?.reports == 2)
        #expect(answer(2, &meter) == nil)
        #expect(meter.turnEnded(2).reported.response.audio == 25)
    }

    @Test("a turn answered with silence has its own report")
    func silence() {
        var meter = UsageMeter(profile)
        _ = answer(1, &meter)
        _ = meter.turnEnded(1)
        meter.turnStarted(2)
        meter.received(turnComplete)
        #expect(meter.used(report(#"{"promptTokenCount":130}"#)) == nil)
        #expect(meter.turnEnded(2).tokens.prompt.sum == 130)
    }

    @Test("the first words of an unasked answer come with a report before the turn is known")
    func unasked() {
        var meter = UsageMeter(profile)
        meter.received(speech(milliseconds: 1000))
        #expect(meter.used(report(full)) == nil)
        meter.turnStarted(1)
        meter.received(turnComplete)
        #expect(meter.turnEnded(1).reported.response.audio == 25)
    }
}
