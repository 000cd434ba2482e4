import Fleets
import Simulation

/// `dev simulate --fleets N`: nodes, their database and a balancer, from consecutive seeds.
enum SimulateFleets {
    struct Options {
        var fleets = 1000
        var seed: UInt64 = 1
        var threads = 2
        var sabotage: FleetSabotage?
        var isVerbose = false
    }

    private struct Sum: SeedSum {
        var fleets = 0
        var steps = 0
        var tally = FleetTally()
        var failed: FleetReport?
        var hasFailed: Bool { failed != nil }

        mutating func add(_ report: FleetReport) {
            fleets += 1
            steps += report.steps
            tally.add(report.tally)
            if report.failure != nil, report.seed < failed?.seed ?? .max { failed = report }
        }

        mutating func add(_ other: Sum) {
            fleets += other.fleets
            steps += other.steps
            tally.add(other.tally)
            if let report = other.failed, report.seed < failed?.seed ?? .max { failed = report }
        }
    }

    static func run(_ arguments: [String]) async -> Int32 {
        guard let options = read(arguments) else {
            let names = FleetSabotage.allCases.map(\.rawValue).joined(separator: " ")
            print(
                "Try: dev simulate --fleets N [--seed S] [--threads N] [--sabotage NAME] [--verbose]"
            )
            print("NAME: \(names)")
            return 2
        }
        print("seed \(options.seed), \(options.fleets) fleets, \(options.threads) threads")
        if let sabotage = options.sabotage { print("with \(sabotage.rawValue): this must fail") }
        let clock = ContinuousClock()
        let start = clock.now
        let sum = await runAll(options)
        print("\(sum.fleets) fleets, \(sum.steps) steps in \(clock.now - start)")
        print("\(sum.tally)")
        guard let report = sum.failed, let failure = report.failure else { return 0 }
        print("seed \(report.seed) FAILED")
        print(report.plan)
        print("\(failure.invariant) broken \(failure.what)")
        let with = options.sabotage.map { " --sabotage \($0.rawValue)" } ?? ""
        print("repeat: swift run dev simulate --fleets 1 --seed \(report.seed)\(with) --verbose")
        return 1
    }

    private static func runAll(_ options: Options) async -> Sum {
        await sumOfRuns(options.fleets, threads: options.threads) { number, sum in
            let report = simulateFleet(
                seed: options.seed &+ UInt64(number), sabotage: options.sabotage,
                isVerbose: options.isVerbose)
            if options.isVerbose {
                print(report.plan)
                for line in report.transcript { print(line) }
            }
            sum.add(report)
        }
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
            guard let value = halves.count == 2 ? halves[1] : rest.popFirst() else { return nil }
            switch halves[0] {
            case "--fleets":
                guard let count = Int(value), count > 0 else { return nil }
                options.fleets = count
            case "--seed":
                guard let seed = UInt64(value) else { return nil }
                options.seed = seed
            case "--threads":
                guard let count = Int(value), (1...64).contains(count) else { return nil }
                options.threads = count
            case "--sabotage":
                guard let sabotage = FleetSabotage(rawValue: value) else { return nil }
                options.sabotage = sabotage
            default: return nil
            }
        }
        return options
    }
}
