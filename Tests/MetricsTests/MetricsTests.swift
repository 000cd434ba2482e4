import Foundation
import Metrics
import Testing

@Suite("Metrics")
struct MetricsTests {
    /// A value for every label of a metric.
    private func labels(_ metric: Metric, _ value: String = "x") -> [String] {
        metric.definition.labels.map { "\($0)-\(value)" }
    }

    /// Every metric with two label sets and some numbers.
    private func full() -> Shard {
        var shard = Shard()
        for metric in Metric.allCases {
            for value in ["a", "b"] {
                let id = shard.series(metric, labels(metric, value))
                switch metric.definition.kind {
                case .counter, .gauge: shard.add(1.5, to: id)
                case .histogram(let bounds, _):
                    for bound in bounds { shard.observe(bound, in: id) }
                    shard.observe((bounds.last ?? 0) * 2, in: id)
                }
            }
        }
        return shard
    }

    @Test("names are unique, legal, and say type and unit as Prometheus wants")
    func names() {
        #expect(Set(Catalogue.all.map(\.fullName)).count == Metric.allCases.count)
        for (index, definition) in Catalogue.all.enumerated() {
            #expect(definition.metric.rawValue == index)
            let name = definition.fullName
            #expect(name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" }, "\(name)")
            #expect((definition.kind == .counter) == name.hasSuffix("_total"), "\(name)")
            #expect(definition.help.hasSuffix("."), "\(name)")
            switch definition.unit {
            case .none: break
            case .seconds, .bytes, .usd: #expect(name.contains("_\(definition.unit)"), "\(name)")
            }
            if definition.scope == .tenant {
                #expect(definition.labels.starts(with: ["tenant", "model"]), "\(name)")
            } else {
                #expect(definition.labels.isEmpty, "\(name)")
            }
            #expect(!definition.labels.contains("le"))
        }
    }

    @Test("the contract's names are all there")
    func contract() {
        let names = Set(Catalogue.all.map(\.fullName))
        for name in [
            "sessions_active", "sessions_total", "turns_total", "first_audio_seconds",
            "recovery_seconds", "stalls_total", "nudges_total", "reconnects_total",
            "gemini_closes_total", "client_closes_total", "rule_total", "tokens_total",
            "cost_usd_total", "audio_seconds_total", "bytes_total", "messages_total",
            "forward_seconds", "gemini_rtt_seconds", "tool_calls_total", "breaker_open",
            "policy_reload_success", "buffer_bytes", "ledger_queue", "ledger_lost_total",
        ] {
            #expect(names.contains("turnkeeper_" + name), "\(name)")
        }
    }

    @Test("histograms have rising bounds and a reason for them")
    func bounds() {
        for definition in Catalogue.all {
            guard case .histogram(let bounds, let reason) = definition.kind else { continue }
            #expect(bounds == bounds.sorted() && Set(bounds).count == bounds.count)
            #expect(bounds.allSatisfy { $0 > 0 && $0.isFinite })
            #expect(reason.count > 20)
        }
    }

    @Test("every metric survives the strict reader")
    func validity() throws {
        let families = try parseExposition(Exposition.text(full().snapshot()))
        #expect(families.map(\.name) == Catalogue.all.map(\.fullName))
        for (family, definition) in zip(families, Catalogue.all) {
            #expect(family.help == definition.help)
            let names = Set(family.samples.flatMap { $0.labels.map(\.0) })
            #expect(names.subtracting(["le"]) == Set(definition.labels))
        }
    }

