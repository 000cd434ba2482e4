import CLinux

let arguments = Array(CommandLine.arguments.dropFirst())
let verb = arguments.first ?? ""
let rest = Array(arguments.dropFirst())

if let code = bench(verb, rest) { exit(code) }
print("Try: dev bench")
exit(2)
