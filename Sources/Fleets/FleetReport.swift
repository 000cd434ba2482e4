public import Simulation

/// The result of one simulated fleet.
public struct FleetReport: Sendable {
    public var seed: UInt64
    public var failure: Failure?
    public var steps: Int
    public var tally: FleetTally
    /// What the seed led to, in words.
    public var plan: String
    /// Line by line; empty unless requested.
    public var transcript: [String]
}

/// Runs the fleet of one seed to its end.
/// - Parameter sabotage: What it is made to do wrong, as a canary: then runs must fail.
public func simulateFleet(
    seed: UInt64, sabotage: FleetSabotage? = nil, isVerbose: Bool = false
) -> FleetReport {
    let plan = FleetPlan(seed: seed)
    let fleet = Fleet(plan, sabotage: sabotage, isVerbose: isVerbose)
    let failure = fleet.run()
    return FleetReport(
        seed: seed, failure: failure, steps: fleet.steps, tally: fleet.tally,
        plan: isVerbose || failure != nil ? plan.description : "",
        transcript: fleet.transcript ?? [])
}
