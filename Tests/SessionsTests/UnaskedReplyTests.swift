import Basics
import Testing

@testable import Sessions

/// I13, I17: what a remedy of ours made the model say twice is hidden, and nothing else: never the
/// answer to something the user has said since, and never for ever.
@Suite struct UnaskedReplyTests {
    private static let all: [UnaskedReply.Cause] = [.context, .nudge, .late, .carriedCall]

    /// Whether it is over at this time; looking changes nothing else.
    private func isOver(_ unasked: UnaskedReply, at milliseconds: Int64) -> Bool {
        var unasked = unasked
        return unasked.isOver(at: .at(milliseconds))
    }

    @Test("a reply is hidden until it ends, or until its time is over")
    func hidden() {
        for cause in Self.all {
            var unasked = UnaskedReply()
            #expect(isOver(unasked, at: 0))
            unasked.expect(cause, until: .at(5000))
            #expect(!isOver(unasked, at: 4999) && unasked.cause == cause)
            #expect(isOver(unasked, at: 5000))
            unasked.expect(cause)
            #expect(!isOver(unasked, at: 1 << 40))
            unasked.end()
            #expect(isOver(unasked, at: 0) && unasked.cause == nil)
        }
    }

    @Test("as long as more of it comes its end is still awaited")
    func goesOn() {
        var unasked = UnaskedReply()
        unasked.expect(.late, until: .at(5000))
        for second in stride(from: Int64(4), to: 100, by: 10) {
            unasked.goesOn(at: .at(second * 1000))
            #expect(!isOver(unasked, at: second * 1000 + 15_000))
        }
        #expect(isOver(unasked, at: 200_000))
    }

    @Test(
        "a question of the user's own is answered in the open; only the answer to context is not"
    )
    func asked() {
        for cause in Self.all {
            for isPatient in [false, true] {
                var unasked = UnaskedReply()
                unasked.expect(cause, until: .at(60_000))
                unasked.asked(isPatient: isPatient)
                #expect(isOver(unasked, at: 0) == (cause != .context), "\(cause)")
            }
        }
    }

    @Test(
        "a nudge that was superfluous brings one second reply, for a while, to a user who is silent"
    )
    func spare() {
        let answered = Instant.at(10_000)
        // Nudged 3 s before: twenty seconds; a slow model: as long again, but a minute at most.
        for (nudged, patience) in [(7000, 20_000), (-10_000, 40_000), (-200_000, 60_000)]
            as [(Int64, Int64)]
        {
            func waiting() -> UnaskedReply {
                var unasked = UnaskedReply()
                unasked.nudged = .at(nudged)
                unasked.turnAnswered(at: answered)
                return unasked
            }
            let last = answered + .milliseconds(patience)
            var unasked = waiting()
            #expect(unasked.mayBeSpare)
            let isSpare = unasked.isSpare(userWasHeard: false, at: last - .milliseconds(1))
            #expect(isSpare && unasked.cause == .nudge && !unasked.mayBeSpare)
            unasked.end()
            // Only one.
            let isAnother = unasked.isSpare(userWasHeard: false, at: answered)
            var late = waiting()
            let isLate = late.isSpare(userWasHeard: false, at: last)
            var heard = waiting()
            let isHeard = heard.isSpare(userWasHeard: true, at: answered)
            var moved = waiting()
            moved.asked()
            let isMoved = moved.isSpare(userWasHeard: false, at: answered)
            #expect(!isAnother && !isLate && !isHeard && !isMoved, "nudged at \(nudged)")
        }
    }

    @Test("without a nudge nothing is spare")
    func noNudge() {
        var unasked = UnaskedReply()
        unasked.turnAnswered(at: .at(0))
        let isSpare = unasked.isSpare(userWasHeard: false, at: .at(1))
        let isCutOff = unasked.isCutOff(at: .at(1))
        let hasCrossed = unasked.hasCrossed(at: .at(1))
        #expect(!isSpare && !isCutOff && !hasCrossed && !unasked.mayCallAgain)
    }

    @Test("`interrupted` may belong to a second reply that nobody heard, once")
    func cutOff() {
        for userAsked in [false, true] {
            var unasked = UnaskedReply()
            unasked.nudged = .at(0)
            unasked.turnAnswered(at: .at(1000))
            if userAsked { unasked.asked() }
            let first = unasked.isCutOff(at: .at(2000))
            let second = unasked.isCutOff(at: .at(2000))
            #expect(first && !second)
        }
        // Or to one that was given up, within its time.
        var late = UnaskedReply()
        late.expect(.late, until: .at(5000))
        late.asked()
        var later = late
        let (isInTime, isTooLate) = (late.isCutOff(at: .at(4999)), later.isCutOff(at: .at(5000)))
        #expect(isInTime && !isTooLate)
    }

    @Test("an end that crossed with the question is recognised once, within its time")
    func crossed() {
        for (moment, isCrossed) in [(999, true), (1000, false)] as [(Int64, Bool)] {
            var unasked = UnaskedReply()
            unasked.mayCross(until: .at(1000))
            let (first, second) = (
                unasked.hasCrossed(at: .at(moment)), unasked.hasCrossed(at: .at(moment))
            )
            #expect(first == isCrossed && !second)
        }
    }

    @Test(
        "I8: a second reply may make the calls of the first again, which an uninterruptible model owes"
    )
    func callsAgain() {
        var unasked = UnaskedReply()
        unasked.nudged = .at(0)
        #expect(unasked.mayCallAgain)
        var patient = unasked
        patient.asked(isPatient: true)
        #expect(patient.mayCallAgain)
        patient.asked(isPatient: true)
        #expect(patient.mayCallAgain)
        patient.asked()
        unasked.asked()
        #expect(!patient.mayCallAgain && !unasked.mayCallAgain)
    }
}
