import Basics
import Ledger
import Policies
import Synchronization
import Transport

/// This process among the nodes of one service: reports its own state to the others.
final class SharedNode: Sendable {
    let state: SharedState
    private let node = Mutex(
        NodeState(version: Version.text, policies: "", admin: "", sessions: 0, isDraining: false))

    /// The number of its sessions, and whether it accepts no more.
    private let load = Mutex<(@Sendable () -> (sessions: Int, isDraining: Bool))?>(nil)

    /// nil without PostgreSQL. Create it before anything else that takes part in rounds.
    init?(_ options: ServerOptions, at address: SocketAddress) {
        guard let remote = LedgerFile.remote(options, at: address) else { return nil }
        state = SharedState(remote, process: Identifier.make())
        state.present { [weak self] in self?.now ?? .gone }
    }

    private var now: NodeState {
        var now = node.withLock { $0 }
        if let load = load.withLock({ $0 }) { (now.sessions, now.isDraining) = load() }
        return now
    }

    /// Call when everything that takes part in rounds exists.
    func start(_ shared: Shared) throws(StartFailure) {
        load.withLock { load in
            load = { [weak shared] in
                shared.map { ($0.accounts.sessions, $0.isLeaving) } ?? (0, true)
            }
        }
        do throws(LedgerError) {
            try state.start(patience: Self.patience)
        } catch {
            throw StartFailure(["turnkeeper: \(error)"])
        }
        if state.isRequired, let outage = state.outage {
            throw StartFailure([
                "turnkeeper: sharing limits and conversations with other nodes: \(outage)",
                "Try: --ledger-required no, to serve with a share of the limits until it can be used",
            ])
        }
        shared.accounts.awaitShare(within: Self.round)
    }

    /// How long the start waits for a PostgreSQL that has just answered.
    private static let patience = Interval.seconds(5)
    /// The others lower what they hold in their next round.
    private static let round = Interval.seconds(2)

    func report(_ policies: PolicySet) {
        let digest = policies.digest
        node.withLock { $0.policies = digest }
    }

    func note(admin address: SocketAddress, isEncrypted: Bool) {
        let name = LedgerFile.name(of: address)
        node.withLock { $0.admin = "\(isEncrypted ? "https" : "http")://\(name)" }
    }
}

extension NodeState {
    fileprivate static let gone = NodeState(
        version: Version.text, policies: "", admin: "", sessions: 0, isDraining: true)
}

extension PolicySet {
    /// A digest of all that the policy files say: equal on nodes with the same files, even while
    /// one version of the program, with other built-in values, replaces another.
    var digest: String {
        String((Digest.sha256(Array(stated.utf8))?.hex ?? "").prefix(12))
    }
}
