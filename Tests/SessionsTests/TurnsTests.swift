import Basics
import Testing
import Wire

@testable import Sessions

/// I7: every turn ends as exactly one of `answered`, `interrupted`, `silent` and `lost`, with one
/// fact for it, whatever happens in whichever order.
@Suite struct TurnsTests {
    private static func spoke(_ turns: inout Turns, _ at: Int64, _ out: inout Actions) {
        turns.spoke(at: .at(at), hasAudio: true, isWritten: false, into: &out)
    }

    private typealias Step = @Sendable (inout Turns, Instant, inout Actions) -> Void

    private static let steps: [Step] = [
        { turns, now, out in turns.asked(.audio, at: now, into: &out) },
        { turns, now, out in
            let rest = Turns.Rest(until: now + .seconds(1), lull: .seconds(1), isSpoken: true)
            turns.asked(.text, isProven: false, rest: rest, at: now, into: &out)
        },
        { turns, now, out in
            turns.spoke(at: now, hasAudio: true, isWritten: false, into: &out)
        },
        { turns, now, out in
            turns.spoke(at: now, hasAudio: false, isWritten: true, into: &out)
        },
        { turns, _, out in turns.completed(.answered, into: &out) },
        { turns, _, out in turns.completed(.silent, into: &out) },
        { turns, _, out in turns.abandoned(.lost, into: &out) },
        { turns, _, out in _ = turns.interrupted(isStillAsking: false, into: &out) },
        { turns, _, out in _ = turns.interrupted(isStillAsking: true, into: &out) },
        { turns, now, _ in turns.sawWork(at: now) },
        { turns, now, _ in turns.sawTranscript(at: now) },
        { turns, _, _ in turns.sawEnd() },
        { turns, now, _ in _ = turns.called(at: now) },
        { turns, now, _ in turns.toolAnswered(tail: .seconds(1), isEnded: false, at: now) },
        { turns, now, _ in turns.toolAnswered(tail: nil, isEnded: true, at: now) },
        { turns, now, _ in turns.restarted(at: now) },
        { turns, _, _ in turns.nudged() },
        { turns, _, _ in turns.judgedUnanswered() },
        { turns, _, _ in if turns.state == .asked { turns.continued() } },
        { turns, _, _ in if turns.state == .asked, turns.awaitsRest { turns.hadNoRest() } },
        { turns, _, _ in turns.progressed([.inProgress]) },
        { turns, _, _ in turns.progressed([.idle]) },
        { turns, _, _ in turns.interruptionCompleted() },
        { turns, _, _ in turns.callsWithdrawn() },
    ]

