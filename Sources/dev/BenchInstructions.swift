/// `dev bench-instructions`: counts what one forwarded message, turn or session costs in instructions
/// and in allocations, under callgrind. Counts are the same on a busy machine and on a quiet one, so they
/// can be a gate; they say nothing about the kernel, which takes most of the time.
///
/// Each number is the difference between a short and a long run, so that starting, connecting and
/// ending cancel out.
struct BenchInstructions {
    /// What is sent, and what its cost is divided by.
    struct Course {
        enum Unit: Equatable {
            /// Each message of a client.
            case spoken
            /// Each message of the upstream, less what the client's messages cost.
            case heard
            /// Each message of either.
            case passed
            /// Each answer with the end of its turn, less what the client's messages cost.
            case turn
            /// Each session, which opens, says nothing and closes.
            case session
            /// Each session that is open and says nothing, for each scrape or reload.
            case idle(BenchCounting.Visit)
        }
        let name: String
        let title: String
        var tls = false
        var unit = Unit.spoken
        /// After so many messages of a session so many frames and the end of a turn; 0: no answers.
        var every = 0
        var frames = 12
        /// Messages of a session in a second. Where each is answered by many: slow enough that a proxy
        /// fifty times slower than itself still handles them one by one.
        var rate = 50.0
        var sessions = 20
        /// Sessions talk in groups of ten, so many messages each and then the next group; nil: all at once.
        var stint: Int?
        /// Messages in the short run and in the long one, over all sessions: of each session so many
        /// that its last one is answered. Where sessions are counted, their number.
        var lengths = [1500, 4500]

        /// Takes minutes, so only where it is named.
        var isLong = false
        /// Costs at most a twentieth more than that course.
        var asCheapAs: String?

        var visit: BenchCounting.Visit? { if case .idle(let visit) = unit { visit } else { nil } }
        var countsSessions: Bool { unit == .session || visit != nil }
        /// What happens because time passes is off: in long runs there would be more of it.
        var isSilent: Bool { visit != nil || stint != nil }
        /// A reload is over when the log says so.
        var logLevel: String { if case .reloads = visit { "info" } else { "error" } }

        static func reload(_ name: String, _ title: String, _ reload: BenchReload) -> Course {
            Course(
                name: name, title: "\(title), for each idle session",
                unit: .idle(.reloads(reload)), lengths: [100, 600])
        }

        /// So many sessions, 500 messages a second among them, in turns of seven and two. All have had
        /// a turn before those that count.
        static func flat(_ sessions: Int, _ title: String, isLong: Bool = false) -> Course {
            let once = sessions * 7
            return Course(
                name: "flat-\(sessions)", title: "audio and answers, \(title) sessions",
                unit: .passed, every: 7, frames: 2, rate: 500 / Double(sessions),
                sessions: sessions, stint: 7, lengths: [once, once + 7000], isLong: isLong,
                asCheapAs: sessions > 10 ? "flat-10" : nil)
        }
    }
    static let courses = [
        Course(name: "audio", title: "client audio"),
        Course(name: "audio-tls", title: "client audio, TLS upstream", tls: true),
        Course(
            name: "burst", title: "server audio in bursts", unit: .heard, every: 1, rate: 5,
            lengths: [100, 400]),
        Course(
            name: "burst-tls", title: "server audio in bursts, TLS upstream", tls: true,
            unit: .heard, every: 1, rate: 5, lengths: [100, 400]),
        Course(
            name: "turn", title: "a turn of one frame", unit: .turn, every: 10, frames: 1,
            lengths: [1000, 4000]),
        Course(name: "talk", title: "audio and answers", unit: .passed, every: 25),
        Course(
            name: "monologue", title: "client audio after 13 s without an answer",
            lengths: [13_000, 20_000]),
        Course(
            name: "session", title: "a session that opens and closes", unit: .session,
            lengths: [100, 200]),
        Course(
            name: "scrape", title: "a scrape, for each idle session", unit: .idle(.scrapes),
            lengths: [100, 600]),
        .reload("reload", "a reload that changes nothing", .nothing),
        .reload("reload-unfelt", "a reload that changes a limit for newcomers", .unfelt),
        .reload("reload-felt", "a reload that changes a clock", .felt),
        .flat(10, "10"), .flat(1000, "1,000"), .flat(5000, "5,000", isLong: true),
    ]
    /// In a run that counts them: so many that what it costs to open the sessions, which differs by a
    /// hundredth from run to run, hardly shows. Files are looked at once a second, so reloads are fewer.
    private static func visits(_ visit: BenchCounting.Visit) -> Int { visit == .scrapes ? 100 : 20 }

    /// Sums over a run, or the quotient of two sums.
    struct Counts {
        var instructions = 0.0
        var allocations = 0.0
        var objects = 0.0
        var retains = 0.0
        var up = 0.0
        var down = 0.0
        /// Instructions in each function itself, by its mangled name.
        var functions: [String: Double] = [:]
    }

