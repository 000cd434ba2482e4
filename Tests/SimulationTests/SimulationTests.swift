import Basics
import Foundation
import Policies
import Simulation
import Testing

@Suite struct SimulationTests {
    @Test("whatever clients do, gemini hears a legal conversation, every word once and in order")
    func swarm() {
        var applied = [Int](repeating: 0, count: Rule.allCases.count)
        var heard = 0
        var reached: Set<String> = []
        for seed in 1...250 {
            let report = simulate(seed: UInt64(seed))
            reached.formUnion(report.reached)
            if let failure = report.failure {
                Issue.record(
                    "seed \(seed): \(failure.invariant) broken \(failure.what)\n\(report.options)")
                return
            }
            for index in applied.indices { applied[index] += report.rules[index] }
            heard += report.turnsHeard
        }
        #expect(heard > 500)
        for fact in CoverageTests.common.subtracting(reached).sorted() {
            Issue.record("250 runs, and none came across \(fact)")
        }
        let unnamed = reached.filter { !$0.contains(".") }.subtracting(CoverageTests.named)
        #expect(unnamed.isEmpty, "facts without a named test")
        // A rule that never applied was not tested.
        for rule in Self.rulesOfThisMachine { #expect(applied[rule.index] > 0, "\(rule.rawValue)") }
    }

    static let rulesOfThisMachine: [Rule] = [
        .audioOutsideActivity, .secondSetup, .repeatedActivity, .emptyActivity, .shortActivity,
        .streamEndInManual, .earlyInput, .deadAir, .streamEndOnPause, .setupFields,
        .resumptionInserted, .combinedInput, .toolGate, .noiseHold, .flush,
        .transcriptionInserted,
    ]

    @Test(
        "canary: without the rule, runs fail",
        arguments: [
            Rule.audioOutsideActivity, .secondSetup, .repeatedActivity, .emptyActivity,
            .streamEndInManual, .earlyInput, .deadAir, .streamEndOnPause, .setupFields,
            .combinedInput, .toolGate,
        ])
    func canary(_ rule: Rule) {
        for seed in 1...1000 where simulate(seed: UInt64(seed), disabled: rule).failure != nil {
            return
        }
        Issue.record("1000 runs without \(rule.rawValue), and nobody noticed")
    }

    @Test("canary: without the stall watch, turns wait although the service has recovered")
    func patience() {
        for seed in 1...1000 {
            let report = simulate(seed: UInt64(seed)) {
                $0.stalls.soft = .value(.seconds(3600))
                $0.stalls.hard = .value(.seconds(3600))
            }
            if report.failure?.invariant == "Converges" { return }
        }
        Issue.record("1000 runs without a clock, and every turn was answered")
    }

    @Test("a seed determines the run: its trace repeats, and another seed's differs")
    func repeats() {
        for seed in 1...20 {
            let first = simulate(seed: UInt64(seed))
            let second = simulate(seed: UInt64(seed), isVerbose: true)
            #expect(first.trace == second.trace)
            #expect(first.steps == second.steps)
            #expect(!second.transcript.isEmpty)
        }
        #expect(simulate(seed: 1).trace != simulate(seed: 2).trace)
    }

    @Test("a run repeats in another process")
    func processes() throws {
        let tests = URL(filePath: ProcessInfo.processInfo.arguments[0])
        let program = tests.deletingLastPathComponent().appending(path: "dev")
        try #require(FileManager.default.isExecutableFile(atPath: program.path))
        var traces: Set<Substring> = []
        for threads in ["1", "2"] {
            let process = Process()
            process.executableURL = program
            process.arguments = [
                "simulate", "--sessions", "200", "--seed", "77", "--threads", threads,
            ]
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            let output = String(
                decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            #expect(output.contains("seed 77, 200 sessions"))
            let trace = try #require(output.split(separator: "\n").first { $0.hasPrefix("trace") })
            traces.insert(trace)
        }
        #expect(traces.count == 1)
    }
}
