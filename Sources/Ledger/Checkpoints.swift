import CLinux
import CSQLite
import Synchronization
import Transport

/// Moves what was committed from the write-ahead log into the file, on a thread of its own: that
/// waits for the disk, which may take seconds, and no record waits with it.
final class Checkpoints: Sendable {
    private let path: String
    private let wake = tk_eventfd(1)
    private let done = tk_eventfd(1)
    private let isOver = Atomic(false)

    /// Pages of 4 KiB from which on it is worth it, as by SQLite's own choice.
    private static let worth = 1000
    /// From here on the log grows no more, whatever waits: 64 MiB. Only a disk that is slower than
    /// what is written comes to this.
    private static let bound = 16_384

    init(_ path: String) throws(LedgerError) {
        self.path = path
        do throws(SystemError) {
            try startThread("ledger-pages") { self.work() }
        } catch {
            throw LedgerError("opening the ledger", error.description)
        }
    }

    deinit { for fd in [wake, done] { tk_close(fd, 0) } }

    /// On the writer's thread, after a commit.
    func follow(_ database: Database) {
        let pages = database.pagesInLog
        if pages >= Self.worth { tk_eventfd_add(wake) }
        // While nobody writes it comes to the log's end, which then begins anew. It is no matter if
        // a reader stands in its way.
        if pages >= Self.bound { try? database.checkpoint() }
    }

    /// Returns when the thread has let go of the file.
    func end() {
        isOver.store(true, ordering: .releasing)
        tk_eventfd_add(wake)
        tk_eventfd_take(done)
    }

    private func work() {
        // It is there: the writer has made it. What fails here the writer meets as well, and tells.
        var database = try? Database(path, flags: SQLITE_OPEN_READWRITE)
        while true {
            tk_eventfd_take(wake)
            if isOver.load(ordering: .acquiring) { break }
            try? database?.checkpoint()
        }
        database = nil
        tk_eventfd_add(done)
    }
}
