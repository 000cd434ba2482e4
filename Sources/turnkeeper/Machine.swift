import CLinux

/// What there is to work with.
enum Machine {
    /// Processors this process may use, as many workers as make sense.
    static var cores: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// A path that means the same in another directory, for lines to paste elsewhere.
    static func absolute(_ path: String) -> String {
        // SAFETY: the call allocates the answer, which is copied and freed here.
        guard let found = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }
}