    private let places: BenchPlaces
    private let peers: [BenchPeer]
    private let courses: [Course]
    private let budgetFile: String
    /// How many of the most expensive functions to name for each course.
    private let functions: Int

    static let known = ["--peers", "--courses", "--budget", "--functions"]

    init(_ options: Options) throws {
        if let stranger = options.unknown(besides: BenchInstructions.known) {
            throw BenchError("bench-instructions knows no \(stranger)")
        }
        places = try BenchPlaces()
        peers = try (options.list("--peers") ?? ["turnkeeper"]).map { name in
            guard let peer = BenchPeer(rawValue: name), peer != .direct, peer != .python else {
                throw BenchError("cannot count in \(name)")
            }
            return peer
        }
        let wanted = options.list("--courses")
        courses = BenchInstructions.courses.filter { wanted?.contains($0.name) ?? !$0.isLong }
        functions = options.int("--functions") ?? 0
        budgetFile = options.string("--budget") ?? places.benchmarks + "/budget.json"
    }

    /// Whether everything measured was within its budget.
    func run() throws -> Bool {
        try places.makeCertificates()
        let budget = try Budget(budgetFile)
        var rows: [String] = []
        var within = true
        for peer in peers {
            guard try peer.version(places) != nil else {
                throw BenchError("\(peer.title) is not there; build it first")
            }
            var upward: [Bool: Counts] = [:]
            var limits = peer == .turnkeeper ? budget.limits : [:]
            for course in courses
            where (peer.speaksTLS || !course.tls) && (peer == .turnkeeper || course.visit == nil) {
                guard var cost = try cost(peer, course, upward: upward[course.tls]) else {
                    throw BenchError("\(peer.title) failed \(course.name)")
                }
                // How messages fall into wake-ups is the machine's doing: what is over its budget
                // is counted once more.
                if let limit = limits[course.name], !limit.allows(cost),
                    let again = try self.cost(peer, course, upward: upward[course.tls])
                {
                    cost = again
                }
                if course.name.hasPrefix("audio") { upward[course.tls] = cost }
                for other in courses where other.asCheapAs == course.name {
                    limits[other.name, default: Budget.Limit()].instructions =
                        cost.instructions * 1.05
                }
                var verdict = ""
                if let limit = limits[course.name] {
                    let good = limit.allows(cost)
                    verdict =
                        "\(fixed(limit.instructions, 0)) / \(fixed(limit.allocations, 2))"
                        + (good ? "" : ", **over**")
                    within = within && good
                }
                let cells = [
                    peer.title, course.title, fixed(cost.instructions, 0),
                    fixed(cost.allocations, 2), fixed(cost.objects, 2), fixed(cost.retains, 2),
                    verdict,
                ]
                rows.append("| " + cells.joined(separator: " | ") + " |")
                print(rows[rows.count - 1])
                flushOutput()
            }
        }
        try Files.write(
            places.out + "/instructions.md",
            """
            In user space only, by callgrind: the difference of two run lengths. Allocations are \
            calls of malloc and its kin; the two columns after it are counted within Swift.

            |  | message | instructions | allocations | swift_allocObject | swift_retain | budget |
            | --- | --- | ---: | ---: | ---: | ---: | ---: |
            \(rows.joined(separator: "\n"))

            """)
        return within
    }

    /// The cost of a course's unit for a peer; nil if a run failed. The upstream cost of what the
    /// clients said is subtracted where the unit asks for it, if it was measured.
    private func cost(_ peer: BenchPeer, _ course: Course, upward: Counts?) throws -> Counts? {
        if let visit = course.visit { return try cost(of: visit, peer, course) }
        var runs: [Counts] = []
        for length in course.lengths {
            // On a busy machine, a proxy running fifty times slower may miss a deadline.
            let first = try count(peer, course, length)
            guard let run = try first ?? count(peer, course, length) else { return nil }
            runs.append(run)
        }
        let (short, long) = (runs[0], runs[1])
        let up = long.up - short.up
        let down = long.down - short.down
        let (units, isLess) =
            switch course.unit {
            case .spoken: (up, false)
            case .heard: (down, true)
            case .passed: (up + down, false)
            case .turn: (up / Double(course.every), true)
            case .session, .idle: (Double(course.lengths[1] - course.lengths[0]), false)
            }
        guard units > 0 else { return nil }
        func per(_ key: KeyPath<Counts, Double>) -> Double {
            let all = long[keyPath: key] - short[keyPath: key]
            return (all - (isLess ? (upward?[keyPath: key] ?? 0) * up : 0)) / units
        }
        nameDearest(long, of: units) { (long.functions[$0] ?? 0) - (short.functions[$0] ?? 0) }
        return Counts(
            instructions: per(\.instructions), allocations: per(\.allocations),
            objects: per(\.objects), retains: per(\.retains))
    }

