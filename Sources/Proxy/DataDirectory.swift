import CLinux
import Synchronization
import Transport

/// Gives the data directory to one process at a time, by a lock that ends with the process.
public final class DataDirectory: Sendable {
    let path: String
    private let lock = Mutex<Int32?>(nil)
    private let awaited = Atomic(false)
    private let isLeaving = Atomic(false)
    /// This process has our sockets, and will get the directory.
    private let successor = Mutex<OtherProcess?>(nil)
    /// The error that prevented recreating the lock, if any: logged once.
    private let lastFailure = Atomic<Int32>(0)

    private init(_ path: String) { self.path = path }

    deinit { release() }

    /// Succeeds if the directory is ours, or soon will be because its holder is leaving or has been
    /// asked to (`--take-over`).
    static func enter(
        _ options: ServerOptions, _ log: Log
    ) throws(StartFailure) -> DataDirectory {
        let directory = DataDirectory(options.data)
        let obstacle = obstacle(to: options.data)
        // Certificates are created there.
        if options.tls == .automatic, let obstacle {
            throw StartFailure(["turnkeeper: \(obstacle)"])
        }
        directory.shut(log)
        try directory.letPass()
        let failure = directory.tryLock()
        if failure == 0 { return directory }
        guard failure == EWOULDBLOCK else {
            // The server continues, as it does without a ledger.
            log.write(
                .error, "the data directory cannot be used",
                [
                    ("directory", .string(options.data)),
                    (
                        "why",
                        .string(obstacle ?? SystemError("opening its lock", failure).description)
                    ),
                ])
            return directory
        }
        let holder = directory.holder
        guard options.takesOver || holder.isLeaving else {
            throw StartFailure([
                "turnkeeper: \(options.data) belongs to another turnkeeper, process \(holder.process)",
                "Try: --take-over to replace it, or --data with another directory",
            ])
        }
        directory.awaited.store(true, ordering: .relaxed)
        log.write(
            .info,
            "waiting for the data directory; until then, records go to a separate file",
            [("directory", .string(options.data)), ("process", .string(holder.process))])
        return directory
    }

    /// A process that has taken over gets the directory within a second of its holder's end, before
    /// any process that starts later.
    private func letPass() throws(StartFailure) {
        for _ in 0..<30 {
            guard let newcomer = holder.successor, newcomer.state == .running, isFree else { break }
            usleep(100_000)
        }
        guard let newcomer = holder.successor, newcomer.state != .gone, isFree else { return }
        throw StartFailure(isBeing(replacedBy: newcomer))
    }

    /// The message for another process that wants to take over.
    func isBeing(replacedBy newcomer: OtherProcess) -> [String] {
        let holder = holder.process
        let words = "turnkeeper: process \(holder) is being replaced by process \(newcomer.number)"
        guard newcomer.state == .stopped else {
            return [words + ", which has not finished", "Try: again in a minute"]
        }
        return [
            words + ", which has its sockets and is stopped",
            "Try: kill -CONT \(newcomer.number), and it goes on; or kill -KILL \(newcomer.number), "
                + "and then this again",
        ]
    }

    /// From now on that process has our sockets; nil: it has died.
    func note(successor newcomer: OtherProcess?) {
        successor.withLock { $0 = newcomer }
        lock.withLock { if let fd = $0 { write(to: fd) } }
    }

    /// Why the directory cannot be written, in a line that says what to do; nil if it can. Creates
    /// a missing directory, closed to other users.
    public static func obstacle(to path: String) -> String? {
        // SAFETY: the path is read during the calls.
        guard unsafe mkdir(path, 0o700) != 0 else { return nil }
        let failure = tk_errno()
        let isThere = failure == EEXIST
        if isThere, unsafe access(path + "/.", W_OK | X_OK) == 0 { return nil }
        let why = SystemError.text(isThere ? tk_errno() : failure)
        // It is not created: a disk that is not mounted would be replaced by a directory.
        if failure == ENOENT, let slash = path.dropLast().lastIndex(of: "/") {
            return "--data \(path) cannot be made: \(path[..<slash]) does not exist: create it "
                + "first, or use another directory: --data DIR"
        }
        return "--data \(path) cannot be \(isThere ? "written" : "made"): \(why); use a directory "
            + "that this user may write: --data DIR"
    }

    /// The process that holds the directory, if any.
    public static func holder(of path: String) -> String? {
        let directory = DataDirectory(path)
        // SAFETY: the path is read during the call, which makes no file.
        guard unsafe access(directory.file, F_OK) == 0, directory.tryLock() == EWOULDBLOCK else {
            return nil
        }
        return directory.holder.process
    }

