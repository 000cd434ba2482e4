import Basics
import CLinux

extension Ledger {
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
            lose(refused, nil)
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
        let store = try LedgerStore(
            path, version: options.version, isSpool: options.remote != nil,
            pages: options.pages ?? options.remote.map { _ in Self.spoolPages })
        // SAFETY: the path is read during the call.
        _ = unsafe chmod(path, 0o600)
        return store
    }

    /// The limit of a spool: 2 GiB, some hours of a hundred turns a second. Beyond that, rows are
    /// lost and counted.
    private static let spoolPages = 524_288
}
