import CLinux

/// What there is to work with.
enum Machine {
    /// Processors this process may use, as many workers as make sense.
    static var cores: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
