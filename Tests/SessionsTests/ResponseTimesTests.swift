import Basics
import Policies
import Testing

@testable import Sessions

@Suite struct ResponseTimesTests {
    private let family = LearnedClocks(soft: Profile().soft, hard: Profile().hard)
    private let usual = LearnedClocks(soft: .seconds(4), hard: .seconds(18))

    /// What a nudge does to a model that was only slow.
    enum Nudged: CaseIterable, Sendable { case nothing, restarts, isAnsweredByItself }

    /// One turn of a model whose own pace is `pace`, watched by what was learned so far. Returns how
    /// long it took, and how many remedies it had.
    private func turn(
        _ times: inout ResponseTimes, pace: Interval, nudged: Nudged
    ) -> (wait: Interval, remedies: Int) {
        let clocks = times.clocks(family: family)
        guard pace > clocks.soft else {
            times.add(pace)
            return (pace, 0)
        }
        let sound = nudged == .restarts ? clocks.soft + pace : pace
        guard sound > clocks.hard else {
            times.add(doubtful: sound, sinceRemedy: sound - clocks.soft)
            return (sound, 1)
        }
        times.add(doubtful: pace, sinceRemedy: pace)
        return (clocks.hard + pace, 2)
    }

    @Test(
        "a slow model costs one needless nudge, and has its own time from then on",
        arguments: [5, 9, 12].flatMap { pace in Nudged.allCases.map { (pace, $0) } })
    func slow(pace: Int64, nudged: Nudged) {
        var times = ResponseTimes()
        var remedies = 0
        for number in 1...500 {
            let (wait, needless) = turn(&times, pace: .seconds(pace), nudged: nudged)
            remedies += needless
            if number >= 2 { #expect(wait == .seconds(pace)) }
        }
        #expect(remedies == 1)
    }

    @Test("a model that becomes slow after a thousand fast answers costs a nudge, and no more")
    func creep() {
        var times = ResponseTimes()
        for _ in 0..<1000 { times.add(.milliseconds(600)) }
        #expect(times.clocks(family: family) == usual)
        var remedies = 0
        for _ in 0..<500 {
            remedies += turn(&times, pace: .seconds(9), nudged: .nothing).remedies
        }
        #expect(remedies == 1)
    }

    @Test(
        "one slow answer among fast ones costs a nudge, and is waited for",
        arguments: Nudged.allCases)
    func once(nudged: Nudged) {
        for pace in [Int64(5), 9, 12] {
            var times = ResponseTimes()
            for _ in 0..<6 { times.add(.milliseconds(300)) }
            #expect(turn(&times, pace: .seconds(pace), nudged: nudged).remedies == 1)
        }
    }

    @Test("a model without history is nudged in time, and one answer brings the usual clocks")
    func unheard() {
        var times = ResponseTimes()
        #expect(
            times.clocks(family: family) == LearnedClocks(soft: .seconds(4), hard: .seconds(18)))
        times.add(.milliseconds(800))
        #expect(times.clocks(family: family) == usual)
    }

    @Test("freezes that a remedy cured teach nothing about a fast model")
    func cured() {
        var times = ResponseTimes()
        times.add(.milliseconds(800))
        for _ in 0..<50 {
            times.add(doubtful: .milliseconds(5200), sinceRemedy: .milliseconds(1200))
        }
        #expect(times.clocks(family: family) == usual)
    }

    @Test("a freeze of the first turn that another connection cured leaves no patience behind")
    func frozenFirst() {
        var times = ResponseTimes()
        times.add(doubtful: .milliseconds(900), sinceRemedy: .milliseconds(900))
        #expect(times.clocks(family: family) == usual)
    }

    @Test("a doubt fades with answers without a remedy")
    func fades() {
        var times = ResponseTimes()
        times.add(doubtful: .seconds(12), sinceRemedy: .seconds(8))
        #expect(
            times.clocks(family: family) == LearnedClocks(soft: .seconds(14), hard: .seconds(24)))
        for _ in 0..<8 { times.add(.milliseconds(700)) }
        #expect(times.clocks(family: family) == usual)
    }

    @Test("a needless nudge that is answered by itself teaches the pace of the real answer")
    func answersTheNudge() {
        for pace in [Int64(5), 9, 12] {
            var times = ResponseTimes()
            times.add(.milliseconds(700))
            times.hear(
                .soundedLate(
                    wait: .milliseconds(4300), sinceRemedy: .milliseconds(300), isFirst: false))
            times.hear(.soundedAgain(after: .seconds(pace)))
            for _ in 0..<100 {
                #expect(turn(&times, pace: .seconds(pace), nudged: .nothing).remedies == 0)
            }
        }
    }

    @Test("one slow answer in ten, each with a second to its nudge, costs a few nudges at most")
    func answersTheNudgeAtTimes() {
        var times = ResponseTimes()
        var nudges = 0
        for number in 0..<1000 {
            let pace = Interval.seconds(number % 10 == 9 ? 9 : 1)
            guard pace > times.clocks(family: family).soft else {
                times.add(pace)
                continue
            }
            nudges += 1
            times.hear(.soundedAgain(after: pace))
        }
        #expect(nudges <= 2)
    }

    @Test("a model's longest pause is known until some hundred answers had none as long")
    func pauses() {
        var times = ResponseTimes()
        #expect(times.clocks(family: family).frozen == .zero)
        times.hear(.paused(.seconds(12)))
        times.hear(.paused(.seconds(7)))
        for _ in 0..<200 {
            #expect(times.clocks(family: family).frozen == .seconds(14))
            times.add(.seconds(1))
        }
        for _ in 0..<400 { times.add(.seconds(1)) }
        #expect(times.clocks(family: family) == usual)
        // However long it is, a freeze is found.
        times.hear(.paused(.seconds(300)))
        #expect(times.clocks(family: family).frozen == .seconds(24))
    }

    @Test("no model is waited for longer than three times its family's clock, plus a margin")
    func bound() {
        var times = ResponseTimes()
        for _ in 0..<5000 { times.add(.seconds(300)) }
        #expect(
            times.clocks(family: family) == LearnedClocks(soft: .seconds(14), hard: .seconds(24)))
    }

    @Test("the slowest one in twenty counts, and old answers weigh less than new ones")
    func forgets() {
        var times = ResponseTimes()
        for _ in 0..<96 { times.add(.seconds(3)) }
        for _ in 0..<4 { times.add(.seconds(50)) }
        let soft = times.clocks(family: family).soft
        #expect(soft >= .seconds(5) && soft <= .milliseconds(5300))
        for _ in 0..<1000 { times.add(.seconds(9)) }
        for _ in 0..<4000 { times.add(.seconds(1)) }
        #expect(times.clocks(family: family) == usual)
    }
}