    @Test(arguments: Array(1...100) as [UInt64])
    func `every turn begins once and ends once, in order`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var (turns, out) = (Turns(), Actions())
        var (now, begun, open) = (Instant.at(0), 0, false)
        for _ in 0..<300 {
            now = now + .milliseconds(Int64.random(in: 0...3000, using: &random))
            Self.steps[Int.random(in: 0..<Self.steps.count, using: &random)](&turns, now, &out)
            for fact in out.facts {
                switch fact {
                case .turnStarted(let number, _):
                    #expect(!open && number == begun + 1)
                    (begun, open) = (number, true)
                case .turnEnded(let number, _):
                    #expect(open && number == begun)
                    open = false
                case .firstAudio(let number, let after), .firstText(let number, let after):
                    #expect(open && number == begun && after >= .zero)
                default: Issue.record("\(fact)")
                }
            }
            out.removeAll()
            #expect(turns.isIdle == !open && turns.number == begun)
        }
        // All outcomes may end one, and nothing else is needed for that.
        turns.abandoned(.lost, into: &out)
        #expect(out.facts == (open ? [.turnEnded(begun, .lost)] : []))
        #expect(turns.isIdle)
    }

    @Test("the first sound is timed from the end of the question, once, whatever came before it")
    func firstSound() {
        var (turns, out) = (Turns(), Actions())
        turns.asked(.audio, at: .at(1000), into: &out)
        turns.sawTranscript(at: .at(1500))
        turns.sawWork(at: .at(2000))
        for moment in [4000, 4100] as [Int64] { Self.spoke(&turns, moment, &out) }
        turns.completed(.answered, into: &out)
        #expect(
            out.facts == [
                .turnStarted(1, .audio), .firstAudio(1, after: .seconds(3)),
                .turnEnded(1, .answered),
            ])
    }

    @Test("after a tool's result it is timed from the result, not from the question")
    func firstSoundOfResult() {
        var (turns, out) = (Turns(), Actions())
        turns.asked(.audio, at: .at(0), into: &out)
        #expect(turns.called(at: .at(2000)) == .seconds(2))
        // A session takes a call for the model's work on its answer. A second one is no first
        // reaction.
        turns.spoke(at: .at(2000), hasAudio: false, isWritten: false, into: &out)
        #expect(turns.called(at: .at(2100)) == nil)
        turns.toolAnswered(tail: nil, isEnded: false, at: .at(10_000))
        Self.spoke(&turns, 10_700, &out)
        #expect(out.facts.last == .firstAudio(1, after: .milliseconds(700)))
    }

    @Test("speech that nobody asked for is a turn as well, of which no waiting time is known")
    func unasked() {
        var (turns, out) = (Turns(), Actions())
        Self.spoke(&turns, 500, &out)
        turns.completed(.answered, into: &out)
        #expect(out.facts == [.turnStarted(1, .none), .turnEnded(1, .answered)])
    }

    @Test("a question over an answer interrupts it, and that answer's end ends nothing")
    func bargeIn() {
        var (turns, out) = (Turns(), Actions())
        turns.asked(.audio, at: .at(0), into: &out)
        Self.spoke(&turns, 1000, &out)
        out.removeAll()
        let rest = Turns.Rest(until: .at(3000), lull: .zero, isSpoken: true)
        turns.asked(.audio, rest: rest, at: .at(2000), into: &out)
        #expect(out.facts == [.turnEnded(1, .interrupted), .turnStarted(2, .audio)])
        #expect(turns.owesTurnComplete && turns.followsInterruption)
        // What comes now is the rest of the first answer, and no reaction to the second question.
        #expect(turns.isRest(at: .at(2900)) && !turns.isRest(at: .at(3000)))
        #expect(turns.interrupted(isStillAsking: false, into: &out) == false)
        turns.interruptionCompleted()
        #expect(turns.state == .asked && !turns.owesTurnComplete)
        // The answer that follows is the second question's.
        Self.spoke(&turns, 4000, &out)
        turns.completed(.answered, into: &out)
        #expect(out.facts.last == .turnEnded(2, .answered))
        turns.asked(.audio, at: .at(9000), into: &out)
        #expect(!turns.followsInterruption && !turns.owesTurnComplete)
    }

    @Test("`interrupted` ends the answer that is being spoken, and the next question follows that")
    func interrupted() {
        var (turns, out) = (Turns(), Actions())
        turns.asked(.audio, at: .at(0), into: &out)
        Self.spoke(&turns, 1000, &out)
        #expect(turns.interrupted(isStillAsking: false, into: &out))
        #expect(out.facts.last == .turnEnded(1, .interrupted))
        #expect(turns.owesTurnComplete)
        turns.asked(.audio, at: .at(3000), into: &out)
        #expect(turns.followsInterruption)
    }

    /// Failure catalogue 16.4.
    @Test("the tail of the sentence before a call is not the answer to its result")
    func oldSentence() {
        var (turns, out) = (Turns(), Actions())
        turns.asked(.audio, at: .at(0), into: &out)
        Self.spoke(&turns, 1000, &out)
        turns.toolAnswered(tail: .seconds(2), isEnded: false, at: .at(3000))
        Self.spoke(&turns, 4000, &out)
        turns.sawEnd()
        #expect(turns.awaitsAfterTool)
        #expect(!turns.hasIgnoredResult(for: .seconds(4), at: .at(6900)))
        #expect(turns.hasIgnoredResult(for: .seconds(4), at: .at(7000)))
        // Sound from after that time is the answer.
        Self.spoke(&turns, 8000, &out)
        #expect(!turns.awaitsAfterTool)
        #expect(!turns.hasIgnoredResult(for: .seconds(4), at: .at(20_000)))
        #expect(out.facts.last == .firstAudio(1, after: .seconds(5)))
    }

    @Test("where the sentence before the call had its own end, the next end is the answer's")
    func endedSentence() {
        var (turns, out) = (Turns(), Actions())
        turns.asked(.audio, at: .at(0), into: &out)
        Self.spoke(&turns, 1000, &out)
        turns.toolAnswered(tail: .seconds(2), isEnded: true, at: .at(3000))
        Self.spoke(&turns, 3100, &out)
        #expect(turns.awaitsAfterTool)
        turns.sawEnd()
        #expect(!turns.awaitsAfterTool)
    }

    @Test("I9: signs of work move the stall clocks, and mean nothing when no turn waits")
    func clocks() {
        var (turns, out) = (Turns(), Actions())
        turns.sawWork(at: .at(500))
        turns.sawTranscript(at: .at(500))
        #expect(turns.waitingSince == .at(0) && !turns.isTranscribed)
        turns.asked(.audio, isProven: false, at: .at(1000), into: &out)
        #expect(turns.waitingSince == .at(1000) && turns.isUnproven)
        turns.sawTranscript(at: .at(2000))
        #expect(turns.waitingSince == .at(2000) && turns.isTranscribed && !turns.isUnproven)
        turns.sawWork(at: .at(3000))
        #expect(turns.waitingSince == .at(3000))
        #expect(turns.isUnanswered(for: .seconds(3), at: .at(3999)))
        #expect(!turns.isUnanswered(for: .seconds(3), at: .at(4000)))
        Self.spoke(&turns, 5000, &out)
        #expect(!turns.isUnanswered(for: .seconds(9), at: .at(5000)))
    }

    @Test(
        "I13, I17: what was asked again, or cut off, is judged anew; budgets begin with each turn")
    func again() {
        var (turns, out) = (Turns(), Actions())
        turns.asked(.audio, at: .at(0), into: &out)
        turns.nudged()
        turns.moves = 2
        #expect(turns.nudges == 1 && turns.isSaidAgain)
        Self.spoke(&turns, 5000, &out)
        #expect(!turns.isSaidAgain)
        turns.restarted(at: .at(6000))
        #expect(turns.state == .asked && turns.waitingSince == .at(6000) && turns.isSaidAgain)
        turns.continued()
        #expect(turns.awaitsRest && turns.continuations == 1)
        turns.hadNoRest()
        #expect(turns.state == .answering && !turns.awaitsRest)
        turns.completed(.answered, into: &out)
        turns.asked(.audio, at: .at(9000), into: &out)
        #expect((turns.nudges, turns.moves, turns.continuations) == (0, 0, 0))
        #expect(!turns.isSaidAgain)
    }

    @Test("silence where it is legal is reported once for a run, and an answer ends the run")
    func silences() {
        var (turns, out) = (Turns(), Actions())
        #expect((0..<4).map { _ in turns.isSilentRun() } == [false, true, false, false])
        Self.spoke(&turns, 0, &out)
        #expect((0..<2).map { _ in turns.isSilentRun() } == [false, true])
    }

    @Test("only IDLE ends the work of a family that says so")
    func progress() {
        var (turns, out) = (Turns(), Actions())
        turns.asked(.audio, at: .at(0), into: &out)
        turns.progressed([.inProgress])
        Self.spoke(&turns, 1000, &out)
        #expect(turns.isInProgress)
        turns.progressed([.turnComplete])
        #expect(turns.isInProgress)
        turns.progressed([.idle, .turnComplete])
        #expect(!turns.isInProgress)
    }
}
