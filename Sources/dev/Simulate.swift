import Policies
import Simulation

/// `dev simulate`: sessions against the simulated service, from consecutive seeds, on two threads.
enum Simulate {
    struct Options {
        var sessions = 10_000
        var seed: UInt64 = 1
        var disabled: Rule?
        var threads = 2
        var isVerbose = false
        var probes = Probe.on
        /// Models with a healthy service; each gets all the sessions.
        var healthy: [String] = []
    }

    /// Everything the runs of one thread add up to.
    struct Sum: SeedSum {
        var sessions = 0
        var trace: UInt64 = 0
        var rules = [Int](repeating: 0, count: Rule.allCases.count)
        var steps = 0
        var turns = 0
        var reached: Set<String> = []
        var failed: RunReport?
        var hasFailed: Bool { failed != nil }

        mutating func add(_ report: RunReport) {
            sessions += 1
            trace = trace &+ report.trace
            for index in rules.indices { rules[index] += report.rules[index] }
            steps += report.steps
            turns += report.turnsHeard
            reached.formUnion(report.reached)
            if report.failure != nil, report.seed < failed?.seed ?? .max { failed = report }
        }

        mutating func add(_ other: Sum) {
            sessions += other.sessions
            trace = trace &+ other.trace
            for index in rules.indices { rules[index] += other.rules[index] }
            steps += other.steps
            turns += other.turns
            reached.formUnion(other.reached)
            if let report = other.failed, report.seed < failed?.seed ?? .max { failed = report }
        }
    }

    static func run(_ arguments: [String]) async -> Int32 {
        guard let options = read(arguments) else {
            print(
                "Try: dev simulate [--sessions N] [--seed S] [--without RULE] [--healthy] [--all-probes] [--threads N] [--verbose]"
            )
            return 2
        }
        if options.probes == Probe.on { for line in Probe.skipped { print(line) } }
        guard options.healthy.isEmpty else { return await runHealthy(options) }
        print("seed \(options.seed), \(options.sessions) sessions, \(options.threads) threads")
        if let rule = options.disabled { print("without \(rule.rawValue): this must fail") }
        let clock = ContinuousClock()
        let start = clock.now
        let sum = await runAll(options)
        let elapsed = clock.now - start
        print(
            "\(sum.sessions) sessions, \(sum.steps) steps, \(sum.turns) turns heard in \(elapsed)")
        for rule in Rule.allCases where sum.rules[rule.index] > 0 {
            print("  \(rule.rawValue) \(sum.rules[rule.index])")
        }
        print("trace \(String(sum.trace, radix: 16))")
        return conclude(sum, options) == 0 && isCovered(sum, options) ? 0 : 1
    }

    /// Whether enough runs with everything switched on reached every fact.
    private static func isCovered(_ sum: Sum, _ options: Options) -> Bool {
        guard sum.sessions >= Coverage.sessions, options.disabled == nil else { return true }
        let missing = Coverage.missing(from: sum.reached)
        if missing.isEmpty { return true }
        print(
            "no session came across \(missing.joined(separator: ", ")): "
                + "let a simulated service or client lead to it, "
                + "or name a story in Sources/Simulation/Coverage+Elsewhere.swift")
        return false
    }

    /// The proxy must not interfere with any of these.
    private static func runHealthy(_ options: Options) async -> Int32 {
        for model in options.healthy {
            var own = options
            own.healthy = [model]
            let sum = await runAll(own)
            print("healthy \(model): \(sum.sessions) sessions, \(sum.turns) turns heard")
            if sum.failed != nil { return conclude(sum, own) }
        }
        return 0
    }

    private static func runAll(_ options: Options) async -> Sum {
        await sumOfRuns(options.sessions, threads: options.threads) { number, sum in
            let report = simulate(
                seed: options.seed &+ UInt64(number), disabled: options.disabled,
                healthy: options.healthy.first, probes: options.probes,
                isVerbose: options.isVerbose)
            if options.isVerbose { printLine(report) }
            sum.add(report)
        }
    }

    private static func printLine(_ report: RunReport) {
        print("seed \(report.seed)\n\(report.options)")
        for line in report.transcript { print(line) }
    }

    private static func conclude(_ sum: Sum, _ options: Options) -> Int32 {
        guard let report = sum.failed, let failure = report.failure else { return 0 }
        print("seed \(report.seed) FAILED")
        print(report.options)
        print("\(failure.invariant) broken \(failure.what)")
        var without = options.disabled.map { " --without \($0.rawValue)" } ?? ""
        if let model = options.healthy.first { without = " --model \(model)" }
        if options.probes == Probe.all { without += " --all-probes" }
        print(
            "repeat: swift run dev simulate --sessions 1 --seed \(report.seed)\(without) --verbose")
        return 1
    }

    private static func read(_ arguments: [String]) -> Options? {
        var options = Options()
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let halves = argument.split(separator: "=", maxSplits: 1).map(String.init)
            if halves[0] == "--verbose" {
                options.isVerbose = true
                continue
            }
            if halves[0] == "--all-probes" {
                options.probes = Probe.all
                continue
            }
            if halves[0] == "--healthy" {
                options.healthy = healthyModels
                continue
            }
            guard let value = halves.count == 2 ? halves[1] : rest.popFirst() else { return nil }
            switch halves[0] {
            case "--sessions":
                guard let count = Int(value), count > 0 else { return nil }
                options.sessions = count
            case "--model":
                guard healthyModels.contains(value) else { return nil }
                options.healthy = [value]
            case "--seed":
                guard let seed = UInt64(value) else { return nil }
                options.seed = seed
            case "--without":
                guard let rule = Rule(rawValue: value) else { return nil }
                options.disabled = rule
            case "--threads":
                guard let count = Int(value), (1...64).contains(count) else { return nil }
                options.threads = count
            default: return nil
            }
        }
        return options
    }
}
