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
}
