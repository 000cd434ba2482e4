/// One thing measured: a proxy under one kind of load.
struct BenchScenario: Equatable {
    enum Load: Equatable {
        case voice
        case window(Int)
        case idle(Int)
    }
    let load: Load
    let tls: Bool

    /// Its name in the raw results.
    var name: String {
        let load =
            switch load {
            case .voice: "voice"
            case .window(let size): "window\(size)"
            case .idle(let sessions): "idle\(sessions)"
            }
        return load + (tls ? "-tls" : "")
    }

    var isIdle: Bool { if case .idle = load { true } else { false } }

    static let all = [false, true].flatMap { tls in
        [
            BenchScenario(load: .voice, tls: tls), BenchScenario(load: .window(8), tls: tls),
            BenchScenario(load: .window(1), tls: tls), BenchScenario(load: .idle(1000), tls: tls),
            BenchScenario(load: .idle(5000), tls: tls),
        ]
    }
}

/// What one measurement gave.
struct BenchSample {
    let round: Int
    let peer: BenchPeer
    let scenario: BenchScenario
    let values: [String: Double]
}

/// `dev bench`: runs every peer under every load, in several rounds, and writes the tables.
///
/// Rounds are interleaved: each measures every peer once, and each begins with another peer, so
/// that a machine that changes its mood does not do so to one peer only.
struct BenchRounds {
    private let places: BenchPlaces
    private let rounds: Int
    private let seconds: Double
    private let warm: Double
    /// How often a disturbed measurement is made again.
    private let repeats: Int
    private let peers: [BenchPeer]
    private let scenarios: [BenchScenario]
    /// Whether everything was asked for, so that the result may stand in the repository.
    private let complete: Bool
    private var versions: [(BenchPeer, String)] = []
    private var samples: [BenchSample] = []
    private var faults: [String] = []

    static let known = ["--rounds", "--quick", "--only", "--scenarios", "--seconds", "--repeats"]

    init(_ options: Options) throws {
        if let stranger = options.unknown(besides: BenchRounds.known) {
            throw BenchError("bench knows no \(stranger)")
        }
        places = try BenchPlaces()
        let quick = options.flag("--quick")
        rounds = max(1, options.int("--rounds") ?? (quick ? 1 : 5))
        seconds = options.double("--seconds") ?? (quick ? 2 : 5)
        warm = quick ? 0.7 : 1.5
        repeats = options.int("--repeats") ?? (quick ? 0 : 2)
        peers =
            try options.list("--only")?.map { name in
                guard let peer = BenchPeer(rawValue: name) else {
                    throw BenchError("no peer \(name): \(BenchPeer.allCases.map(\.rawValue))")
                }
                return peer
            } ?? BenchPeer.allCases
        let wanted = options.list("--scenarios")
        scenarios = BenchScenario.all.filter { scenario in
            if let wanted { return wanted.contains(scenario.name) }
            return !quick || scenario.load != .idle(5000)
        }
        guard !scenarios.isEmpty else {
            throw BenchError("scenarios are \(BenchScenario.all.map(\.name))")
        }
        complete = !quick && options.list("--only") == nil && wanted == nil
    }

    mutating func run() throws {
        try places.makeCertificates()
        for peer in peers {
            if let version = try peer.version(places) {
                versions.append((peer, version))
                print("\(peer.title): \(version)")
            } else {
                faults.append("\(peer.title) is not installed and was left out.")
                print("\(peer.title): not found, left out")
            }
        }
        let present = versions.map(\.0)
        for round in 1...rounds {
            let first = (round - 1) % max(1, present.count)
            for peer in present[first...] + present[..<first] {
                for tls in [false, true] where peer.speaksTLS || !tls {
                    try measure(peer, tls: tls, round: round)
                }
            }
        }
        let report = BenchReport(
            samples: samples, versions: versions, faults: faults, rounds: rounds,
            seconds: seconds)
        try report.write(places, complete: complete)
    }

    /// One peer in one round: what carries traffic shares a process, what is idle gets a new one.
    private mutating func measure(_ peer: BenchPeer, tls: Bool, round: Int) throws {
        let mine = scenarios.filter { $0.tls == tls }
        try session(peer, mine.filter { !$0.isIdle }, tls: tls, round: round)
        // Memory hardly varies between rounds; two of them show that.
        guard round <= 2, peer != .direct else { return }
        for scenario in mine where scenario.isIdle {
            try session(peer, [scenario], tls: tls, round: round)
        }
    }

    private mutating func session(
        _ peer: BenchPeer, _ scenarios: [BenchScenario], tls: Bool, round: Int
    ) throws {
        guard !scenarios.isEmpty else { return }
        let upstream = try BenchUpstreamProcess(places)
        defer { upstream.child.end() }
        let port = try freePort()
        let command = try peer.command(
            BenchPeer.Place(
                places: places, port: port, upstream: tls ? upstream.tls : upstream.plain, tls: tls)
        )
        let proxy =
            command.isEmpty
            ? nil
            : try Child(
                peer.rawValue, cpu: peer.cpu, output: places.out + "/\(peer.rawValue).log", command)
        defer { proxy?.end() }
        guard proxy == nil || accepts(port, proxy) else {
            return fail("\(peer.title) did not start in round \(round).")
        }
        for scenario in scenarios {
            guard proxy?.running ?? true else {
                return fail("\(peer.title) ended by itself in round \(round).")
            }
            let values = try quietest(
                scenario, port: proxy == nil ? upstream.plain : port, upstream, proxy)
            guard let values, (values["died"] ?? 0) == 0 else {
                fail("\(peer.title) failed \(scenario.name) in round \(round).")
                print(Files.read(places.out + "/load.log") ?? "", terminator: "")
                continue
            }
            samples.append(
                BenchSample(round: round, peer: peer, scenario: scenario, values: values))
            show(samples[samples.count - 1])
        }
    }

