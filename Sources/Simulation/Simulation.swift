public import Basics
public import Policies
public import Sessions
import SimulatedGemini

/// The result of one simulated session.
public struct RunReport: Sendable {
    public var seed: UInt64
    public var failure: Failure?
    public var trace: UInt64
    /// How often each rule applied, by its index.
    public var rules: [Int]
    public var steps: Int
    public var turnsHeard: Int
    /// Facts that occurred, by name.
    public var reached: Set<String>
    /// What the seed led to, in words.
    public var options: String
    /// Line by line; empty unless requested.
    public var transcript: [String]
}

/// Runs the session of one seed to its end.
///
/// - Parameters:
///   - disabled: A rule that is switched off, as a canary: then runs must fail.
///   - healthy: A model whose service is healthy and whose client is correct: then the proxy must
///     not interfere.
///   - firstSound: The healthy model is slow: its first sound comes this late.
///   - probes: What is tried beyond the first swarms.
///   - sabotage: An invariant that the session is made to break: then runs must fail.
///   - change: A change of the policy, as a canary for the policy.
///   - hears: Called with every fact; what it returns is the failure of the run.
public func simulate(
    seed: UInt64, disabled: Rule? = nil, healthy: String? = nil, firstSound: Interval? = nil,
    probes: Set<Probe> = Probe.on, sabotage: Sabotage? = nil, isVerbose: Bool = false,
    change: (inout Policy) -> Void = { _ in }, hears: ((Fact, Instant) -> String?)? = nil
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
    let world = World(swarm, isVerbose: isVerbose, sabotage: sabotage)
    if let hears { world.checkers.append(Hearing(hears: hears)) }
    let failure =
        world.run() ?? Oracle(swarm: swarm, expectation: world.script.expectation).judge(world)
    return RunReport(
        seed: seed, failure: failure, trace: world.trace.hash, rules: world.ruleCounts,
        steps: world.steps,
        turnsHeard: world.service.conversations.reduce(0) { $0 + $1.heard.turns.count },
        reached: Coverage.names(of: world.reached),
        options: isVerbose || failure != nil ? swarm.description : "",
        transcript: world.transcript ?? [])
}

/// Whoever derives something from facts, as the caller of a run does.
private struct Hearing: Invariant {
    static let name = "Hearing"
    let hears: (Fact, Instant) -> String?

    mutating func check(_ step: Step) -> String? {
        for case .note(let fact) in step.actions {
            if let failure = hears(fact, step.at) { return failure }
        }
        return nil
    }
}
