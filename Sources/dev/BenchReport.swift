/// The tables. Every number is the median of the rounds with the smallest and the largest behind
/// it; what is compared is compared within a round first.
struct BenchReport {
    let samples: [BenchSample]
    let versions: [(BenchPeer, String)]
    let faults: [String]
    let rounds: Int
    let seconds: Double

    /// The tables go beside the other documents when everything was measured, else with the raw
    /// numbers, so that a look in passing never replaces a result.
    func write(_ places: BenchPlaces, complete: Bool) throws {
        let folder = complete ? places.benchmarks : places.out
        let raw = places.out + "/results.json"
        try Files.write(raw, json)
        try Files.write(folder + "/RESULTS.md", text(places))
        let plot = try Child.run(
            [places.python, places.benchmarks + "/plot.py", raw, folder + "/results.svg"],
            seconds: 120, output: places.out + "/plot.log")
        if plot == nil { print("the plot failed: \(Files.read(places.out + "/plot.log") ?? "")") }
        print("wrote RESULTS.md and results.svg in \(complete ? "Benchmarks" : "Benchmarks/out")")
    }

    // MARK: Numbers

    private func values(_ peer: BenchPeer, _ scenario: String, _ key: String) -> [Int: Double] {
        var found: [Int: Double] = [:]
        for sample in samples where sample.peer == peer && sample.scenario.name == scenario {
            found[sample.round] = sample.values[key]
        }
        return found
    }

    /// Median, smallest and largest, as one cell.
    private func cell(_ values: [Double], _ decimals: Int) -> String {
        guard !values.isEmpty else { return "-" }
        let sorted = values.sorted()
        let middle = fixed(BenchReport.median(sorted), decimals)
        guard sorted.count > 1 else { return middle }
        let least = fixed(sorted[0], decimals)
        let most = fixed(sorted[sorted.count - 1], decimals)
        return "\(middle) (\(least)..\(most))"
    }

    static func median(_ sorted: [Double]) -> Double {
        guard !sorted.isEmpty else { return .nan }
        let half = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    }

    private func plain(
        _ peer: BenchPeer, _ scenario: String, _ key: String, _ decimals: Int, scale: Double = 1
    ) -> String {
        cell(values(peer, scenario, key).values.map { $0 * scale }, decimals)
    }

    /// What a peer adds to the unproxied measurement of the same round.
    private func added(_ peer: BenchPeer, _ scenario: String, _ key: String) -> String {
        let control = values(.direct, "voice", key)
        let found = values(peer, scenario, key)
        let differences = found.compactMap { round, value in control[round].map { value - $0 } }
        return peer == .direct ? "(\(cell(Array(found.values), 0)))" : cell(differences, 0)
    }

    /// A peer's number over HAProxy's of the same round.
    private func ratio(_ peer: BenchPeer, _ scenario: String, _ key: String) -> String {
        let base = values(.haproxy, scenario, key)
        let found = values(peer, scenario, key)
        return cell(found.compactMap { round, value in base[round].map { value / $0 } }, 2)
    }

    private func rows(_ scenario: String) -> [BenchPeer] {
        versions.map(\.0).filter { peer in
            samples.contains { $0.peer == peer && $0.scenario.name == scenario }
        }
    }

    // MARK: Text

