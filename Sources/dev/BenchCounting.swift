/// One run of a peer under a course while something counts what it does: callgrind its instructions,
/// strace its system calls.
struct BenchCounting {
    let places: BenchPlaces
    let peer: BenchPeer
    let course: BenchInstructions.Course

    /// What happens while the sessions of a course are open and say nothing.
    enum Visit: Equatable { case scrapes, reloads(BenchReload) }

    /// Runs it to its end.
    ///
    /// - Parameters:
    ///   - length: Of the course.
    ///   - visits: So many, one after another.
    ///   - tool: The command in front of the peer's.
    /// - Returns: What the clients and the upstream counted; nil if the run failed.
    func run(_ length: Int, visits: Int = 0, under tool: [String]) throws -> [String: Double]? {
        let upstream = try BenchUpstreamProcess(places)
        defer { upstream.child.end() }
        let port = try freePort()
        let admin = course.visit == .scrapes ? try freePort() : nil
        let command = try countable(
            peer.command(
                BenchPeer.Place(
                    places: places, port: port,
                    upstream: course.tls ? upstream.tls : upstream.plain, tls: course.tls,
                    admin: admin, isSilent: course.isSilent, log: course.logLevel)))
        let log = places.out + "/\(peer.rawValue)-counted.log"
        let proxy = try Child(peer.rawValue, cpu: peer.cpu, output: log, tool + command)
        defer { proxy.end(grace: 10) }
        guard accepts(port, proxy, seconds: 60) else { return nil }
        let (sessions, messages) =
            course.countsSessions ? (length, 0) : (course.sessions, length)
        var load = [
            Files.executable, "bench-load", "--port", String(port), "--control",
            String(upstream.plain), "--mode", "voice", "--sessions", String(sessions), "--messages",
            String(messages), "--rate", String(course.rate), "--every", String(course.every),
            "--frames", String(course.frames),
        ]
        if let stint = course.stint { load += ["--stint", String(stint)] }
        if let admin { load += ["--admin", String(admin), "--scrapes", String(visits)] }
        if case .reloads(let reload) = course.visit {
            load += [
                "--policies", places.policies, "--log", log, "--reloads", String(visits),
                "--reload", reload.rawValue,
            ]
        }
        let output = try Child.run(
            load, cpu: 1, seconds: 240, output: places.out + "/load.log")
        guard let values = output.flatMap(resultLine), values["died"] == 0 else {
            print(Files.read(places.out + "/load.log") ?? "", terminator: "")
            return nil
        }
        // Its clients have left; the proxy's reaction is the same in both runs.
        Kernel.sleep(seconds: 0.5)
        proxy.end(grace: 40)
        return values
    }

    /// The same command with a copy of our program without debugging sections: Debian's valgrind
    /// does not support DWARF 5, which Swift's compiler writes for C. Function names stay.
    private func countable(_ command: [String]) throws -> [String] {
        guard let program = command.first, program.hasPrefix(places.root) else { return command }
        let copy = places.out + "/counted"
        guard
            try Child.run(
                ["strip", "--strip-debug", "-o", copy, program], seconds: 60,
                output: places.out + "/strip.log") != nil
        else { throw BenchError("strip failed: \(Files.read(places.out + "/strip.log") ?? "")") }
        return [copy] + command.dropFirst()
    }
}

/// What a reload changes in the policy that the sessions have.
enum BenchReload: String {
    /// A comment.
    case nothing
    /// What only concerns sessions to come.
    case unfelt
    /// A clock of every session.
    case felt

    func edited(_ text: String, _ number: Int) -> String {
        switch self {
        case .nothing: text + "# \(number)\n"
        case .unfelt: text.replacing("sessions: 20000", with: "sessions: \(20_001 + number)")
        case .felt: text + "client: { park: \(20 + number)s }\n"
        }
    }
}
