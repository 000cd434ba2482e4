public import Basics

extension Scenario {
    /// A mixture of faults with options drawn at random, for swarms: mostly one to three faults, at
    /// most one of each part of the service, none that the model's family cannot have.
    ///
    /// - Parameters:
    ///   - random: everything is drawn from it.
    ///   - model: without `models/`; one that is unknown counts as 2.5.
    ///   - faults: names to choose from, as `faultCatalogue` lists them; `nil`: all.
    ///   - until: that long after the service was first dialed all faults are over, so that every
    ///     conversation can become healthy.
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

    /// Its own options first, then when it strikes, where they left that open.
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
