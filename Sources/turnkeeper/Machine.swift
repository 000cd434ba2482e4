import CLinux

/// The machine that the program runs on.
enum Machine {
    /// Processors available to this process, and the default number of workers.
    static var cores: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// What the user would have new files be like. From the start on they are this user's alone,
    /// because they contain conversations and keys.
    static let umaskOfUser = umask(0o077)

    static func has(_ path: String) -> Bool {
        // SAFETY: the path lives for the call.
        unsafe access(path, F_OK) == 0
    }

    /// The absolute path, for lines that are pasted elsewhere.
    static func absolute(_ path: String) -> String {
        // SAFETY: the call allocates the answer, which is copied and freed here.
        guard let found = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }
}

/// The environment, for users without a policy.
enum Environment {
    /// Google's libraries use the same.
    static let keyName = "GEMINI_API_KEY"

    /// The key itself, if there is one.
    static var key: String? { value(keyName) }

    /// What a client of ours shows: google-genai takes either name.
    static var clientKey: String? { key ?? value("GOOGLE_API_KEY") }

    private static func value(_ name: String) -> String? {
        // SAFETY: the environment is not changed here; the text is copied at once.
        guard let value = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }
}
