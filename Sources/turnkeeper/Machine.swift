import CLinux

/// The machine that the program runs on.
enum Machine {
    /// Processors available to this process, and the default number of workers.
    static var cores: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    static func has(_ path: String) -> Bool {
        // SAFETY: the path lives for the call.
        unsafe access(path, F_OK) == 0
    }

    /// A path that means the same in another directory, for lines to paste elsewhere.
    static func absolute(_ path: String) -> String {
        // SAFETY: the call allocates the answer, which is copied and freed here.
        guard let found = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }
}

/// What the environment says to somebody who has no policy yet.
enum Environment {
    /// Where Google's own libraries look, too.
    static let keyName = "GEMINI_API_KEY"

    /// The key itself; nil where there is none.
    static var key: String? {
        // SAFETY: the environment is not changed here; the text is copied at once.
        guard let value = unsafe getenv(keyName) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }
}
