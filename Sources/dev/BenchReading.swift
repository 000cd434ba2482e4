/// `dev bench-reading`: counts, under callgrind, what every reader and editor of messages makes of
/// hostile input of each kind in growing sizes, and fails where the cost of a byte grows with them.
/// What is quadratic doubles it with every doubling of the input.
///
/// `--large` does so from 1 to 16 MiB, the largest message a default policy lets in. Counting that
/// takes hours, so it takes the processor's time: there what is quadratic costs sixteen times as much
/// a byte, which no neighbour on the machine makes of what is not.
///
/// `--sizes` are KiB; `--kinds` some of those `dev read-cost` names.
struct BenchReading {
    /// A table that doubles as it fills costs a little more just after it did.
    private static let tolerance = 1.3
    /// Of seconds: caches that no longer hold the input, and a busy machine.
    private static let largeTolerance = 4.0
    /// Of the scrubber: 16 MiB of anything are searched in a few seconds.
    private static let mostOfScrubber = 700.0

    private let places: BenchPlaces
    private let kinds: [String]
    private let sizes: [Int]
    private let isLarge: Bool

    init(_ options: Options) throws {
        if let stranger = options.unknown(besides: ["--kinds", "--sizes", "--large"]) {
            throw BenchError("bench-reading knows no \(stranger)")
        }
        places = try BenchPlaces()
        kinds = options.list("--kinds") ?? Hostile.allCases.map(\.rawValue)
        isLarge = options.flag("--large")
        let usual = isLarge ? ["1024", "2048", "4096", "8192", "16384"] : ["16", "128"]
        sizes = (options.list("--sizes") ?? usual).compactMap { Int($0) }
        guard sizes.count > 1 else { throw BenchError("bench-reading compares sizes") }
    }

    /// Whether the cost of a byte stays what it is.
    func run() throws -> Bool {
        let unit = isLarge ? "nanoseconds" : "instructions"
        print(
            "| \(unit) a byte | " + sizes.map { "\($0) KiB" }.joined(separator: " | ")
                + (isLarge ? " |" : " | a search for keys |"))
        print("| --- |" + String(repeating: " ---: |", count: sizes.count + (isLarge ? 0 : 1)))
        var isFlat = true
        for kind in kinds {
            let costs = try isLarge ? times(of: kind) : counts(of: kind)
            let tolerance = isLarge ? Self.largeTolerance : Self.tolerance
            let grows = costs.contains { $0 > costs[0] * tolerance }
            var cells = costs.map { fixed($0, 0) }
            var isDear = false
            if !isLarge {
                let search = try scrubbing(kind)
                isDear = search > Self.mostOfScrubber
                cells.append(fixed(search, 0))
            }
            isFlat = isFlat && !grows && !isDear
            print(
                "| \(kind) | \(cells.joined(separator: " | ")) |"
                    + (grows ? " **grows**" : isDear ? " **dear**" : ""))
            flushOutput()
        }
        return isFlat
    }

    private func counts(of kind: String) throws -> [Double] {
        let start = try count(kind, kibibytes: 1)
        return try sizes.map { size in
            Double(try count(kind, kibibytes: size) - start) / Double((size - 1) * 1024)
        }
    }

    /// Of one search: the scrubber is asked twice, as for text of a peer's and for our own.
    private func scrubbing(_ kind: String) throws -> Double {
        let (first, last) = (4, 64)
        let start = try count(kind, kibibytes: first, "scrubber")
        let end = try count(kind, kibibytes: last, "scrubber")
        return Double(end - start) / Double((last - first) * 1024) / 2
    }

    private func times(of kind: String) throws -> [Double] {
        guard let hostile = Hostile(rawValue: kind) else { throw BenchError("no kind \(kind)") }
        func time(_ size: Int) -> Double {
            ReadCost.seconds(hostile, bytes: size * 1024) / Double(size * 1024) * 1e9
        }
        // The first pays for the pages of the memory it gets, too.
        _ = time(sizes[0])
        let first = time(sizes[0])
        return [first]
            + sizes.dropFirst().map { size in
                let once = time(size)
                return once > first * Self.largeTolerance ? min(once, time(size)) : once
            }
    }

    private func count(_ kind: String, kibibytes: Int, _ part: String? = nil) throws -> Int {
        let program = places.out + "/counted"
        let log = places.out + "/reading.log"
        let result = places.out + "/reading.callgrind"
        // Debian's valgrind stops at DWARF 5, which Swift's compiler for C writes.
        guard
            try Child.run(
                ["strip", "--strip-debug", "-o", program, Files.executable], seconds: 60,
                output: log) != nil,
            try Child.run(
                [
                    "valgrind", "--quiet", "--tool=callgrind", "--callgrind-out-file=" + result,
                    program, "read-cost", kind, String(kibibytes),
                ] + (part.map { [$0] } ?? []), seconds: 3600, output: log) != nil,
            let line = (Files.read(result) ?? "").split(separator: "\n").last(where: {
                $0.hasPrefix("totals: ")
            }), let total = Int(line.dropFirst("totals: ".count))
        else { throw BenchError("cannot count \(kind): \(Files.read(log) ?? "")") }
        return total
    }
}
