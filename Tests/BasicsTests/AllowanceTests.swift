import Basics
import Testing

@Suite struct AllowanceTests {
    @Test func `a burst is told, then one a second, and how many were left out`() {
        var allowance = Allowance()
        var now = Instant(nanoseconds: 0)
        #expect((0..<30).allSatisfy { _ in allowance.take(at: now) == 0 })
        #expect((0..<100).allSatisfy { _ in allowance.take(at: now) == nil })
        now = now + .milliseconds(999)
        #expect(allowance.take(at: now) == nil)
        now = now + .milliseconds(1)
        #expect(allowance.take(at: now) == 101)
        #expect(allowance.take(at: now) == nil)
        now = now + .seconds(3600)
        #expect(allowance.take(at: now) == 1)
        #expect((0..<29).allSatisfy { _ in allowance.take(at: now) == 0 })
        #expect(allowance.take(at: now) == nil)
    }
}
