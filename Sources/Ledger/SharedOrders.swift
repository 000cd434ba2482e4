import Sharing

/// An operator's orders for sessions on other nodes: a row for each process of the node that has
/// the session in the ledger, which reads it in its next round.
extension SharedState {
    /// In every round from now on, calls `carryOut` on the thread with each order that another node
    /// has passed on, once or, rarely, twice.
    public func takeOrders(
        _ carryOut: @escaping @Sendable (_ verb: String, _ session: String) -> Void
    ) {
        ifPossible { [unowned self] (postgres) throws(LedgerError) in
            // An order is deleted only when it was carried out.
            try postgres.query(
                """
                DELETE FROM orders WHERE process = ?
                    RETURNING verb, session, (at > now() - interval '\(Self.orderLife)')::int
                """, [.text(process)]
            ) { row in
                if row.integer(2) != 0 { carryOut(row.text(0), row.text(1)) }
            }
        }
    }

    /// A node that was unreachable for longer than this carries out no orders that are out of date.
    private static var orderLife: String { "1 minute" }

    /// Passes an order on.
    /// - Parameter receive: Called once, on any thread: with the node that gets the order, and
    ///   looks for orders twice a second; with nil if no node heard from lately has such a session.
    public func passOn(
        _ verb: String, to session: String,
        then receive: @escaping @Sendable (Result<String?, Failure>) -> Void
    ) {
        let process = process
        ask(
            isVital: false,
            { (postgres) throws(LedgerError) in
                // A single statement may be executed after its caller has given up.
                try postgres.atomically(within: Rounds.patience) { () throws(LedgerError) in
                    // Orders for processes that died before they read them.
                    try postgres.run(
                        "DELETE FROM orders WHERE at < now() - interval '\(Self.orderLife)'")
                    var node: String?
                    try postgres.query(
                        """
                        WITH holders AS (
                            SELECT p.id, p.node FROM sessions s JOIN processes p ON p.node = s.node
                                WHERE s.id = ?1 AND s.ended_us IS NULL AND p.id != ?2
                                AND p.seen > now() - interval '\(PlaceRounds.absence)'),
                        passed AS (
                            INSERT INTO orders (process, verb, session) SELECT id, ?3, ?1
                                FROM holders
                                ON CONFLICT (process, session, verb) DO UPDATE SET at = now())
                        SELECT node FROM holders
                        """, [.text(session), .text(process), .text(verb)]
                    ) { node = $0.text(0) }
                    return node
                }
            }, then: receive)
    }
}
