public import Basics
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
    /// Facts that were noted, by name; empty unless asked for.
    public var reached: Set<String>
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
/// - Parameter firstSound: the healthy model is slow: its first sound comes that late.
/// - Parameter probes: what is tried beyond the first swarms' runs.
/// - Parameter sabotage: a promise the session is made to break: runs must fail then.
/// - Parameter isMeasured: whether the report says which facts were noted.
/// - Parameter change: what is changed of the policy, as a canary of that.
public func simulate(
    seed: UInt64, disabled: Rule? = nil, healthy: String? = nil, firstSound: Interval? = nil,
    probes: Set<Probe> = Probe.all, sabotage: Sabotage? = nil, isVerbose: Bool = false,
    isMeasured: Bool = false,
    change: (inout Policy) -> Void = { _ in }
) -> RunReport {
    var swarm =
        if let healthy, let firstSound {
            RunConfiguration(slow: healthy, firstSound: firstSound, seed: seed, probes: probes)
        } else if let healthy {
            RunConfiguration(healthy: healthy, seed: seed, probes: probes)
        } else {
            RunConfiguration(seed: seed, disabled: disabled, probes: probes)
        }
    change(&swarm.policy)
    let world = World(
        swarm, isVerbose: isVerbose, sabotage: sabotage, isMeasured: isMeasured)
    let failure =
        world.run() ?? Oracle(swarm: swarm, expectation: world.script.expectation).judge(world)
    return RunReport(
        seed: seed, failure: failure, trace: world.trace.hash, rules: world.ruleCounts,
        steps: world.steps,
        turnsHeard: world.service.conversations.reduce(0) { $0 + $1.heard.turns.count },
        reached: world.reached ?? [],
        options: isVerbose || failure != nil ? swarm.description : "",
        transcript: world.transcript ?? [])
}
