public import Basics

extension Scenario {
    /// A mixture of faults with random options, for swarms: usually one to three faults, at most
    /// one for each part of the service, all possible for the model's family.
    ///
    /// - Parameters:
    ///   - random: The source of all randomness.
    ///   - model: Without `models/`; an unknown one counts as 2.5.
    ///   - faults: Names to choose from, as in `faultCatalogue`; `nil`: all.
    ///   - until: All faults are over this long after the service was first dialed, so that every
    ///     conversation can recover.
    public static func drawn(
        using random: inout SeededRandom, model: String, faults: Set<String>? = nil,
        until: Interval
    ) -> Scenario {
        var scenario = Scenario(name: "random")
        scenario.faultsEnd = until
        scenario.stampsReplies = true
        let family = Family.of(model) ?? .native25
        var candidates = allFaults.filter { type in
            (faults?.contains(type.name) ?? true) && type.suits(family)
        }
        var taken: Set<Topic> = []
        let wanted = [1, 1, 2, 2, 3, 5].randomElement(using: &random) ?? 1
        while scenario.faults.count < wanted, !candidates.isEmpty {
            let index = Int.random(in: candidates.indices, using: &random)
            let type = candidates.remove(at: index)
            if type.topic != .speech, !taken.insert(type.topic).inserted { continue }
            if let plan = plan(type, &random) { scenario.faults.append(plan) }
        }
        return scenario
    }

    /// Its own options first, then its trigger, if they left that open.
    private static func plan(
        _ type: any Fault.Type, _ random: inout SeededRandom
    ) -> FaultPlan? {
        var options = type.draw(&random)
        let isLimited = options.contains {
            ["attempts", "nudges", "times", "total", "turns"].contains($0.key)
        }
        if !isLimited {
            options.draw("times", ["", "1", "1", "2", "3"], &random)
        }
        options.draw("probability", ["", "", "0.9", "0.5", "0.2"], &random)
        return try? ScenarioReader.plan(type.name, options)
    }
}
