import Basics
import Policies
import Synchronization
import Transport
import WebSocket

/// What the workers of one server have in common. Nothing here is touched per message.
final class Shared: Sendable {
    let log: Log
    let secrets = Secrets()
    let onTimeline: (@Sendable (String, TimelineEntry) -> Void)?
    private let busyWorkers: Mutex<Int>
    private let draining = Atomic(false)

    init(log: Log, workers: Int, onTimeline: (@Sendable (String, TimelineEntry) -> Void)?) {
        self.log = log
        self.onTimeline = onTimeline
        busyWorkers = Mutex(workers)
    }

    /// A draining worker has no session left.
    func emptied() { busyWorkers.withLock { $0 -= 1 } }

    /// New sessions are not welcome any more.
    var isDraining: Bool { draining.load(ordering: .relaxed) }
    func startDraining() { draining.store(true, ordering: .relaxed) }

    var isDrained: Bool { busyWorkers.withLock { $0 <= 0 } }
}

/// The policies in force and the keys they are found by: one value, swapped whole.
struct Rulebook: Sendable {
    var policies: PolicySet
    var keys: KeyRing

    init(_ policies: PolicySet, secrets: Secrets) {
        self.policies = policies
        keys = KeyRing(policies) { secrets.digest(of: $0) }
    }
}

extension Rulebook {
    func verdict(on request: UpgradeRequest) -> Verdict {
        let presented = Credential.presented(request).flatMap { Digest.sha256(Array($0.utf8)) }
        return policies.verdict(
            presented: presented, origin: request.headers.first("origin"), keys: keys)
    }
}
