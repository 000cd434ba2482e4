import Basics
import Policies
import Testing

@testable import Sessions

@Suite struct ResponseTimesTests {
    private let profile = Profile()

    private func patience(_ times: ResponseTimes) -> LearnedClocks { times.patience(profile) }

    /// What a nudge does to a model that was only slow.
    enum Nudged: CaseIterable { case nothing, restarts, isAnsweredByItself }

    /// One turn of a model whose own pace is `pace`, watched by what was learned so far. Returns how
    /// long it took, and how many remedies it had.
    private func turn(
        _ times: inout ResponseTimes, pace: Interval, nudged: Nudged
    ) -> (wait: Interval, remedies: Int) {
        let clocks = times.patience(profile)
        guard pace > clocks.soft else {
            times.add(pace)
            return (pace, 0)
        }
        let sound = nudged == .restarts ? clocks.soft + pace : pace
        guard sound > clocks.hard else {
            times.add(sound, late: sound - clocks.soft)
            return (sound, 1)
        }
        times.add(clocks.hard + pace, late: pace)
        return (clocks.hard + pace, 2)
    }

    @Test(
        "a slow model costs one needless nudge, and has its own time from then on",
        arguments: [5, 9, 12].flatMap { pace in Nudged.allCases.map { (pace, $0) } })
    func slow(pace: Int, nudged: Nudged) {
        var times = ResponseTimes()
        var remedies = 0
        let own = Interval.seconds(Int64(pace))
        for number in 1...200 {
            let (wait, needless) = turn(&times, pace: own, nudged: nudged)
            remedies += needless
            if number >= 3 { #expect(wait == own) }
        }
        #expect(remedies == 1)
    }

    @Test("a model that becomes slow after a thousand fast answers costs one nudge, too")
    func creep() {
        var times = ResponseTimes()
        for _ in 0..<1000 { times.add(.milliseconds(600)) }
        #expect(patience(times) == LearnedClocks(soft: .seconds(4), hard: .seconds(8)))
        var remedies = 0
        for _ in 0..<500 { remedies += turn(&times, pace: .seconds(9), nudged: .nothing).remedies }
        // The move that a fast model is given after eight seconds may come on top.
        #expect(remedies <= 2)
    }

    @Test("one fast answer is enough for the profile's clocks")
    func fast() {
        var times = ResponseTimes()
        #expect(patience(times) == LearnedClocks(soft: .seconds(4), hard: .seconds(18)))
        times.add(.milliseconds(800))
        #expect(patience(times) == LearnedClocks(soft: .seconds(4), hard: .seconds(8)))
    }

    @Test("freezes that a remedy cured teach a fast model's watch nothing")
    func cured() {
        var times = ResponseTimes()
        times.add(.milliseconds(800))
        for _ in 0..<50 { times.add(.milliseconds(5200), late: .milliseconds(1200)) }
        #expect(patience(times) == LearnedClocks(soft: .seconds(4), hard: .seconds(8)))
    }

    @Test("a doubt fades with the answers that no remedy preceded")
    func fades() {
        var times = ResponseTimes()
        times.add(.seconds(12), late: .seconds(8))
        #expect(patience(times).soft == .seconds(14))
        for _ in 0..<8 { times.add(.milliseconds(700)) }
        #expect(patience(times) == LearnedClocks(soft: .seconds(4), hard: .seconds(8)))
    }

    @Test("no model is waited for longer than three times as long as its family, and a margin")
    func bound() {
        var times = ResponseTimes()
        for _ in 0..<5000 { times.add(.seconds(300)) }
        #expect(patience(times) == LearnedClocks(soft: .seconds(14), hard: .seconds(24)))
    }

    @Test("the slowest in twenty count, and what was long ago weighs less than what is now")
    func forgets() {
        var times = ResponseTimes()
        for _ in 0..<96 { times.add(.seconds(3)) }
        for _ in 0..<4 { times.add(.seconds(50)) }
        let soft = patience(times).soft
        #expect(soft >= .seconds(5) && soft <= .milliseconds(5300))
        for _ in 0..<1000 { times.add(.seconds(9)) }
        for _ in 0..<4000 { times.add(.seconds(1)) }
        #expect(patience(times).soft == .seconds(4))
    }
}
