import Basics
import Testing

@Suite("Wall-clock time")
struct WallTimeTests {
    @Test(
        "a moment is written and read back",
        arguments: [
            "1970-01-01T00:00:00.000Z", "2026-11-21T04:05:06.789Z", "2024-02-29T23:59:59.999Z",
            "2100-03-01T12:00:00.001Z",
        ])
    func roundTrip(text: String) {
        #expect(WallTime(text)?.description == text)
    }

    @Test("omitted parts are zero")
    func short() {
        #expect(WallTime("2026-11-21")?.description == "2026-11-21T00:00:00.000Z")
        #expect(WallTime("2026-11-21T04:05")?.description == "2026-11-21T04:05:00.000Z")
        #expect(WallTime("2026-11-21T04:05:06Z")?.day == "2026-11-21")
    }

    @Test("times before 1970 are formatted, too")
    func early() {
        #expect(WallTime(nanoseconds: -1_000_000).description == "1969-12-31T23:59:59.999Z")
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "today", "2026-13-01", "2026-11-21 04:05", "2026-11-21T24:00",
            "2026-11-21T04:05:06.7",
            "2026-11-21T04:05x", "99999-01-01", "2026-02-29",
            "2026-04-31", "2100-02-29", "2026-12-32",
        ])
    func refused(text: String) {
        #expect(WallTime(text) == nil)
    }
}
