import Glibc

/// The kernel's figures for this process, for the `process_*` metrics.
public struct ProcessFigures: Sendable {
    /// Seconds since 1970; 0 if `/proc` could not be read, as below.
    public var startTime = 0.0
    /// User and system, seconds.
    public var cpuSeconds = 0.0
    public var residentBytes = 0.0
    public var openFiles = 0.0
    public var maximumFiles = 0.0

    /// Reads a handful of files under `/proc`: some tens of microseconds.
    public static func now() -> ProcessFigures {
        var figures = ProcessFigures()
        var usage = rusage()
        // SAFETY: the kernel fills structures on this stack.
        if unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            figures.cpuSeconds = seconds(usage.ru_utime) + seconds(usage.ru_stime)
        }
        var limit = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            figures.maximumFiles = Double(limit.rlim_cur)
        }
        let pages = read("/proc/self/statm").split(separator: " ").dropFirst().first
        figures.residentBytes =
            (pages.flatMap { Double($0) } ?? 0) * Double(sysconf(Int32(_SC_PAGESIZE)))
        figures.startTime = started
        figures.openFiles = Double(countOpenFiles())
        return figures
    }

    /// Read once: `/proc/stat` costs more than everything else.
    private static let started = startTime()

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    /// Ticks after boot, the 22nd field of `stat`; the second, the program's name in parentheses,
    /// may contain spaces.
    private static func startTime() -> Double {
        let afterName = read("/proc/self/stat").split(separator: ")").last ?? ""
        let boot = read("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
        guard
            let ticks = afterName.split(separator: " ").dropFirst(19).first.flatMap({ Double($0) }),
            let bootTime = boot.flatMap({ Double($0.dropFirst(6)) })
        else { return 0 }
        return bootTime + ticks / Double(max(sysconf(Int32(_SC_CLK_TCK)), 1))
    }

    private static func countOpenFiles() -> Int {
        // Since Linux 6.2 the kernel reports the number. Counting ten thousand entries takes
        // milliseconds, and creates a name for each.
        var status = stat()
        // SAFETY: the kernel fills a structure on this stack.
        if unsafe stat("/proc/self/fd", &status) == 0, status.st_size > 0 {
            return Int(status.st_size)
        }
        // SAFETY: the directory is closed below; entries are only counted.
        guard let directory = unsafe opendir("/proc/self/fd") else { return 0 }
        defer { unsafe closedir(directory) }
        var count = 0
        while unsafe readdir(directory) != nil { count += 1 }
        // Without `.`, `..` and the descriptor used for reading.
        return max(count - 3, 0)
    }

    private static func read(_ path: String) -> String {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        // `/proc/stat` has one line per interrupt source; the field needed comes before this limit.
        while bytes.count < 1 << 20 {
            // SAFETY: reads into the array, at most its length.
            let count = unsafe piece.withUnsafeMutableBytes {
                unsafe Glibc.read(file, $0.baseAddress, $0.count)
            }
            guard count > 0 else { break }
            bytes += piece.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