    @Test("promtool has no complaint")
    func promtool() throws {
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .map { "\($0)/promtool" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let path else {
            print("skipped: promtool is not installed (Debian package prometheus)")
            return
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["check", "metrics"]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        // Less than a pipe holds, so nothing can wait for anything.
        input.fileHandleForWriting.write(Data(Exposition.text(full().snapshot()).prefix(60_000)))
        try input.fileHandleForWriting.close()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(String(decoding: said, as: UTF8.self))")
    }

    @Test("labels of any text come back as they were")
    func escaping() throws {
        let hostile = "a\"b\\c\nd\u{e9}\u{1F600}{},=#"
        var shard = Shard()
        shard.increment(shard.series(.sessionsActive, [hostile, ""]))
        let families = try parseExposition(Exposition.text(shard.snapshot()))
        #expect(families[0].samples[0].labels.map(\.1) == [hostile, ""])
    }

    @Test("a histogram puts each value into the first bucket that holds it")
    func observing() throws {
        var shard = Shard()
        let id = shard.series(.firstAudio, ["t", "m"])
        for value in [0.0, 0.1, 0.100001, 20, 20.5, -1] { shard.observe(value, in: id) }
        let family = try parseExposition(Exposition.text(shard.snapshot()))[0]
        let buckets = family.samples.filter { $0.name.hasSuffix("_bucket") }.map(\.value)
        #expect(buckets == [3, 4] + Array(repeating: 4, count: 11) + [5, 6])
        #expect(family.samples.first { $0.name.hasSuffix("_count") }?.value == 6)
        let sum = try #require(family.samples.first { $0.name.hasSuffix("_sum") }?.value)
        #expect(abs(sum - 39.700001) < 1e-9)
    }

    @Test("label sets beyond the bound are counted under other")
    func overflow() {
        var shard = Shard(labelSets: 3)
        for number in 0..<10 {
            shard.increment(shard.series(.sessionsActive, ["t\(number)", "m"]))
        }
        let snapshot = shard.snapshot()
        #expect(snapshot.value(.sessionsActive, ["t2", "m"]) == 1)
        #expect(snapshot.value(.sessionsActive, ["t3", "m"]) == nil)
        #expect(snapshot.value(.sessionsActive, ["other", "other"]) == 7)
        #expect(snapshot.total(.sessionsActive) == 10)
        // The bound is each metric's own.
        #expect(shard.series(.cost, ["t9", "m"]) != shard.series(.cost, ["other", "other"]))
    }

    @Test("workers' shards merge by each metric's rule")
    func merging() {
        var one = Shard()
        var two = Shard()
        two.increment(two.series(.cost, ["only", "two"]))
        one.add(2, to: one.series(.cost, ["t", "m"]))
        two.add(3, to: two.series(.cost, ["t", "m"]))
        one.observe(1, in: one.series(.recovery, ["t", "m"]))
        two.observe(100, in: two.series(.recovery, ["t", "m"]))
        one.set(0, at: one.series(.breakerOpen, ["t", "m"]))
        two.set(1, at: two.series(.breakerOpen, ["t", "m"]))
        one.set(0, at: one.series(.policyReload))
        two.set(1, at: two.series(.policyReload))
        let merged = Snapshot(merging: [one.snapshot(), two.snapshot()])
        #expect(merged.value(.cost, ["t", "m"]) == 5)
        #expect(merged.value(.cost, ["only", "two"]) == 1)
        #expect(merged.value(.recovery, ["t", "m"]) == 2)
        #expect(merged.value(.breakerOpen, ["t", "m"]) == 1)
        #expect(merged.value(.policyReload) == 0)
        #expect(merged.total(.cost, where: ["model": "m"]) == 5)
    }

    @Test("the exposition does not depend on the order of counting")
    func order() {
        var one = Shard()
        var two = Shard()
        let names = ["c", "a", "b"]
        for name in names { one.increment(one.series(.sessionsActive, [name, "m"])) }
        for name in names.reversed() { two.increment(two.series(.sessionsActive, [name, "m"])) }
        #expect(Exposition.text(one.snapshot()) == Exposition.text(two.snapshot()))
        #expect(Exposition.text(Shard().snapshot()).isEmpty)
    }

    @Test("a snapshot keeps its numbers while the shard counts on")
    func snapshots() {
        var shard = Shard()
        let id = shard.series(.cost, ["t", "m"])
        shard.increment(id)
        let snapshot = shard.snapshot()
        shard.increment(id)
        #expect(snapshot.value(.cost, ["t", "m"]) == 1)
        #expect(shard.snapshot().value(.cost, ["t", "m"]) == 2)
    }
}
