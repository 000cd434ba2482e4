import CLinux

// Results go to stdout, logs and errors to stderr; exit status 0: done, 1: failed, 2: wrong
// arguments.

// Files written here contain conversations and keys, so they are private.
umask(0o077)

let words = Array(CommandLine.arguments.dropFirst())
let verbs: [String: ([String]) throws(Arguments.Mistake) -> Int32] = [
    "serve": Commands.serve,
    "check": Commands.check,
    "explain": Commands.explain,
    "simulate": Commands.simulate,
    "demo": Commands.demo,
    "sessions": Commands.sessions,
    "usage": Commands.usage,
    "bundle": Commands.bundle,
    "replay": Commands.replay,
]

guard let verb = words.first, verb != "--help", verb != "help" else {
    Output.result(Commands.overview)
    exit(words.isEmpty ? 2 : 0)
}
guard let command = verbs[verb] else {
    Output.mistake("there is no command \"\(verb)\"", hint: "turnkeeper --help")
    exit(2)
}
do {
    exit(try command(Array(words.dropFirst())))
} catch {
    Output.mistake(error.message, hint: error.hint)
    exit(2)
}
