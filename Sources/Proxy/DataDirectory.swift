import CLinux
import Synchronization
import Transport

/// The data directory belongs to one process at a time, by a lock that ends with the process.
final class DataDirectory: Sendable {
    let path: String
    private let lock = Mutex<Int32?>(nil)
    private let awaited = Atomic(false)

    private init(_ path: String) { self.path = path }

    /// Ours, or soon ours: its holder is leaving, or is asked to (`--take-over`).
    static func enter(
        _ options: ServerOptions, _ log: Log
    ) throws(StartFailure) -> DataDirectory {
        let directory = DataDirectory(options.data)
        // SAFETY: the path is read during the call. A failure is noticed below.
        _ = unsafe mkdir(options.data, 0o700)
        let failure = directory.tryLock()
        if failure == 0 { return directory }
        guard failure == EWOULDBLOCK else {
            // The server continues, as it does without a ledger.
            log.write(
                .error, "the data directory cannot be locked",
                [
                    ("directory", .string(options.data)),
                    ("why", .string(SystemError("opening its lock", failure).description)),
                ])
            return directory
        }
        let holder = directory.holder
        guard options.takesOver || holder.isLeaving else {
            throw StartFailure([
                "turnkeeper: \(options.data) belongs to another turnkeeper, process \(holder.process)",
                "Try: --take-over to take its place, or --data with a directory of its own",
            ])
        }
        directory.awaited.store(true, ordering: .relaxed)
        log.write(
            .info, "waiting for the data directory; records are kept until then",
            [("directory", .string(options.data)), ("process", .string(holder.process))])
        return directory
    }

    /// Another process still has it, and is leaving; until then only sessions' own files are
    /// written.
    var isAwaited: Bool { awaited.load(ordering: .relaxed) }

    /// True if it has just become ours.
    func claim() -> Bool {
        guard isAwaited, tryLock() == 0 else { return false }
        awaited.store(false, ordering: .relaxed)
        return true
    }

    /// A process that starts now need not be told to take over.
    func leave() { lock.withLock { if let fd = $0 { Self.write("leaving", fd) } } }

    func release() {
        lock.withLock { lock in
            if let fd = lock { tk_close(fd, 0) }
            lock = nil
        }
    }

    private var file: String { path + "/lock" }

    /// 0, or an errno.
    private func tryLock() -> Int32 {
        // SAFETY: the path is read during the call.
        let fd = unsafe tk_try_lock_file(file)
        guard fd >= 0 else { return -fd }
        Self.write("serving", fd)
        lock.withLock { $0 = fd }
        return 0
    }

    private static func write(_ state: String, _ fd: Int32) {
        let text = Array("\(getpid()) \(state)\n".utf8)
        ftruncate(fd, 0)
        // SAFETY: the array is read during the call.
        _ = unsafe pwrite(fd, text, text.count, 0)
    }

    private var holder: (process: String, isLeaving: Bool) {
        let text = String(decoding: File.read(file, limit: 64) ?? [], as: UTF8.self)
        let words = text.split { $0 == " " || $0 == "\n" }
        return (words.first.map(String.init) ?? "unknown", words.last == "leaving")
    }
}
