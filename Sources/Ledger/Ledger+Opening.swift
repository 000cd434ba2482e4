import Basics
import CLinux
import CSQLite

extension Ledger {
    /// Opens the file, at once or, if that is not possible and the options permit it, later.
    /// - Parameters:
    ///   - lock: The file's, -1 until it is ours.
    ///   - waits: Called before a wait begins, in which records are kept.
    /// - Returns: The file, and records that are not in it yet.
    func openFile(
        _ path: String, _ lock: inout Int32, waits: () -> Void
    ) throws(LedgerError) -> (LedgerStore, pending: [Record]) {
        if !options.awaitsLock {
            do throws(LedgerError) {
                lock = try takeLock(of: path)
                guard lock >= 0 else {
                    // Only one process may write, and close what another left open.
                    throw LedgerError(
                        "locking \(path)", code: SQLITE_BUSY,
                        "another turnkeeper writes this ledger")
                }
                return (try openStore(path), [])
            } catch {
                guard options.opensLater else { throw error }
                note(trouble: error)
            }
        }
        waits()
        let newcomer = Newcomer(self, path)
        return (try newcomer.wait(for: &lock), newcomer.pending)
    }

    /// Opens the file, and imports records of processes that died before the file was theirs.
    /// - Parameter meanwhile: Called repeatedly, because this may take seconds.
    func openStore(
        _ path: String, meanwhile: () -> Void = {}
    ) throws(LedgerError) -> LedgerStore {
        let left = WaitingRecords.left(beside: path)
        for error in left.unreadable {
            tell("records of a process that has ended stay where they are: \(error)")
        }
        if !left.files.isEmpty {
            // Those sessions are over: they are closed when the file is opened again.
            let store = try makeStore(path)
            for file in left.files { takeIn(file, into: store, meanwhile) }
        }
        return try makeStore(path)
    }

    private func takeIn(
        _ file: WaitingRecords, into store: LedgerStore, _ meanwhile: () -> Void
    ) {
        do throws(LedgerError) {
            let refused = try store.takeIn(
                file, at: Instant(nanoseconds: tk_now()), meanwhile: meanwhile)
            lose(refused)
            tell(ofUnread: file)
            if file.count > 0 {
                tell(
                    "took in \(file.count) records of a process that ended before it had the "
                        + "ledger, from \(file.path)")
            }
            if file.remove() { try store.forget(file) }
        } catch {
            tell("records in \(file.path) stay there until the next start: \(error)")
        }
    }

    func tell(ofUnread file: WaitingRecords) {
        guard let failure = file.failure else { return }
        tell(
            "records could not all be read, and are kept in \(file.path).damaged: \(failure)")
    }

    private func makeStore(_ path: String) throws(LedgerError) -> LedgerStore {
        let store: LedgerStore
        do throws(LedgerError) {
            store = try LedgerStore(
                path, version: options.version, isSpool: options.remote != nil,
                pages: options.pages ?? options.remote.map { _ in Self.spoolPages })
        } catch {
            // An operator needs the file's name. The statement that met a full disk says nothing.
            let isOfTheStatement = !error.isOfTheFile || error.code == 0
            throw LedgerError(
                "opening \(path)", code: error.code,
                isOfTheStatement ? error.description : error.message)
        }
        // SAFETY: the path is read during the call.
        _ = unsafe chmod(path, 0o600)
        return store
    }

    /// The limit of a spool: 2 GiB, some hours of a hundred turns a second. Beyond that, rows are
    /// lost and counted.
    private static let spoolPages = 524_288
}
