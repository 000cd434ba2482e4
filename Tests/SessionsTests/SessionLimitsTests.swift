import Basics
import Policies
import Testing

@testable import Sessions

/// `limits.session` and `limits.messages_per_second`: a client that is too fast waits, and is never
/// closed for it; one within its rate is not touched (I4, I6).
@Suite struct SessionLimitsTests {
    private func begun(_ rate: Int, session: Interval = .seconds(7200)) -> SessionLimits {
        var limits = Policy().limits
        limits.messagesPerSecond = rate
        limits.session = session
        var session = SessionLimits()
        session.begin(limits, at: .at(0))
        return session
    }

    @Test(
        "a client within its rate is never stopped, even if all of a second's messages come at once"
    )
    func within() {
        var (limits, out) = (begun(50), Actions())
        for second in 0..<100 as Range<Int64> {
            for _ in 0..<50 { limits.took(at: .at(second * 1000), into: &out) }
        }
        #expect(out.isEmpty && limits.pausedUntil == nil)
    }

    /// A client that sends as fast as it is read.
    @Test(arguments: [1, 10, 500])
    func `a faster one is read at its rate, goes on by itself, and hears of it now and then`(
        rate: Int
    ) {
        var (limits, out) = (begun(rate), Actions())
        var (taken, pauses, notices) = (0, 0, 0)
        var now = Instant.at(0)
        let end = Instant.at(60_000)
        for _ in 0..<1_000_000 where now < end {
            if let until = limits.pausedUntil {
                #expect(until > now && limits.deadline == until)
                // Not too early.
                limits.resume(at: until - .milliseconds(1), into: &out)
                #expect(out.isEmpty && limits.pausedUntil == until)
                now = until
                limits.resume(at: now, into: &out)
                #expect(out.list == [.resume(.client)] && limits.pausedUntil == nil)
            } else {
                limits.took(at: now, into: &out)
                taken += 1
                for action in out.list {
                    switch action {
                    case .pause(.client): pauses += 1
                    case .note(.limitReached(.messagesPerSecond)): notices += 1
                    default: Issue.record("\(action)")
                    }
                }
            }
            out.removeAll()
        }
        // At most a second's worth, and the message that was one too many, above its rate.
        #expect(taken <= rate * 61 + 1 && taken >= rate * 59)
        #expect(pauses > 0 && notices >= 6 && notices <= 7)
    }

    @Test("what was read before the pause took hold counts, and moves its end")
    func late() {
        var (limits, out) = (begun(10), Actions())
        for _ in 0..<12 { limits.took(at: .at(0), into: &out) }
        let first = limits.pausedUntil
        for _ in 0..<10 { limits.took(at: .at(0), into: &out) }
        let later = limits.pausedUntil
        #expect(out.list.count { $0 == .pause(.client) } == 1)
        #expect(first.map { one in later.map { $0 - one == .seconds(1) } ?? false } ?? false)
    }

    @Test("a session lasts as long as its policy says, and a new policy counts from its beginning")
    func length() {
        var limits = begun(10, session: .seconds(60))
        #expect(limits.deadline == .at(60_000))
        #expect(!limits.hasEnded(at: .at(59_999)) && limits.hasEnded(at: .at(60_000)))
        var other = Policy().limits
        other.session = .seconds(90)
        limits.update(other)
        #expect(limits.deadline == .at(90_000) && !limits.hasEnded(at: .at(60_000)))
        // One that has not begun does not end.
        #expect(SessionLimits().deadline == .distantFuture)
    }

    @Test("the first budget that is exhausted is the one that is told")
    func exhausted() {
        var limits = begun(10)
        #expect(!limits.isOver && limits.exhausted == nil)
        limits.exhaust(.sessionUSD, turn: 3)
        limits.exhaust(.dayUSD, turn: 4)
        #expect(limits.isOver && limits.exhausted?.limit == .sessionUSD)
        #expect(limits.exhausted?.turn == 3)
    }
}
