import CLinux

let arguments = Array(CommandLine.arguments.dropFirst())

switch arguments.first {
case "scan-cost": exit(ScanCost.run(Array(arguments.dropFirst())))
default:
    print("Try: dev scan-cost")
    exit(2)
}
