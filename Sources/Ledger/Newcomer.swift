import Basics
import CLinux
import Transport

/// A ledger's writer until the file can be opened: another process, which is leaving, still has it,
/// or it could not be opened at the start. Used only by the writer's thread.
final class Newcomer {
    private let ledger: Ledger
    private let path: String
    /// nil until there is a record to keep.
    private var file: WaitingRecords?
    /// Records that are not written there either.
    private(set) var pending: [Record] = []
    private var isOpen = true
    /// Why records could not be kept.
    private var obstacle: LedgerError?

    init(_ ledger: Ledger, _ path: String) {
        self.ledger = ledger
        self.path = path
    }

    /// Keeps records in a separate file until the ledger is ours and has them.
    /// - Parameter lock: The ledger's, -1 until it is ours.
    func wait(for lock: inout Int32) throws(LedgerError) -> LedgerStore {
        var end: Int64?
        while true {
            ledger.rest()
            keep()
            var trouble = obstacle
            do throws(LedgerError) {
                if lock < 0 { lock = try ledger.takeLock(of: path) }
                if lock >= 0 {
                    let store = try ledger.openStore(path) { keep() }
                    try enter(store)
                    return store
                }
            } catch {
                trouble = trouble ?? error
            }
            ledger.note(trouble: trouble)
            guard !isOpen else { continue }
            let last = end ?? tk_now() + ledger.patience.nanoseconds
            end = last
            if tk_now() >= last {
                ledger.lose(pending.count { !$0.isOfAPolicy })
                throw LedgerError(
                    "waiting for the ledger", code: trouble?.code ?? 0,
                    trouble?.description ?? "another turnkeeper writes it")
            }
        }
    }

    /// Writes queued records to the separate file.
    private func keep() {
        let (records, waiting, isOpen, scrubber) = ledger.dequeue()
        self.isOpen = isOpen
        pending += scrubber.isEmpty ? records : records.map { $0.scrubbed(scrubber) }
        do throws(LedgerError) {
            // Policies alone mean nothing: a start that failed leaves no file.
            if file == nil, !pending.allSatisfy(\.isOfAPolicy) {
                file = try WaitingRecords.make(
                    beside: path, version: ledger.options.version, pages: ledger.options.pages)
            }
            if let file {
                ledger.lose(try file.append(pending))
                pending = []
                ledger.settle(aside: file.count)
            }
            obstacle = nil
        } catch {
            obstacle = error
            ledger.note(trouble: error)
        }
        for latch in waiting { latch.arrive() }
    }

    /// The kept records go to the ledger. Records that arrive meanwhile are kept first too.
    private func enter(_ store: LedgerStore) throws(LedgerError) {
        guard let file else { return }
        let now = Instant(nanoseconds: tk_now())
        let refused = try store.takeIn(file, at: now) { keep() }
        ledger.lose(refused)
        ledger.tell(ofUnread: file)
        if file.remove() { try? store.forget(file) }
        self.file = nil
        ledger.settleAside()
    }
}

extension Record {
    fileprivate var isOfAPolicy: Bool {
        if case .policyLoaded = self { true } else { false }
    }
}
