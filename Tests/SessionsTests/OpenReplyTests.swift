import Basics
import Testing
import Wire

@testable import Sessions

@Suite struct OpenReplyTests {
    private static func message(_ json: String) throws -> (ServerMessage, [UInt8]) {
        let bytes = Array(json.utf8)
        return (try ServerMessage.scan(bytes.span), bytes)
    }

    /// Everything that a session tells a reply, and everything it may have been shown.
    private static let marks: [@Sendable (inout OpenReply) -> Void] = [
        { $0.ended() }, { $0.halfEnded() }, { $0.workWasInterrupted() },
        { $0.workMayHaveBeenInterrupted() }, { $0.forgotPhantom() }, { $0.phantomShown() },
        { $0.interruptionsEnded() }, { $0.superseded() }, { $0.cut() }, { $0.wentOn() },
        { $0.judgedAnew() }, { $0.forgotCalls() }, { $0.called() }, { $0.calledAgain() },
        { $0.lostConnection() }, { $0.endedAtCall() }, { $0.askedAgain() },
        { if $0.repeatedEnds > 0 { $0.hidEnd() } },
    ]

    private static let shown = [
        #"{"serverContent":{"modelTurn":{"parts":[{"text":"a"}]}}}"#,
        #"{"serverContent":{"outputTranscription":{"text":"a"}}}"#,
        #"{"serverContent":{"generationComplete":true}}"#,
        #"{"serverContent":{"interrupted":true}}"#,
        #"{"serverContent":{"turnComplete":true}}"#,
        #"{"serverContent":{"interrupted":true,"turnComplete":true}}"#,
    ]

    @Test("whatever is told of a reply, in any order, it does not contradict itself")
    func consistent() throws {
        let messages = try Self.shown.map(Self.message)
        for seed in 1...200 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            var reply = OpenReply()
            for step in 0..<100 {
                let now = Instant(nanoseconds: 0) + .milliseconds(Int64(step))
                let choice = Int.random(
                    in: 0..<(Self.marks.count + messages.count), using: &random)
                if choice < Self.marks.count {
                    Self.marks[choice](&reply)
                } else {
                    let (message, bytes) = messages[choice - Self.marks.count]
                    reply.shown(message, bytes.span, at: now)
                }
                #expect(reply.isConsistent, "seed \(seed), step \(step)")
            }
        }
    }

    /// Sound of 100 ms, in the message that `rest` completes.
    private static func sound(_ sample: UInt8, _ rest: String = "") -> String {
        let data = Base64.encode([UInt8](repeating: sample, count: 48_000).span)
        let text = String(decoding: data, as: UTF8.self)
        return #"{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"#
            + #""audio/pcm;rate=24000","data":"\#(text)"}}]}\#(rest)}}"#
    }

    @Test("a second of silence, or a few tokens of text, are no answer in a session that speaks")
    func muteness() throws {
        let (words, code) = (Self.shown[1], Self.code)
        let (quiet, loud) = (Self.sound(0), Self.sound(9))
        let end = Self.shown[4]
        let table: [(said: [String], end: String, Stall?)] = [
            ([], end, nil), ([words], end, .textOnly), ([Self.shown[0]], end, .textOnly),
            ([quiet], end, .silentAudio), ([words, quiet], end, .silentAudio),
            ([quiet, loud], end, nil), ([loud, quiet], end, nil), ([loud, words], end, nil),
            ([code], end, nil), ([code, quiet], end, nil),
            // The end may come with the last of it, or with all.
            ([], Self.sound(0, Self.ends), .silentAudio), ([], Self.sound(9, Self.ends), nil),
            ([quiet], Self.sound(9, Self.ends), nil), ([loud], Self.sound(0, Self.ends), nil),
            // An earlier reply is another.
            ([loud, end, quiet], end, .silentAudio), ([loud, end], end, nil),
            ([loud, end], Self.sound(0, Self.ends), .silentAudio),
        ]
        for (row, (said, end, stall)) in table.enumerated() {
            var reply = OpenReply()
            for json in said {
                let (message, bytes) = try Self.message(json)
                reply.shown(message, bytes.span, at: Instant(nanoseconds: 0))
            }
            let (message, bytes) = try Self.message(end)
            let found = reply.muteness(with: message, bytes.span, tokens: 2)
            #expect(found == stall, "row \(row)")
        }
        // Without a report, or with a long one, words may be all that was asked for.
        for tokens in [nil, -1, 11] as [Int64?] {
            var reply = OpenReply()
            let (words, payload) = try Self.message(words)
            reply.shown(words, payload.span, at: Instant(nanoseconds: 0))
            let (message, bytes) = try Self.message(end)
            #expect(reply.muteness(with: message, bytes.span, tokens: tokens) == nil)
        }
    }

    private static let ends = #","generationComplete":true,"turnComplete":true"#
    private static let code =
        #"{"serverContent":{"modelTurn":{"parts":[{"executableCode":{"code":"1"}}]}}}"#
}
