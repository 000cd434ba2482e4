/// The budget per message or turn: `{"audio": {"instructions": 5000, "allocations": 1, "calls": 3}, ...}`.
struct Budget {
    struct Limit {
        var instructions = Double.infinity
        var allocations = Double.infinity
        /// System calls.
        var calls = Double.infinity

        func allows(_ cost: BenchInstructions.Counts) -> Bool {
            cost.instructions <= instructions && cost.allocations <= allocations
        }
    }
    private(set) var limits: [String: Limit] = [:]

    private static func part(_ word: Substring) -> WritableKeyPath<Limit, Double>? {
        switch word {
        case "instructions": \.instructions
        case "allocations": \.allocations
        case "calls": \.calls
        default: nil
        }
    }

    init(_ file: String) throws {
        guard let text = Files.read(file) else { throw BenchError("no budget at \(file)") }
        // The file belongs to this repository and has two levels; its words are read in order.
        let words = text.split { " \n\t{}:,\"".contains($0) }
        var course: String?
        var index = 0
        while index < words.count {
            let word = words[index]
            if let part = Self.part(word) {
                guard let course, index + 1 < words.count, let limit = Double(words[index + 1])
                else { throw BenchError("\(file): \(word) has no number") }
                limits[course]?[keyPath: part] = limit
                index += 2
            } else {
                course = String(word)
                limits[String(word)] = Limit()
                index += 1
            }
        }
        let known = BenchInstructions.courses.map(\.name) + [BenchLedger.course]
        if let stranger = limits.keys.sorted().first(where: { !known.contains($0) }) {
            throw BenchError("\(file): no course \(stranger); there are \(known)")
        }
    }
}
