import Basics
import CLinux
import Metrics

/// `dev bench-scrape`: what a scrape costs with 5,000 sessions open, and what it costs them.
///
/// Three paces of scraping take turns over several rounds, under the same load: none, one a second (fifteen
/// times as often as usual), ten a second. Writes a table beside the other results.
struct BenchScrape {
    private let places: BenchPlaces
    private let sessions: Int
    private let rounds: Int
    private let seconds: Double
    private let isWhole: Bool

    static let known = ["--sessions", "--rounds", "--seconds"]

    /// Scrapes a second.
    private static let paces = [0.0, 1, 10]

    init(_ options: Options) throws {
        if let stranger = options.unknown(besides: BenchScrape.known) {
            throw BenchError("bench-scrape knows no \(stranger)")
        }
        places = try BenchPlaces()
        sessions = options.int("--sessions") ?? 5000
        rounds = options.int("--rounds") ?? 5
        seconds = options.double("--seconds") ?? 10
        isWhole = sessions == 5000 && rounds >= 5
    }

    /// Of one round at one pace.
    private struct Sample {
        let pace: Double
        var load: [String: Double]
        var walls: [Double] = []
        var bytes = 0
    }

    func run() throws {
        try places.makeCertificates()
        var samples: [Sample] = []
        for round in 1...max(1, rounds) {
            let first = round % Self.paces.count
            for pace in Self.paces[first...] + Self.paces[..<first] {
                let sample = try measure(pace)
                let walls = sample.walls.sorted()
                print(
                    "round \(round), \(pace) scrapes a second: CPU \(shown(sample, "cpu", 2)) us a",
                    "message, rtt p50 \(shown(sample, "rtt_p50", 0)) us, p99",
                    "\(shown(sample, "rtt_p99", 0)) us, scrape \(fixed(BenchReport.median(walls), 2)) ms,",
                    "\(sample.bytes) bytes")
                flushOutput()
                samples.append(sample)
            }
        }
        let folder = isWhole ? places.benchmarks : places.out
        try Files.write(folder + "/SCRAPE.md", report(samples))
        print("wrote \(folder)/SCRAPE.md")
    }

    private func shown(_ sample: Sample, _ key: String, _ decimals: Int) -> String {
        fixed(sample.load[key] ?? .nan, decimals)
    }

    // MARK: Measuring

    private func measure(_ pace: Double) throws -> Sample {
        let upstream = try BenchUpstreamProcess(places)
        defer { upstream.child.end() }
        let (port, admin) = (try freePort(), try freePort())
        var command = try BenchPeer.turnkeeper.command(
            BenchPeer.Place(places: places, port: port, upstream: upstream.plain, tls: false))
        if let place = command.firstIndex(of: "off"), command[place - 1] == "--admin" {
            command[place] = "127.0.0.1:\(admin)"
        }
        let proxy = try Child("turnkeeper", cpu: 0, output: places.out + "/scraped.log", command)
        defer { proxy.end() }
        guard accepts(port, proxy) else { throw BenchError("turnkeeper did not start") }
        let output = places.out + "/load.log"
        let load = try Child(
            "load", cpu: 1, output: output,
            [
                Files.executable, "bench-load", "--port", String(port), "--control",
                String(upstream.plain), "--upstream", String(upstream.child.id), "--proxies",
                String(proxy.id), "--mode", "voice", "--sessions", String(sessions), "--rate", "1",
                "--warm", "3", "--seconds", "\(seconds)",
            ])
        defer { load.end() }
        var sample = Sample(pace: pace, load: [:])
        try scrape(port: admin, pace, into: &sample, while: load)
        guard load.status == 0, let values = resultLine(Files.read(output) ?? "") else {
            throw BenchError("the load failed: \(Files.read(output) ?? "")")
        }
        sample.load = values
        return sample
    }

    private func scrape(
        port: UInt16, _ pace: Double, into sample: inout Sample, while load: Child
    ) throws {
        let deadline = Kernel.now + Int64((seconds + 120) * 1e9)
        var next = Kernel.now
        while load.running {
            guard Kernel.now < deadline else { throw BenchError("the load does not end") }
            guard pace > 0, Kernel.now >= next else {
                Kernel.sleep(seconds: 0.005)
                continue
            }
            let start = Kernel.now
            let page = try BenchPage.read(port: port).count
            sample.walls.append(Double(Kernel.now - start) / 1e6)
            sample.bytes = max(sample.bytes, page)
            next = start + Int64(1e9 / pace)
        }
    }

