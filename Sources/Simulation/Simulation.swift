import Basics
public import Policies
import SimulatedGemini

/// What became of one simulated session.
public struct RunReport: Sendable {
    public var seed: UInt64
    public var failure: Failure?
    public var trace: UInt64
    /// How often each rule applied, by its index.
    public var rules: [Int]
    public var steps: Int
    public var turnsHeard: Int
    /// What the seed led to, in words.
    public var options: String
    /// Line by line; empty unless asked for.
    public var transcript: [String]
}

/// Runs the session of one seed to its end.
///
/// - Parameter disabled: a rule switched off, as a canary: runs must fail then.
/// - Parameter healthy: a model whose service is well and whose client has good manners: nothing
///   may be done about anything then.
/// - Parameter change: what is changed of the policy, as a canary of that.
public func simulate(
    seed: UInt64, disabled: Rule? = nil, healthy: String? = nil, isVerbose: Bool = false,
    change: (inout Policy) -> Void = { _ in }
) -> RunReport {
    var swarm =
        healthy.map { Swarm(healthy: $0, seed: seed) } ?? Swarm(seed: seed, disabled: disabled)
    change(&swarm.policy)
    let world = World(swarm, isVerbose: isVerbose)
    let failure =
        world.run() ?? Oracle(swarm: swarm, expectation: world.script.expectation).judge(world)
    return RunReport(
        seed: seed, failure: failure, trace: world.trace.hash, rules: world.ruleCounts,
        steps: world.steps,
        turnsHeard: world.service.conversations.reduce(0) { $0 + $1.heard.turns.count },
        options: isVerbose || failure != nil ? swarm.description : "",
        transcript: world.transcript ?? [])
}