    /// Another process still holds the directory and is leaving; until then this one writes there
    /// only recordings, records in a separate file, and uses of client tokens.
    var isAwaited: Bool { awaited.load(ordering: .relaxed) }

    /// Waits at most so long for the directory to become ours.
    func isOurs(within milliseconds: Int32) -> Bool {
        for _ in 0..<milliseconds / 100 where isAwaited { usleep(100_000) }
        return !isAwaited
    }

    /// True if the directory has just become ours.
    func claim() -> Bool {
        guard isAwaited, tryLock() == 0 else { return false }
        awaited.store(false, ordering: .relaxed)
        return true
    }

    /// Recreates the lock file if it has been removed, because otherwise the next process would not
    /// see that the directory is in use. Call about every second.
    func keep(_ log: Log) {
        let failure: Int32? = lock.withLock { lock in
            // SAFETY: the path is read during the calls.
            guard let fd = lock, unsafe tk_is_file(file, fd) == 0 else { return nil }
            let new = unsafe tk_try_lock_file(file)
            guard new >= 0 else { return -new }
            tk_close(fd, 0)
            lock = new
            write(to: new)
            return 0
        }
        defer { lastFailure.store(failure ?? 0, ordering: .relaxed) }
        switch failure {
        case nil: break
        case 0:
            log.write(
                .warning, "the data directory's lock was removed and has been recreated",
                [("file", .string(file))])
        case lastFailure.load(ordering: .relaxed): break
        case EWOULDBLOCK:
            log.write(
                .error,
                "the data directory's lock was removed, and another process has taken it: records, "
                    + "spending and client tokens of both are written over each other",
                [("file", .string(file)), ("process", .string(holder.process))])
        case .some(let failure):
            log.write(
                .error, "the data directory's lock was removed, and cannot be made again",
                [
                    ("file", .string(file)),
                    ("why", .string(SystemError("locking", failure).description)),
                ])
        }
    }

    /// From now on a process that starts need not use `--take-over`.
    func leave() {
        isLeaving.store(true, ordering: .relaxed)
        lock.withLock { if let fd = $0 { write(to: fd) } }
    }

    func release() {
        lock.withLock { lock in
            if let fd = lock { tk_close(fd, 0) }
            lock = nil
        }
    }

    /// Anyone who can write the directory can replace our files: client tokens, the lock, the
    /// socket over which another process takes over.
    private func shut(_ log: Log) {
        var status = stat()
        // SAFETY, to the end: the path is read, and the local written, during the calls.
        guard unsafe stat(path, &status) == 0, status.st_mode & 0o022 != 0,
            unsafe chmod(path, status.st_mode & ~0o022) != 0
        else { return }
        log.write(
            .warning, "other users can write the data directory and replace its files",
            [("directory", .string(path)), ("try", .string("chmod go-w"))])
    }

    private var file: String { path + "/lock" }

    /// No process holds the lock at the moment.
    private var isFree: Bool {
        // SAFETY: the path is read during the calls, which make no file.
        guard unsafe access(file, F_OK) == 0 else { return true }
        let fd = unsafe tk_try_lock_file(file)
        if fd >= 0 { tk_close(fd, 0) }
        return fd >= 0
    }

    /// 0, or an errno.
    private func tryLock() -> Int32 {
        // SAFETY: the path is read during the call.
        let fd = unsafe tk_try_lock_file(file)
        guard fd >= 0 else { return -fd }
        lock.withLock { $0 = fd }
        write(to: fd)
        return 0
    }

    private func write(to fd: Int32) {
        let state = isLeaving.load(ordering: .relaxed) ? "leaving" : "serving"
        let newcomer = successor.withLock { $0.map { " \($0.text)" } } ?? ""
        let text = Array("\(getpid()) \(state)\(newcomer)\n".utf8)
        ftruncate(fd, 0)
        // SAFETY: the array is read during the call.
        _ = unsafe pwrite(fd, text, text.count, 0)
    }

    /// The last process that wrote its name there.
    var holder: (process: String, isLeaving: Bool, successor: OtherProcess?) {
        let text = String(decoding: File.read(file, limit: 64) ?? [], as: UTF8.self)
        let words = text.split { $0 == " " || $0 == "\n" }
        return (
            words.first.map(String.init) ?? "unknown", words.dropFirst().first == "leaving",
            words.dropFirst(2).first.flatMap { OtherProcess($0) }
        )
    }
}
