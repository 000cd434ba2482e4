import CLinux

/// The benchmark's verbs. Exit status 0: done, 1: failed or over budget, 2: wrong arguments.
func bench(_ verb: String, _ arguments: [String]) -> Int32 {
    do {
        switch verb {
        case "bench":
            var rounds = try BenchRounds(Options(arguments))
            try rounds.run()
            return 0
        case "bench-instructions":
            return try BenchInstructions(Options(arguments)).run() ? 0 : 1
        case "bench-calls": return try BenchCalls(Options(arguments)).run() ? 0 : 1
        case "bench-reading":
            return try BenchReading(Options(arguments)).run() ? 0 : 1
        case "bench-holding": return try BenchHolding(Options(arguments)).run() ? 0 : 1
        case "bench-scrape":
            Kernel.prepare()
            try BenchScrape(Options(arguments)).run()
            return 0
        case "bench-ledger": return try BenchLedger(Options(arguments)).run() ? 0 : 1
        case "bench-ledger-writer": return try BenchLedger.write(Options(arguments)) ? 0 : 1
        case "bench-pinned": return Child.become(arguments)
        case "bench-load":
            Kernel.prepare()
            try BenchLoad(Options(arguments)).run()
            return 0
        case "bench-upstream":
            Kernel.prepare()
            try BenchUpstream(Options(arguments)).run()
        case "bench-relay":
            Kernel.prepare()
            try BenchRelay(Options(arguments)).run()
        default:
            print(
                "Try: dev bench, dev bench-instructions, dev bench-calls, dev bench-ledger, dev bench-reading, "
                    + "dev bench-holding, dev bench-scrape")
            return 2
        }
    } catch {
        print("error: \(error)")
        flushOutput()
        return 1
    }
}

/// Standard output may be a file that another process reads while this one runs.
func flushOutput() {
    _ = fflush(nil)
}
