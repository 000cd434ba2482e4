import Basics
import CLinux

/// `dev bench-ledger --talking 5000 [--rate 1000] [--seconds 60]`: the ledger beside what fills it. As
/// many sessions talk through a proxy with a ledger, on real sockets, and have `--rate` turns a second
/// among them. The books must then have every turn that the proxy counted.
struct BenchTalking {
    private let options: Options
    private let places: BenchPlaces
    private let sessions: Int
    private let seconds: Double

    /// Pieces of speech to a turn.
    private static let pieces = 5
    /// Seconds of talk before the measurement; what is said in them is in the books, too.
    private static let warm = 3.0

    init(_ options: Options) throws {
        self.options = options
        places = try BenchPlaces()
        sessions = options.int("--talking") ?? 5000
        seconds = options.double("--seconds") ?? 60
    }

    /// Whether nothing was lost.
    func run() throws -> Bool {
        try places.makeCertificates()
        let upstream = try BenchUpstreamProcess(places)
        defer { upstream.child.end() }
        let (port, admin) = (try freePort(), try freePort())
        let data = "\(places.out)/talking-\(getpid())"
        let place = BenchPeer.Place(
            places: places, port: port, upstream: upstream.plain, tls: false)
        var command = try BenchPeer.turnkeeper2.command(place)
        for (option, value) in [
            ("--admin", "127.0.0.1:\(admin)"), ("--ledger", "sqlite"), ("--data", data),
        ] {
            guard let at = command.firstIndex(of: option) else { continue }
            command[at + 1] = value
        }
        let proxy = try Child("turnkeeper", cpu: nil, output: places.out + "/talking.log", command)
        defer { proxy.end() }
        guard accepts(port, proxy) else { throw BenchError("turnkeeper did not start") }
        try talk(port, upstream, proxy)
        let page = try settled(admin)
        let (turns, lost) = (
            Self.sum("turnkeeper_turns_total", page), Self.sum("turnkeeper_ledger_lost_total", page)
        )
        proxy.end()
        let kept = try booked(data)
        print(
            "\(sessions) sessions talked for \(fixed(seconds, 0)) s: \(turns) turns, "
                + "\(fixed(Double(turns) / (seconds + Self.warm), 0)) a second, \(kept) in the books, "
                + "\(lost) records lost")
        return turns > 0 && lost == 0 && kept == turns
    }

    private func talk(_ port: UInt16, _ upstream: BenchUpstreamProcess, _ proxy: Child) throws {
        let rate = (options.double("--rate") ?? 1000) * Double(Self.pieces) / Double(sessions)
        let output = places.out + "/load.log"
        let load = try Child(
            "load", cpu: nil, output: output,
            [
                Files.executable, "bench-load", "--port", String(port), "--control",
                String(upstream.plain), "--upstream", String(upstream.child.id), "--proxies",
                String(proxy.id), "--mode", "voice", "--sessions", String(sessions), "--rate",
                "\(rate)", "--every", String(Self.pieces), "--frames", "2", "--warm",
                "\(Self.warm)",
                "--seconds", "\(seconds)",
            ])
        defer { load.end() }
        let deadline = Kernel.now + Int64((seconds + 180) * 1e9)
        while load.running {
            guard Kernel.now < deadline else { throw BenchError("the load does not end") }
            Kernel.sleep(seconds: 0.05)
        }
        guard load.status == 0, let values = resultLine(Files.read(output) ?? "") else {
            throw BenchError("the load failed: \(Files.read(output) ?? "")")
        }
        print(
            "round trip p50 \(fixed(values["rtt_p50"] ?? .nan, 0)) us, "
                + "p99 \(fixed(values["rtt_p99"] ?? .nan, 0)) us")
    }

    /// The proxy's metrics once its sessions are over and nothing waits for the ledger.
    private func settled(_ port: UInt16) throws -> String {
        let deadline = Kernel.now + 60_000_000_000
        while Kernel.now < deadline {
            let page = String(decoding: try BenchPage.read(port: port), as: UTF8.self)
            if Self.sum("turnkeeper_sessions_active", page) == 0,
                Self.sum("turnkeeper_ledger_queue", page) == 0
            {
                return page
            }
            Kernel.sleep(seconds: 0.5)
        }
        throw BenchError("the ledger is not done after a minute")
    }

    private static func sum(_ metric: String, _ page: String) -> Int {
        page.split(separator: "\n").filter {
            $0.hasPrefix(metric + "{") || $0.hasPrefix(metric + " ")
        }.reduce(0) { $0 + Int(Double($1.split(separator: " ").last ?? "0") ?? 0) }
    }

    /// The turns that the command line finds in the books.
    private func booked(_ data: String) throws -> Int {
        let command = [places.turnkeeper, "usage", "--data", data, "--json"]
        guard
            let text = try Child.run(command, seconds: 120, output: places.out + "/usage.log")
        else { throw BenchError("turnkeeper usage failed") }
        return text.split(separator: "\"turns\":").dropFirst().reduce(0) { sum, rest in
            sum + (Int(rest.prefix { $0.isNumber }) ?? 0)
        }
    }
}
