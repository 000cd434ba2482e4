import Synchronization
import Transport

/// Collects whether several threads have started.
final class StartReports: Sendable {
    private let failures = Mutex<[String]>([])
    private let reported: Latch

    init(count: Int) { reported = Latch(count: count) }

    /// - Parameter failure: nil on success.
    func report(_ failure: String?) {
        if let failure { failures.withLock { $0.append(failure) } }
        reported.arrive()
    }

    /// The failures, when all have reported.
    func all() -> [String] {
        reported.wait()
        return failures.withLock { $0 }
    }
}