    /// Names the most expensive functions of a run.
    private func nameDearest(_ run: Counts, of units: Double, _ cost: (String) -> Double) {
        let dearest = run.functions.keys.map { ($0, cost($0)) }
            .sorted { ($0.1, $0.0) > ($1.1, $1.0) }
        for (name, instructions) in dearest.prefix(functions) {
            print("  \(fixed(instructions / units, 0)) \(name)")
        }
    }

    /// What a visit costs more where there are more sessions, for each of them.
    private func cost(
        of visit: BenchCounting.Visit, _ peer: BenchPeer, _ course: Course
    ) throws -> Counts? {
        let visits = Self.visits(visit)
        var visited: [Counts] = []
        var unvisited: [Counts] = []
        for sessions in course.lengths {
            guard let none = try count(peer, course, sessions),
                let some = try count(peer, course, sessions, visits: visits)
            else { return nil }
            unvisited.append(none)
            visited.append(some)
        }
        let units = Double((course.lengths[1] - course.lengths[0]) * visits)
        func sum(_ part: (Counts) -> Double) -> Double {
            let (few, many) = (0, 1)
            return part(visited[many]) - part(unvisited[many])
                - (part(visited[few]) - part(unvisited[few]))
        }
        func per(_ key: KeyPath<Counts, Double>) -> Double { sum { $0[keyPath: key] } / units }
        nameDearest(visited[1], of: units) { name in sum { $0.functions[name] ?? 0 } }
        return Counts(
            instructions: per(\.instructions), allocations: per(\.allocations),
            objects: per(\.objects), retains: per(\.retains))
    }

    /// One run of a peer under callgrind.
    private func count(
        _ peer: BenchPeer, _ course: Course, _ length: Int, visits: Int = 0
    ) throws -> Counts? {
        // A page is sorted from the order of a dictionary, which otherwise differs from run to run.
        let evenHashing = course.visit == nil ? [] : ["env", "SWIFT_DETERMINISTIC_HASHING=1"]
        let result = places.out + "/callgrind.out"
        try Files.write(result, "")
        let tool =
            evenHashing + [
                "valgrind", "--quiet", "--tool=callgrind", "--fair-sched=try",
                "--callgrind-out-file=" + result,
            ]
        let counting = BenchCounting(places: places, peer: peer, course: course)
        guard let values = try counting.run(length, visits: visits, under: tool) else { return nil }
        var counts = Callgrind(Files.read(result) ?? "").counts
        counts.up = values["messages"] ?? 0
        counts.down = values["down"] ?? 0
        return counts.instructions > 0 ? counts : nil
    }
}

/// Reads the sums from a callgrind file, in callgrind's compressed form.
private struct Callgrind {
    private(set) var counts = BenchInstructions.Counts()

    /// The C library's allocation functions; those of C++ and Swift call them.
    private static let allocators: Set<Substring> = [
        "malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign",
    ]

    init(_ text: String) {
        // A function's name appears only at its first mention: "cfn=(12) malloc".
        var names: [Substring: Substring] = [:]
        var callee: Substring = ""
        var function: Substring = ""
        var own: [Substring: Double] = [:]
        // The line after "calls=" is the cost of the call, which is already counted inside.
        var isCall = false
        for line in text.split(separator: "\n") {
            if line.hasPrefix("fn=") || line.hasPrefix("cfn=") {
                let called = line.hasPrefix("c")
                let words = line.dropFirst(called ? 4 : 3).split(separator: " ", maxSplits: 1)
                guard let number = words.first else { continue }
                if words.count > 1 { names[number] = words[1].prefix { $0 != "'" } }
                if called { callee = names[number] ?? "" } else { function = names[number] ?? "" }
            } else if line.hasPrefix("calls=") {
                let calls = line.dropFirst(6).prefix { $0 != " " }
                add(Double(calls) ?? 0, of: callee)
                isCall = true
            } else if line.hasPrefix("summary: ") || line.hasPrefix("totals: ") {
                let number = line.drop { $0 != " " }.dropFirst().prefix { $0 != " " }
                counts.instructions = Double(number) ?? 0
            } else if let first = line.utf8.first, first < 58 {
                // "+12 34", "-3 34", "* 34" or "99 34": a position, relative or not, and its cost.
                if !isCall {
                    let cost = line.drop { $0 != " " }.dropFirst()
                    own[function, default: 0] += Double(cost) ?? 0
                }
                isCall = false
            }
        }
        for (name, cost) in own { counts.functions[String(name), default: 0] += cost }
    }

    private mutating func add(_ calls: Double, of function: Substring) {
        if Callgrind.allocators.contains(function) { counts.allocations += calls }
        if function == "swift_allocObject" { counts.objects += calls }
        if function == "swift_retain" { counts.retains += calls }
    }
}