    private mutating func fail(_ fault: String) {
        faults.append(fault)
        print(fault)
        flushOutput()
    }

    private func show(_ sample: BenchSample) {
        let keys =
            sample.scenario.isIdle
            ? ["per_session", "connecting"]
            : [
                "cpu", "rate", "up_p50", "up_p99", "down_p50", "rtt_p50", "busy", "load_busy",
                "others_busy",
            ]
        let values = keys.map { "\($0) \(fixed(sample.values[$0] ?? 0, 2))" }
        print(
            "round \(sample.round) \(sample.peer.rawValue) \(sample.scenario.name):",
            values.joined(separator: ", "))
        flushOutput()
    }

    /// Measures, and measures again while other programs get in the way, at most twice: messages
    /// that wait for a CPU coalesce and look cheap. The least disturbed measurement counts.
    private func quietest(
        _ scenario: BenchScenario, port: UInt16, _ upstream: BenchUpstreamProcess, _ proxy: Child?
    ) throws -> [String: Double]? {
        var best: [String: Double]?
        for _ in 0...repeats {
            guard let values = try load(scenario, port: port, upstream, proxy) else { return nil }
            let others = values["others_busy"] ?? 0
            if others < best?["others_busy"] ?? .infinity { best = values }
            if others < 0.1 { break }
        }
        return best
    }

    /// Runs the clients once; what they say, or nil when they failed.
    private func load(
        _ scenario: BenchScenario, port: UInt16, _ upstream: BenchUpstreamProcess, _ proxy: Child?
    ) throws -> [String: Double]? {
        var command = [
            Files.executable, "bench-load", "--port", String(port), "--control",
            String(upstream.plain), "--upstream", String(upstream.child.id),
            "--proxies=\(proxy.map { String($0.id) } ?? "")",
        ]
        switch scenario.load {
        case .voice: command += ["--mode", "voice", "--sessions", "200", "--rate", "50"]
        case .window(let size):
            command += ["--mode", "window", "--window", String(size)]
            command += ["--sessions", size > 1 ? "100" : "200"]
        case .idle(let sessions):
            command += ["--mode", "idle", "--sessions", String(sessions)]
        }
        if !scenario.isIdle { command += ["--seconds", "\(seconds)", "--warm", "\(warm)"] }
        let output = try Child.run(
            command, cpu: 1, seconds: warm + seconds + 90, output: places.out + "/load.log")
        return output.flatMap(resultLine)
    }
}

/// The upstream as a separate process, on the clients' CPU.
struct BenchUpstreamProcess {
    let child: Child
    let plain: UInt16
    let tls: UInt16

    init(_ places: BenchPlaces) throws {
        let output = places.out + "/upstream.log"
        child = try Child(
            "upstream", cpu: 1, output: output,
            [
                Files.executable, "bench-upstream", "--certificate", places.certificate, "--key",
                places.key,
            ])
        for _ in 0..<250 {
            let words = (Files.read(output) ?? "").split { $0 == " " || $0 == "\n" }
            if words.count == 5, words[4] == "ready", let plain = UInt16(words[1]),
                let tls = UInt16(words[3])
            {
                self.plain = plain
                self.tls = tls
                return
            }
            Kernel.sleep(seconds: 0.02)
        }
        child.end()
        throw BenchError("the upstream did not start: \(Files.read(output) ?? "")")
    }
}

/// A port that was free a moment ago.
func freePort() throws -> UInt16 {
    let (socket, port) = try Kernel.listen()
    Kernel.close(socket)
    return port
}

/// Waits until a program accepts connections, at most so many seconds, and lets it settle.
func accepts(_ port: UInt16, _ program: Child?, seconds: Double = 20) -> Bool {
    let deadline = Kernel.now + Int64(seconds * 1e9)
    while Kernel.now < deadline, program?.running ?? true {
        if let socket = Kernel.connect(port: port) {
            Kernel.close(socket)
            Kernel.sleep(seconds: 0.5)
            return true
        }
        Kernel.sleep(seconds: 0.05)
    }
    return false
}

/// The numbers of the `result` line in a program's output.
func resultLine(_ output: String) -> [String: Double]? {
    guard let line = output.split(separator: "\n").last(where: { $0.hasPrefix("result ") }) else {
        return nil
    }
    var values: [String: Double] = [:]
    for pair in line.split(separator: " ").dropFirst() {
        let parts = pair.split(separator: "=")
        if parts.count == 2 { values[String(parts[0])] = Double(parts[1]) }
    }
    return values
}

/// A number with so many decimals.
func fixed(_ number: Double, _ decimals: Int) -> String {
    guard number.isFinite else { return "-" }
    let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
    let whole = Int64(abs(number) * scale + 0.5)
    let sign = number < 0 && whole > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(whole)" }
    let digits = String(whole % Int64(scale))
    let zeros = String(repeating: "0", count: decimals - digits.count)
    return "\(sign)\(whole / Int64(scale)).\(zeros)\(digits)"
}