    // MARK: The page

    private func report(_ samples: [Sample]) -> String {
        var lines = [
            "# What a scrape costs", "",
            "\(sessions) sessions, each sending 20 ms of sound a second, and the answers to them; \(rounds) rounds of "
                + "\(fixed(seconds, 0)) s, paces taking turns; one worker on a CPU of its own, load, upstream and scraper on the other. Made by `dev bench-scrape`. "
                + "Medians, with the smallest and the largest round behind.",
            "",
            "| scrapes a second | wall time of a scrape, ms | slowest, ms | page, KiB | CPU a message, us | round trip p50, us | p99, us | p99.9, us |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        ]
        for pace in Self.paces {
            let mine = samples.filter { $0.pace == pace }
            let walls = mine.flatMap(\.walls).sorted()
            func cell(_ key: String, _ decimals: Int) -> String {
                spread(mine.map { $0.load[key] ?? .nan }, decimals)
            }
            let scrape =
                walls.isEmpty
                ? "- | - | -"
                : "\(fixed(BenchReport.median(walls), 2)) | \(fixed(walls[walls.count - 1], 1)) | "
                    + fixed(Double(mine.map(\.bytes).max() ?? 0) / 1024, 1)
            lines.append(
                "| \(fixed(pace, 0)) | \(scrape) | \(cell("cpu", 2)) | \(cell("rtt_p50", 0)) | "
                    + "\(cell("rtt_p99", 0)) | \(cell("rtt_p999", 0)) |")
        }
        let others = spread(samples.map { $0.load["others_busy"] ?? .nan }, 2)
        lines += [
            "",
            "Other programs used \(others) CPUs meanwhile. Above a tenth of one, the round trips tell of them and not of scrapes; wall time and CPU are then upper bounds.",
        ]
        return (lines + ["", "## By tenants", ""] + byTenants()).joined(separator: "\n") + "\n"
    }

    private func spread(_ values: [Double], _ decimals: Int) -> String {
        let sorted = values.sorted()
        guard let least = sorted.first, let most = sorted.last else { return "-" }
        return "\(fixed(BenchReport.median(sorted), decimals)) "
            + "(\(fixed(least, decimals))..\(fixed(most, decimals)))"
    }

    /// Sessions hardly matter to a page, tenants and models do: measured without sockets.
    private func byTenants() -> [String] {
        var lines = [
            "Every tenant with two models that have been used in every way, on two workers: copying a worker's numbers holds that worker up, merging and writing happen on a thread of their own.",
            "",
            "| tenants | series | page, KiB | a worker is held up, ms | merged and written, ms |",
            "| ---: | ---: | ---: | ---: | ---: |",
        ]
        for tenants in [1, 10, 100, 500] {
            var shard = Shard()
            for tenant in 0..<tenants {
                for model in ["gemini-3.1-flash-live-preview", "gemini-2.5-flash-native-audio"] {
                    fill(&shard, tenant: "tenant-\(tenant)", model: model)
                }
            }
            let (copying, snapshot) = timed { shard.snapshot() }
            let (writing, text) = timed {
                Exposition.text(Snapshot(merging: [snapshot, snapshot]))
            }
            let series = text.reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
            lines.append(
                "| \(tenants) | \(series) | \(fixed(Double(text.count) / 1024, 0)) | "
                    + "\(fixed(copying, 2)) | \(fixed(writing, 1)) |")
        }
        return lines
    }

    private func fill(_ shard: inout Shard, tenant: String, model: String) {
        shard.prepare(tenant: tenant, model: model)
        for definition in Catalogue.all where definition.scope == .tenant {
            var sets = [[tenant, model]]
            for values in definition.values.dropFirst(2) {
                sets = sets.flatMap { set in values.prefix(4).map { set + [$0] } }
            }
            for set in sets where set.count == definition.labels.count {
                shard.add(1.5, to: shard.series(definition.metric, set))
            }
        }
    }

    /// Milliseconds, the least of five, and what came of it.
    private func timed<Result>(_ work: () -> Result) -> (Double, Result) {
        var result = work()
        var least = Double.infinity
        for _ in 0..<5 {
            let start = Kernel.now
            result = work()
            least = min(least, Double(Kernel.now - start) / 1e6)
        }
        return (least, result)
    }
}
