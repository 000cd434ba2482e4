import CLinux

/// The machine that the program runs on.
enum Machine {
    /// Processors available to this process, and the default number of workers.
    static var cores: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// An absolute path, for lines to be pasted elsewhere.
    static func absolute(_ path: String) -> String {
        // SAFETY: the call allocates the answer, which is copied and freed here.
        guard let found = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }
}
