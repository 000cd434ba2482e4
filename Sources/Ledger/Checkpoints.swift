import CSQLite
import Synchronization
import Transport

/// Moves committed data from the write-ahead log into the file, on a separate thread: this waits
/// for the disk, which may take seconds, without making any record wait.
final class Checkpoints: Sendable {
    private let path: String
    private let thread = BackgroundThread()
    private let isOver = Atomic(false)

    /// A checkpoint is worthwhile from this many pages of 4 KiB; SQLite's own default.
    private static let worth = 1000
    /// The log does not grow beyond this: 64 MiB. It is reached only if the disk is slower than the
    /// writer.
    private static let bound = 16_384

    init(_ path: String) throws(LedgerError) {
        self.path = path
        do throws(SystemError) {
            try thread.start("ledger-pages") { self.work() }
        } catch {
            throw LedgerError("opening the ledger", error.description)
        }
    }

    /// Called on the writer's thread, after a commit.
    func follow(_ database: Database) {
        let pages = database.pagesInLog
        if pages >= Self.worth { thread.wake() }
        // When the writer is idle, the checkpoint reaches the end of the log, which then restarts.
        // A reader that prevents this does no harm.
        if pages >= Self.bound { try? database.checkpoint() }
    }

    /// Returns when the thread has closed the file.
    func end() {
        isOver.store(true, ordering: .releasing)
        thread.end()
    }

    private func work() {
        // The file exists: the writer has created it. Errors here also reach the writer, which
        // reports them.
        let database = try? Database(path, flags: SQLITE_OPEN_READWRITE)
        while true {
            thread.sleep()
            if isOver.load(ordering: .acquiring) { break }
            try? database?.checkpoint()
        }
    }
}