    private func table(_ head: [String], _ rows: [[String]]) -> String {
        let rule = head.indices.map { $0 == 0 ? "---" : "---:" }
        return ([head, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
            .joined(separator: "\n") + "\n"
    }

    private func voice(_ scenario: String) -> String {
        let head = [
            "", "CPU s per million messages", "of HAProxy's", "up p50", "up p99", "up p99.9",
            "down p50", "down p99", "down p99.9", "round trip p50",
        ]
        let keys = [
            "up_p50", "up_p99", "up_p999", "down_p50", "down_p99", "down_p999", "rtt_p50",
        ]
        return table(
            head,
            rows(scenario).map { peer in
                let cpu =
                    peer == .direct
                    ? ["-", "-"]
                    : [plain(peer, scenario, "cpu", 1), ratio(peer, scenario, "cpu")]
                return [peer.title] + cpu + keys.map { added(peer, scenario, $0) }
            })
    }

    private func saturation(_ scenario: String) -> String {
        let head = [
            "", "thousand messages/s", "of HAProxy's", "CPU s per million", "of HAProxy's",
            "proxy CPU busy", "load CPU busy",
        ]
        return table(
            head,
            rows(scenario).map { peer in
                let proxied = peer != .direct
                return [
                    peer.title, plain(peer, scenario, "rate", 0, scale: 1e-3),
                    ratio(peer, scenario, "rate"),
                    proxied ? plain(peer, scenario, "cpu", 2) : "-",
                    proxied ? ratio(peer, scenario, "cpu") : "-",
                    proxied ? plain(peer, scenario, "busy", 2) : "-",
                    plain(peer, scenario, "load_busy", 2),
                ]
            })
    }

    private func memory() -> String {
        let scenarios = ["idle1000", "idle5000", "idle1000-tls", "idle5000-tls"]
        let present = versions.map(\.0).filter { peer in
            samples.contains { $0.peer == peer && $0.scenario.isIdle }
        }
        return table(
            [
                "KiB", "1,000 sessions", "5,000 sessions", "1,000, TLS upstream",
                "5,000, TLS upstream", "before any session",
            ],
            present.map { peer in
                let cells = scenarios.map { plain(peer, $0, "per_session", 1, scale: 1.0 / 1024) }
                return [peer.title] + cells
                    + [plain(peer, "idle1000", "resident_before", 0, scale: 1.0 / 1024)]
            })
    }

    private func text(_ places: BenchPlaces) throws -> String {
        let day = try Child.run(
            ["date", "-u", "+%F"], seconds: 10, output: places.out + "/date.log")
        let sections: [(String, String, String)] = [
            (
                "Voice load",
                """
                200 sessions, each sending 50 pieces of 20 ms audio a second and hearing, after each \
                25th, 12 frames of 4 KiB and the end of a turn: 15,200 messages a second through the \
                proxy. Latencies are microseconds that the row adds to the same percentile without a \
                proxy in the same round (that one is in brackets): `up` from the moment a piece was \
                due to its arrival, `down` from the moment an answer was made to each of its frames' \
                arrival, `round trip` from the piece that was answered.
                """, voice("voice")
            ),
            (
                "Voice load, TLS to the upstream",
                """
                As above; the certificate and its name are verified. The latencies are still those \
                added to the unencrypted, unproxied control, so they hold the upstream's own \
                decryption too.
                """, voice("voice-tls")
            ),
            (
                "Saturation, frames that coalesce",
                "100 sessions with 8 unanswered messages each; both directions counted.",
                saturation("window8")
            ),
            (
                "Saturation, one frame at a time",
                "200 sessions with 1 unanswered message each.", saturation("window1")
            ),
            (
                "Saturation, frames that coalesce, TLS to the upstream",
                "100 sessions with 8 unanswered messages each.",
                saturation("window8-tls")
            ),
            (
                "Saturation, one frame at a time, TLS to the upstream",
                "200 sessions with 1 unanswered message each.",
                saturation("window1-tls")
            ),
            (
                "Memory per idle session",
                """
                What the process has more resident after so many sessions have exchanged their \
                setup than before, divided by their number. The kernel's socket buffers are not in \
                it.
                """, memory()
            ),
        ]
        let body = sections.filter {
            $0.2.contains("\n| ") && $0.2.split(separator: "\n").count > 2
        }
        .map { "## \($0.0)\n\n\($0.1)\n\n\($0.2)" }.joined(separator: "\n")
        return """
            # Results

            \((day ?? "").prefix(10)). Medians of \(rounds) interleaved rounds of \
            \(fixed(seconds, 0)) s (smallest..largest); memory of two rounds at most. Made by `make \
            bench`; [README](README.md) says how it is measured and what it cannot tell.

            ![CPU, latency, throughput and memory of each peer](results.svg)

            \(machine())

            \(table(["", "version"], versions.map { [$0.0.title, $0.1] }))
            \(body)\(instructions(places))
            ## Read with care

            \(remarks.map { "- " + $0 }.joined(separator: "\n"))

            """
    }

    /// The machine in the terms that matter, without its name.
    private func machine() -> String {
        let info = (Files.read("/proc/cpuinfo") ?? "").split(separator: "\n")
        let model = info.first { $0.hasPrefix("model name") }?.split(separator: ":").last
        let processors = info.count { $0.hasPrefix("processor") }
        let release = (Files.read("/proc/sys/kernel/osrelease") ?? "").split(separator: ".")
        let system = (Files.read("/etc/os-release") ?? "").split(separator: "\n")
            .first { $0.hasPrefix("PRETTY_NAME=") }?.split(separator: "\"").last
        return
            "Machine: \(processors) virtual CPUs (\((model ?? " unknown").drop { $0 == " " })), "
            + "Linux \(release.prefix(2).joined(separator: ".")), \(system ?? "unknown")."
    }

    /// The counted numbers, where `dev bench-instructions` has left them.
    private func instructions(_ places: BenchPlaces) -> String {
        guard let found = Files.read(places.out + "/instructions.md") else { return "" }
        return "\n## Instructions and allocations per forwarded message\n\n\(found)"
    }

    private var remarks: [String] {
        var remarks = faults
        let busy = samples.filter { ($0.values["load_busy"] ?? 0) > 0.97 && !$0.scenario.isIdle }
        let names = BenchPeer.allCases.filter { peer in busy.contains { $0.peer == peer } }
        if !names.isEmpty {
            remarks.append(
                "The clients' CPU was full in some saturation rounds of \(list(names)): those "
                    + "throughputs are a lower bound. CPU per message stays good.")
        }
        let disturbed = samples.filter { ($0.values["others_busy"] ?? 0) > 0.1 }
        if !disturbed.isEmpty {
            remarks.append(
                "In \(disturbed.count) of \(samples.count) measurements other programs used more "
                    + "than a tenth of a CPU, the repetitions included: the machine was not quiet, "
                    + "and messages that wait for a CPU coalesce and look cheap.")
        }
        let late = samples.filter { $0.scenario.load == .voice }.compactMap { $0.values["lag_us"] }
        if let worst = late.max() {
            remarks.append(
                "The clients were at most \(fixed(worst / 1000, 1)) ms late with a piece; that is "
                    + "part of the percentiles above p99 of every row.")
        }
        remarks += [
            "p99 and p99.9 vary between rounds even without a proxy; where the spreads overlap, "
                + "they rank nobody.",
            "HAProxy, nginx, Envoy and the TCP relay forward bytes. Turnkeeper and the Python "
                + "relay read every message; Turnkeeper also applies its ordering rules.",
            "The Python relay is a stand-in for gateways written in Python and is none of them.",
            "Two CPUs, of which the clients and the upstream need one: what two workers gain cannot "
                + "be shown here; that row shares both CPUs with the load.",
            "Everything runs over loopback on a virtual machine: ratios carry over, absolute "
                + "numbers do not.",
        ]
        return remarks
    }

    private func list(_ peers: [BenchPeer]) -> String {
        peers.map(\.title).joined(separator: ", ")
    }

    private var json: String {
        let lines = samples.map { sample in
            let values = sample.values.sorted { $0.key < $1.key }.map {
                "\"\($0.key)\": \($0.value)"
            }
            return "  {\"round\": \(sample.round), \"peer\": \"\(sample.peer.rawValue)\", "
                + "\"title\": \"\(sample.peer.title)\", "
                + "\"scenario\": \"\(sample.scenario.name)\", \(values.joined(separator: ", "))}"
        }
        return "[\n" + lines.joined(separator: ",\n") + "\n]\n"
    }
}
