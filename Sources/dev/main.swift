import CLinux

let arguments = Array(CommandLine.arguments.dropFirst())

switch arguments.first {
case "read-cost": exit(ReadCost.run(Array(arguments.dropFirst())))
case "scan-cost": exit(ScanCost.run(Array(arguments.dropFirst())))
case let verb? where verb.hasPrefix("bench"):
    exit(bench(verb, Array(arguments.dropFirst())))
case "simulate" where arguments.contains { $0.hasPrefix("--fleets") }:
    exit(await SimulateFleets.run(Array(arguments.dropFirst())))
case "simulate": exit(await Simulate.run(Array(arguments.dropFirst())))
case "scenes": exit(Scenes.run(Array(arguments.dropFirst())))
case "dashboards": exit(RenderDashboards.run(Array(arguments.dropFirst())))
case "ledger-crash": exit(LedgerCrash.run(Array(arguments.dropFirst())))
case "ledger-crash-writer": exit(LedgerWriter.run(Array(arguments.dropFirst())))
case "seed-ledger": exit(SeedLedger.run(Array(arguments.dropFirst())))
default:
    print(
        "Try: dev bench, dev bench-instructions, dev bench-ledger, dev scan-cost, dev read-cost, "
            + "dev simulate, dev scenes, dev dashboards, "
            + "dev ledger-crash, dev seed-ledger")
    exit(2)
}
