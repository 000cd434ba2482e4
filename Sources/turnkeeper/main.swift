import CLinux
import Manual

// Results go to stdout, logs and errors to stderr; exit status 0: done, 1: failed, 2: wrong
// arguments.

tk_open_standard_descriptors()

// Files written here contain conversations and keys, so they are private.
umask(0o077)

do {
    exit(try Commands.run(Array(CommandLine.arguments.dropFirst())))
} catch {
    Output.mistake(error.message, hint: error.hint)
    exit(2)
}
