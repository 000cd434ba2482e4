/// What the runs of one thread add up to.
protocol SeedSum: Sendable {
    init()
    mutating func add(_ other: Self)
    var hasFailed: Bool { get }
}

/// Runs numbers `0..<count`, on several threads; each stops at its first failure.
func sumOfRuns<Sum: SeedSum>(
    _ count: Int, threads: Int, _ run: @escaping @Sendable (_ number: Int, inout Sum) -> Void
) async -> Sum {
    await withTaskGroup(of: Sum.self) { group in
        for thread in 0..<threads {
            group.addTask {
                var sum = Sum()
                for number in stride(from: thread, to: count, by: threads) where !sum.hasFailed {
                    run(number, &sum)
                }
                return sum
            }
        }
        var total = Sum()
        for await sum in group { total.add(sum) }
        return total
    }
}
