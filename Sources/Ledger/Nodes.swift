import Basics
import Sharing

/// What a process reports about itself to the others of its service.
public struct NodeState: Equatable, Sendable {
    public var version: String
    /// A digest of its policies: equal on nodes with equal policies.
    public var policies: String
    /// The address of its admin port, `http://HOST:PORT` or `https://HOST:PORT`; empty if it has
    /// none. Older versions omit the scheme.
    public var admin: String
    public var sessions: Int
    public var isDraining: Bool

    public init(
        version: String, policies: String, admin: String, sessions: Int, isDraining: Bool
    ) {
        self.version = version
        self.policies = policies
        self.admin = admin
        self.sessions = sessions
        self.isDraining = isDraining
    }
}

extension SharedState {
    /// Reports in every round that this process is alive, with its state; in the last round, that
    /// it is gone.
    public func present(_ describe: @escaping @Sendable () -> NodeState) {
        everyRound { [unowned self] (postgres) throws(LedgerError) in
            if isEnding {
                try postgres.run("DELETE FROM processes WHERE id = ?", [.text(process)])
                return
            }
            let state = describe()
            try postgres.run(
                """
                INSERT INTO processes (id, node, version, policies, admin, sessions, is_draining)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO UPDATE
                    SET version = excluded.version, policies = excluded.policies,
                        admin = excluded.admin, sessions = excluded.sessions,
                        is_draining = excluded.is_draining, seen = now()
                """,
                [
                    .text(process), .text(remote.node), .text(state.version),
                    .text(state.policies), .text(state.admin), Value(state.sessions),
                    .integer(state.isDraining ? 1 : 0),
                ])
            // A process that died is shown for a while.
            try postgres.run(
                """
                DELETE FROM processes WHERE seen < now() - interval '1 hour'
                    OR is_draining != 0 AND seen < now() - interval '\(PlaceRounds.absence)'
                """)
        }
    }
}
