import Foundation
import Metrics
import Policies
import Sessions
import Testing
import Usage

@Suite("Metrics")
struct MetricsTests {
    /// A value for every label of a metric: one the catalogue knows, where it knows them.
    private func labels(_ metric: Metric, _ value: String = "x") -> [String] {
        zip(metric.definition.labels, metric.definition.values).map { name, values in
            values.isEmpty ? "\(name)-\(value)" : values[value == "a" ? 0 : 1]
        }
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

    @Test("names are unique, legal, and state type and unit as Prometheus requires")
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
                #expect(Set(definition.labels).isDisjoint(with: ["tenant", "model"]), "\(name)")
            }
            #expect(definition.labels.count == definition.values.count, "\(name)")
            #expect(!definition.labels.contains("le"))
        }
    }

    @Test("all names of the contract exist")
    func contract() {
        let names = Set(Catalogue.all.map(\.fullName))
        for name in [
            "sessions_active", "sessions_total", "turns_total", "first_audio_seconds",
            "recovery_seconds", "stalls_total", "nudges_total", "reconnects_total",
            "gemini_closes_total", "client_closes_total", "rule_total", "tokens_total",
            "cost_usd_total", "audio_seconds_total", "bytes_total", "messages_total",
            "forward_seconds", "gemini_rtt_seconds", "tool_calls_total", "breaker_open",
            "policy_reload_success", "buffer_bytes", "budget_usd", "budget_used_usd",
            "ledger_queue", "ledger_lost_total", "conversations_waiting",
            "conversations_oldest_seconds", "conversations_delay_seconds",
            "conversations_lost_total",
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

    @Test("label sets beyond the limit become other, except labels with fixed values")
    func overflow() {
        var shard = Shard(labelSets: 3)
        for number in 0..<10 {
            shard.increment(shard.series(.sessionsActive, ["t\(number)", "m"]))
            shard.increment(shard.series(.turns, ["t\(number)", "m", "answered"]))
            shard.increment(shard.series(.turns, ["t\(number)", "m", "lost"]))
        }
        let snapshot = shard.snapshot()
        #expect(snapshot.value(.sessionsActive, ["t2", "m"]) == 1)
        #expect(snapshot.value(.sessionsActive, ["t3", "m"]) == nil)
        #expect(snapshot.value(.sessionsActive, ["other", "other"]) == 7)
        #expect(snapshot.total(.sessionsActive) == 10)
        #expect(snapshot.total(.turns, where: ["outcome": "lost"]) == 10)
        #expect(snapshot.total(.turns, where: ["tenant": "other"]) == 17)
        // The bound is each metric's own.
        #expect(shard.series(.cost, ["t9", "m"]) != shard.series(.cost, ["other", "other"]))
    }

    @Test("values unknown to the catalogue are counted as other, however many there are")
    func strangeValues() {
        var shard = Shard()
        for number in 0..<5000 {
            shard.increment(shard.series(.stalls, ["t", "m", "kind-\(number)"]))
            let code = Labels.closeCode(UInt16(number))
            shard.increment(shard.series(.clientCloses, ["t", "m", code, "client"]))
        }
        let snapshot = shard.snapshot()
        #expect(snapshot.value(.stalls, ["t", "m", "other"]) == 5000)
        #expect(snapshot.value(.clientCloses, ["t", "m", "1008", "client"]) == 1)
        #expect(snapshot.value(.clientCloses, ["t", "m", "3xxx", "client"]) == 1000)
        #expect(snapshot.value(.clientCloses, ["t", "m", "4xxx", "client"]) == 1000)
        #expect(snapshot.value(.clientCloses, ["t", "m", "other", "client"]) == 2984)
        #expect(snapshot.total(.clientCloses) == 5000)
    }

    @Test("a tenant's model has all its series from the first scrape, at zero")
    func prepared() throws {
        var shard = Shard()
        shard.prepare(tenant: "acme", model: "gemini")
        let text = Exposition.text(shard.snapshot())
        let families = try parseExposition(text)
        for name in [
            "sessions_total", "turns_total", "stalls_total", "nudges_total",
            "recovery_seconds", "first_audio_seconds", "breaker_open", "tool_calls_total",
            "cost_usd_total", "gemini_closes_total", "reconnects_total", "tokens_total",
        ] {
            let family = families.first { $0.name == "turnkeeper_" + name }
            #expect(family?.samples.isEmpty == false, "\(name)")
            #expect(family?.samples.allSatisfy { $0.value == 0 } == true, "\(name)")
        }
        // So much for each tenant and model, so it must not be much.
        #expect(text.count < 48_000)
    }

    @Test("zeros of many models leave room for what is counted")
    func roomForCounts() {
        var shard = Shard(labelSets: 300)
        for number in 0..<10 { shard.prepare(tenant: "acme", model: "gemini-\(number)") }
        let late = ["acme", "gemini-9", "dead", "resumed"]
        shard.increment(shard.series(.reconnects, late))
        #expect(shard.snapshot().value(.reconnects, late) == 1)
    }

    @Test("the catalogue's label values are the ones the program uses")
    func labelValues() {
        func values(_ metric: Metric, _ label: String) -> [String] {
            let definition = metric.definition
            return definition.labels.firstIndex(of: label).map { definition.values[$0] } ?? []
        }
        #expect(values(.sessions, "outcome") == SessionOutcome.allCases.map(\.rawValue))
        #expect(values(.turns, "outcome") == TurnOutcome.allCases.map(\.rawValue))
        #expect(values(.rules, "mode") == Mode.allCases.filter { $0 != .off }.map(\.rawValue))
        #expect(values(.stalls, "kind") == Stall.allCases.map(\.rawValue))
        #expect(values(.geminiCloses, "class") == CloseCause.allCases.map(\.rawValue))
        #expect(
            values(.reconnects, "reason")
                == values(.geminiCloses, "class") + [Trouble.dead.label] + values(.stalls, "kind"))
        #expect(values(.reconnects, "reason").contains(Trouble.goAway.label))
        #expect(
            values(.reconnects, "result")
                == Fact.Means.allCases.map(\.rawValue) + ["failed", "gave_up"])
        #expect(
            values(.nudges, "result") == ["sent"] + Fact.NudgeResult.allCases.map(\.rawValue))
        #expect(values(.limits, "limit") == Limit.allCases.map(\.rawValue))
        let modalities = Modality.allCases.map(\.rawValue).filter { $0 != Shard.rest }
        #expect(values(.tokens, "modality") == modalities + ["thought", "tool"])
        #expect(
            values(.clientCloses, "by")
                == [Fact.Author.client, .gemini, .turnkeeper].map(\.rawValue))
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

    @Test("a snapshot keeps its numbers while the shard continues counting")
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
