import Basics
import Testing

@Suite struct TimestampTests {
    @Test(
        "times of JSON APIs are read",
        arguments: [
            ("2026-11-21T04:05:06Z", "2026-11-21T04:05:06.000Z"),
            ("2026-11-21t04:05:06.5z", "2026-11-21T04:05:06.500Z"),
            ("2026-11-21T04:05:06.029307+00:00", "2026-11-21T04:05:06.029Z"),
            ("2026-11-21T04:05:06.123456789123-05:30", "2026-11-21T09:35:06.123Z"),
            ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000Z"),
        ])
    func read(text: String, expected: String) {
        #expect(WallTime(rfc3339: text)?.description == expected)
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "2026-11-21", "2026-11-21T04:05:06", "2026-11-21T04:05:06.Z",
            "2026-11-21T04:05:06+1:00", "2026-11-21T04:05:06+25:00", "2026-13-21T04:05:06Z",
            "2026-11-21T24:00:00Z", "tomorrow at noon, at last", "2026-11-21T04:05:06.1.1Z",
        ])
    func refuse(text: String) { #expect(WallTime(rfc3339: text) == nil) }
}
