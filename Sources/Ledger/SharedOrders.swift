import Sharing

/// An operator's orders for sessions of other nodes: a row for each process of the node that has the
/// session in the books, which takes it in its next round.
extension SharedState {
    /// In every round from now on, calls `carryOut` on the thread with each order that another node has
    /// passed on.
    public func takeOrders(
        _ carryOut: @escaping @Sendable (_ verb: String, _ session: String) -> Void
    ) {
        everyRound(isVital: false) { [unowned self] (postgres) throws(LedgerError) in
            var taken: [(verb: String, session: String)] = []
            try postgres.query(
                "DELETE FROM orders WHERE process = ? RETURNING verb, session", [.text(process)]
            ) { taken.append(($0.text(0), $0.text(1))) }
            for (verb, session) in taken { carryOut(verb, session) }
        }
    }

    /// Passes an order on.
    /// - Parameter receive: Called once, on any thread: with the node that carries it out within a
    ///   second or two, or with nil if no node that was heard of lately has such a session.
    public func passOn(
        _ verb: String, to session: String,
        then receive: @escaping @Sendable (Result<String?, Failure>) -> Void
    ) {
        let process = process
        ask(
            { (postgres) throws(LedgerError) in
                // Of processes that died before they took them.
                try postgres.run("DELETE FROM orders WHERE at < now() - interval '1 minute'")
                var node: String?
                try postgres.query(
                    """
                    WITH holders AS (
                        SELECT p.id, p.node FROM sessions s JOIN processes p ON p.node = s.node
                            WHERE s.id = ?1 AND s.ended_us IS NULL AND p.id != ?2
                            AND p.seen > now() - interval '\(PlaceRounds.absence)'),
                    passed AS (
                        INSERT INTO orders (process, verb, session) SELECT id, ?3, ?1 FROM holders
                            ON CONFLICT DO NOTHING)
                    SELECT node FROM holders
                    """, [.text(session), .text(process), .text(verb)]
                ) { node = $0.text(0) }
                return node
            }, then: receive)
    }
}
