/// `dev bench-calls`: counts the system calls of a forwarded message, under strace: the difference of a
/// short and a long run, divided by the messages between them.
///
/// Where a wake-up brings one message, that message costs one wait, one receive and one send. Calls
/// that have nothing to do with messages (the memory is looked at ten times a second) are counted,
/// too, so that the sum is a little larger.
struct BenchCalls {
    private let places: BenchPlaces
    private let peers: [BenchPeer]
    private let budget: Budget

    private static let courses = ["audio", "burst", "audio-tls", "burst-tls"]
    /// The rest is counted together.
    private static let kinds: [(name: String, calls: Set<Substring>)] = [
        ("waits", ["epoll_wait", "epoll_pwait", "epoll_pwait2"]),
        ("receives", ["recvfrom", "recvmsg", "read", "readv"]),
        ("sends", ["sendto", "sendmsg", "write", "writev"]),
        ("futexes", ["futex"]),
    ]

    static let known = ["--peers", "--budget"]

    init(_ options: Options) throws {
        if let stranger = options.unknown(besides: Self.known) {
            throw BenchError("bench-calls knows no \(stranger)")
        }
        places = try BenchPlaces()
        budget = try Budget(options.string("--budget") ?? places.benchmarks + "/budget.json")
        peers = try (options.list("--peers") ?? ["turnkeeper", "turnkeeper-2"]).map { name in
            guard let peer = BenchPeer(rawValue: name), peer != .direct else {
                throw BenchError("cannot count in \(name)")
            }
            return peer
        }
    }

    /// Whether everything counted was within its budget.
    func run() throws -> Bool {
        try places.makeCertificates()
        let names = Self.kinds.map(\.name).joined(separator: " | ")
        print("|  | of | \(names) | in vain | all | budget |")
        print("| --- | --- |\(String(repeating: " ---: |", count: Self.kinds.count + 3))")
        var within = true
        for peer in peers {
            var upward: [Bool: Calls] = [:]
            for course in BenchInstructions.courses where Self.courses.contains(course.name) {
                guard peer.speaksTLS || !course.tls else { continue }
                guard let cost = try cost(peer, course, upward: upward[course.tls]) else {
                    throw BenchError("\(peer.title) failed \(course.name)")
                }
                if course.unit == .spoken { upward[course.tls] = cost }
                let limit = peer.isOurs ? budget.limits[course.name]?.calls : nil
                let isGood = cost.all <= limit ?? .infinity
                within = within && isGood
                let shown = Self.kinds.map { cost.kinds[$0.name] ?? 0 } + [cost.inVain, cost.all]
                let verdict = limit.map { fixed($0, 2) + (isGood ? "" : ", **over**") } ?? ""
                let unit = course.unit == .spoken ? course.title : course.title + ", a burst of 13"
                let cells = [peer.title, unit] + shown.map { fixed($0, 2) } + [verdict]
                print("| " + cells.joined(separator: " | ") + " |")
                flushOutput()
            }
        }
        return within
    }

    /// What a message of the client costs, or a burst of answers less what its trigger costs.
    private func cost(
        _ peer: BenchPeer, _ course: BenchInstructions.Course, upward: Calls?
    ) throws -> Calls? {
        var runs: [(calls: Calls, values: [String: Double])] = []
        for length in course.lengths {
            guard let run = try count(peer, course, length) else { return nil }
            runs.append(run)
        }
        let (short, long) = (runs[0], runs[1])
        func more(_ key: String) -> Double { (long.values[key] ?? 0) - (short.values[key] ?? 0) }
        var calls = long.calls - short.calls
        guard course.unit == .heard else { return calls * (1 / more("messages")) }
        if let upward { calls = calls - upward * more("messages") }
        return calls * (Double(course.frames + 1) / more("down"))
    }

    private func count(
        _ peer: BenchPeer, _ course: BenchInstructions.Course, _ length: Int
    ) throws -> (Calls, [String: Double])? {
        let summary = places.out + "/strace.out"
        try Files.write(summary, "")
        // As a process of its own beside the peer, which can then be ended by its id.
        let tool = ["strace", "-D", "-f", "-c", "-U", "calls,errors,name", "-o", summary]
        let counting = BenchCounting(places: places, peer: peer, course: course)
        guard let values = try counting.run(length, under: tool) else { return nil }
        let deadline = Kernel.now + 10_000_000_000
        while Kernel.now < deadline {
            let text = Files.read(summary) ?? ""
            if text.contains(" total\n") { return (Calls(text, Self.kinds), values) }
            Kernel.sleep(seconds: 0.05)
        }
        throw BenchError("strace says nothing")
    }
}

/// So many system calls, of a run or of a message.
private struct Calls {
    var kinds: [String: Double] = [:]
    /// Those that failed, mostly because there was nothing to receive.
    var inVain = 0.0
    var all = 0.0

    init() {}

    /// Reads strace's summary, a line a call: how many, how many of them failed (or nothing), its name.
    init(_ summary: String, _ known: [(name: String, calls: Set<Substring>)]) {
        for line in summary.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 2, let count = Double(words[0]), let call = words.last else {
                continue
            }
            let failed = words.count > 2 ? Double(words[1]) ?? 0 : 0
            if call == "total" {
                all += count
                inVain += failed
            }
            for kind in known where kind.calls.contains(call) {
                kinds[kind.name, default: 0] += count
            }
        }
    }

    private func combined(_ other: Calls, _ combine: (Double, Double) -> Double) -> Calls {
        var result = self
        for kind in Set(kinds.keys).union(other.kinds.keys) {
            result.kinds[kind] = combine(kinds[kind] ?? 0, other.kinds[kind] ?? 0)
        }
        result.inVain = combine(inVain, other.inVain)
        result.all = combine(all, other.all)
        return result
    }

    static func - (left: Calls, right: Calls) -> Calls { left.combined(right, -) }
    static func * (left: Calls, factor: Double) -> Calls {
        left.combined(left) { one, _ in one * factor }
    }
}
