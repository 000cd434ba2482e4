import Fleets
import Testing

@Suite("Fleets of nodes")
struct FleetTests {
    @Test("nothing is held twice, forgotten, overspent or lost in the books; and all of it happens")
    func fleets() {
        var tally = FleetTally()
        // One of them has a write that is refused, which is rare.
        for seed in Array(1...UInt64(19)) + [92] {
            let report = simulateFleet(seed: seed)
            #expect(report.failure == nil, "seed \(seed): \(report.plan)")
            tally.add(report.tally)
        }
        for count in [
            tally.answers, tally.claims, tally.resumptions, tally.putOff, tally.refusedWrites,
            tally.lastWrites, tally.giveUps, tally.kills, tally.spent, tally.fullTokens,
            tally.fullPlaces, tally.takenOver,
        ] {
            #expect(count > 0, "\(tally)")
        }
    }

    @Test("a seed is a run")
    func repeatable() {
        for seed in [3, 14, 28] as [UInt64] {
            let runs = (0..<2).map { _ in simulateFleet(seed: seed, isVerbose: true).transcript }
            #expect(runs[0] == runs[1] && !runs[0].isEmpty)
        }
    }

    /// Where each was seen to fail, so that a slow build need not search; a change of the simulation
    /// moves it.
    private static let bitten: [FleetSabotage: UInt64] = [
        .unfenced: 92, .deafNode: 2037, .timelessClaims: 81, .hastyFence: 42, .impatience: 43,
        .forgetfulDatabase: 15,
        .lateStatements: 42, .echo: 8, .deafBudget: 3, .generousPlaces: 120, .lostPlaces: 1,
        .unboundedToken: 6,
        .lostUse: 2, .doubledBooks: 2, .lostBooks: 2,
    ]

    @Test("each checker bites", arguments: FleetSabotage.allCases)
    func canary(_ sabotage: FleetSabotage) throws {
        let seed = try #require(Self.bitten[sabotage])
        let found = (seed..<(seed + 3000)).lazy
            .compactMap { simulateFleet(seed: $0, sabotage: sabotage).failure }.first
        #expect(found?.invariant == sabotage.checker.rawValue)
    }
}
