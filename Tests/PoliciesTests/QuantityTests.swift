import Basics
import Policies
import Testing

@Suite("Durations, sizes and amounts")
struct QuantityTests {
    private func pause(_ text: String) throws -> Interval? {
        try readDefault("turns: { pause: \(text) }")?.turns.pause
    }

    @Test(
        "durations are read to the nanosecond",
        arguments: [
            ("200ms", 200_000_000), ("200.5ms", 200_500_000), ("1.2s", 1_200_000_000),
            ("0.2s", 200_000_000), ("1m", 60_000_000_000), ("0.000100h", 360_000_000),
            ("1.000001s", 1_000_001_000), ("007s", 7_000_000_000), ("\"3s\"", 3_000_000_000),
            ("60s", 60_000_000_000),
        ] as [(String, Int64)])
    func durations(text: String, nanoseconds: Int64) throws {
        #expect(try pause(text) == Interval(nanoseconds: nanoseconds))
    }

    @Test(
        "what is no duration is refused",
        arguments: [
            "1", "0", "s", "ms", ".5s", "5.s", "1..2s", "1e3s", "+1s", "-1s", "1S", "1 s", "1s ",
            "0x10s", "١s", "1_000ms", "9ms", "600.000001s", "9223372036854775807h",
            "9223372036854775808ms", "18446744073709551616s", "2562047.999999h", "1.0000001s",
            "1s2ms", "∞", "null", "[]", "{}", "''",
        ])
    func badDurations(text: String) {
        let quoted = text.hasSuffix(" ") ? "\"\(text)\"" : text
        #expect(complaints(read([("default.yaml", "turns: { pause: \(quoted) }")])).count == 1)
    }

    @Test(
        "sizes are powers of 1024",
        arguments: [
            ("1024B", 1024), ("64KiB", 65_536), ("2MiB", 2 << 20), ("256MiB", 256 << 20),
        ])
    func sizes(text: String, bytes: Int) throws {
        #expect(try readDefault("limits: { message: \(text) }")?.limits.message == bytes)
    }

    @Test(
        "what is no size is refused",
        arguments: [
            "1024", "1kB", "1MB", "1.5MiB", "-1MiB", "KiB", "257MiB", "9223372036854775807KiB",
            "8589934592GiB", "1mib", "1 MiB", "99999999999999999999999999B",
        ])
    func badSizes(text: String) {
        #expect(complaints(read([("default.yaml", "limits: { message: \(text) }")])).count == 1)
    }

    @Test(
        "dollars are kept in millionths",
        arguments: [
            ("25", 25_000_000), ("0.50", 500_000), ("0.000001", 1), ("0", 0),
            ("1000000", 1_000_000_000_000),
        ] as [(String, Int64)])
    func dollars(text: String, micro: Int64) throws {
        #expect(try readDefault("budget: { day_usd: \(text) }")?.budget.dayMicroUSD == micro)
    }

    @Test("any interval in range is shown so that it reads back the same")
    func durationsReadBack() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<2000 {
            let bound = Int64(1) << Int64.random(in: 0...45, using: &random)
            let step: Int64 = [1_000, 1_000_000, 1_000_000_000, 60_000_000_000].randomElement(
                using: &random)!
            let nanoseconds = min(
                Int64.random(in: 0...bound, using: &random) / step * step, 60_000_000_000)
            var policy = Policy()
            policy.recovery.backoff = [Interval(nanoseconds: nanoseconds)]
            let setting = Policy.schema.settings.first { $0.path == "recovery.backoff" }
            let shown = try #require(setting?.show(policy))
            let again = try readDefault("recovery: { backoff: \(shown) }")
            #expect(again?.recovery.backoff == policy.recovery.backoff, "\(shown)")
        }
    }
}
