import Basics
import Testing

@testable import Ledger

@Suite("A clock that is not the database's")
struct ClockWatchTests {
    @Test("each jump is told, and no clock twice")
    func jumps() {
        var watch = ClockWatch()
        func told(_ seconds: Int64) -> String? { watch.notice(behind: .seconds(seconds)) }
        #expect(told(0) == nil && told(60) == nil && told(-60) == nil)
        #expect(told(-3600) == "this machine's clock is 3600 s ahead of the database's")
        #expect(told(-3601) == nil && told(-3580) == nil)
        #expect(told(3600) == "this machine's clock is 3600 s behind the database's")
        #expect(told(172_800) == "this machine's clock is 172800 s behind the database's")
        // A slow one is told of once a minute that it has lost.
        #expect(told(172_860) == nil)
        #expect(told(172_861)?.contains("172861") == true)
        #expect(told(1) == nil)
        #expect(told(172_861)?.contains("172861") == true)
    }
}
