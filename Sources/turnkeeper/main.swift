import CLinux
import Manual

// Results go to stdout, logs and errors to stderr; exit status 0: done, 1: failed, 2: wrong
// arguments.

tk_open_standard_descriptors()

_ = Machine.umaskOfUser

do {
    end(try Commands.run(Array(CommandLine.arguments.dropFirst())))
} catch {
    Output.mistake(error.message, hint: error.hint)
    end(2)
}

/// Without the libraries' own ends: a start that was refused has threads that still use them.
func end(_ status: Int32) -> Never {
    fflush(nil)
    _exit(status)
}
