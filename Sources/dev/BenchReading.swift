/// `dev bench-reading`: counts, under callgrind, what every reader and editor of messages makes of
/// hostile input of each kind in growing sizes, and fails where the cost of a byte grows with them.
/// What is quadratic doubles it with every doubling of the input.
///
/// `--sizes` are KiB; `--kinds` some of those `dev read-cost` names.
struct BenchReading {
    /// A table that doubles as it fills costs a little more just after it did.
    private static let tolerance = 1.3

    private let places: BenchPlaces
    private let kinds: [String]
    private let sizes: [Int]

    init(_ options: Options) throws {
        if let stranger = options.unknown(besides: ["--kinds", "--sizes"]) {
            throw BenchError("bench-reading knows no \(stranger)")
        }
        places = try BenchPlaces()
        kinds = options.list("--kinds") ?? Hostile.allCases.map(\.rawValue)
        sizes = (options.list("--sizes") ?? ["16", "32", "64", "128", "256"]).compactMap { Int($0) }
        guard sizes.count > 1 else { throw BenchError("bench-reading compares sizes") }
    }

    /// Whether the cost of a byte stays what it is.
    func run() throws -> Bool {
        print(
            "| instructions a byte | " + sizes.map { "\($0) KiB" }.joined(separator: " | ") + " |")
        print("| --- |" + String(repeating: " ---: |", count: sizes.count))
        var isFlat = true
        for kind in kinds {
            let start = try count(kind, kibibytes: 1)
            let costs = try sizes.map { size in
                Double(try count(kind, kibibytes: size) - start) / Double((size - 1) * 1024)
            }
            let grows = costs.contains { $0 > costs[0] * Self.tolerance }
            isFlat = isFlat && !grows
            let cells = costs.map { fixed($0, 0) }
            print("| \(kind) | \(cells.joined(separator: " | ")) |" + (grows ? " **grows**" : ""))
            flushOutput()
        }
        return isFlat
    }

    private func count(_ kind: String, kibibytes: Int) throws -> Int {
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
                ], seconds: 3600, output: log) != nil,
            let line = (Files.read(result) ?? "").split(separator: "\n").last(where: {
                $0.hasPrefix("totals: ")
            }), let total = Int(line.dropFirst("totals: ".count))
        else { throw BenchError("cannot count \(kind): \(Files.read(log) ?? "")") }
        return total
    }
}
