import CLinux
import Manual

// Results go to stdout, logs and mistakes to stderr; 0 is done, 1 failed, 2 asked wrongly.

// What is written here holds what people said, and keys: it is nobody else's.
umask(0o077)

do {
    exit(try Commands.run(Array(CommandLine.arguments.dropFirst())))
} catch {
    Output.mistake(error.message, hint: error.hint)
    exit(2)
}
