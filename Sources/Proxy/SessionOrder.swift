import Admin
import Basics
import Inspector
import Ledger
import Policies
import Sessions
import Synchronization
import Transport

/// An operator's order for one session, over the admin port.
enum SessionOrder: String, CaseIterable {
    /// Closes the session at once.
    case end
    /// Closes it at its next idle moment, after half a minute at the latest; its client gets 1001
    /// and reconnects to this server or another.
    case drain

    private static let patience = Interval.seconds(30)

    /// `POST /api/sessions/ID/end` and `/drain`: 200 if the session is on this node, 202 if it is
    /// on another, which will carry out the order; else 404. `ID` may be abbreviated if only one
    /// session in the ledger begins with it.
    static func routes(
        _ mailboxes: [Transport.Mailbox], _ shared: Shared, _ inspector: Inspector
    ) -> [Admin.Route] {
        allCases.map { order in
            Admin.Route("/api/sessions/{id}/\(order.rawValue)", isOrder: true) {
                _, parameters, reply in
                let id = parameters["id"] ?? ""
                order.give(to: id, mailboxes, shared, reply) {
                    inspector.complete(id, reply) { whole in
                        guard let whole, whole != id else { return reply.send(.noSession) }
                        order.give(to: whole, mailboxes, shared, reply) {
                            reply.send(.noSession)
                        }
                    }
                }
            }
        }
    }

    /// Gives the order wherever the session is.
    /// - Parameter miss: Called, instead of an answer, if the session is on no node.
    private func give(
        to id: String, _ mailboxes: [Transport.Mailbox], _ shared: Shared, _ reply: Admin.Reply,
        orElse miss: @escaping @Sendable () -> Void
    ) {
        give(to: id, mailboxes, shared.log) { isHere in
            guard !isHere else { return reply.send(.taken(self, for: id)) }
            guard let nodes = shared.node?.state else { return miss() }
            nodes.passOn(rawValue, to: id) { passed in
                switch passed {
                case .success(let node?):
                    shared.log.write(
                        .warning, "session at another node ordered to \(rawValue)",
                        [("session", .string(id)), ("node", .string(node))])
                    reply.send(.taken(self, for: id, by: node))
                case .success(nil): miss()
                case .failure(let failure): reply.send(.isolated(failure))
                }
            }
        }
    }

    /// Asks each worker, because we do not know which one has the session.
    /// - Parameter finish: Called once, on any thread: whether the session is on this node.
    func give(
        to id: String, _ mailboxes: [Transport.Mailbox], _ log: Log,
        then finish: @escaping @Sendable (Bool) -> Void
    ) {
        let votes = Votes(mailboxes.count)
        for mailbox in mailboxes {
            mailbox.post { loop in
                let isHere = (loop.owner as? Worker)?.obey(self, session: id) ?? false
                guard let wasFound = votes.cast(isHere) else { return }
                if wasFound {
                    log.write(
                        .warning, "session ordered to \(rawValue)", [("session", .string(id))])
                }
                finish(wasFound)
            }
        }
    }

    /// Carries out the order.
    func carryOut(on driver: SessionDriver, at now: Instant) {
        switch self {
        case .end: driver.handle(.limitReached(.ending))
        case .drain: driver.drain(by: now + Self.patience)
        }
    }
}

/// Counts the workers' answers.
private final class Votes: Sendable {
    private let state: Mutex<(left: Int, wasFound: Bool)>

    init(_ count: Int) { state = Mutex((count, false)) }

    /// - Returns: Whether any vote was yes, once all have been cast.
    func cast(_ isYes: Bool) -> Bool? {
        state.withLock { state in
            state.left -= 1
            state.wasFound = state.wasFound || isYes
            return state.left == 0 ? state.wasFound : nil
        }
    }
}

extension Response {
    /// The order was carried out, or another node has accepted it.
    fileprivate static func taken(
        _ order: SessionOrder, for id: String, by node: String? = nil
    ) -> Response {
        .report(
            ReportJSON.order(order.rawValue, session: id, node: node),
            status: node == nil ? 200 : 202)
    }

    fileprivate static let noSession = Response.problem(
        404, "no live session with this id, or several sessions begin with it")

    /// The session may be on another node, and none can be asked.
    fileprivate static func isolated(_ failure: SharedState.Failure) -> Response {
        .problem(
            503,
            "no live session with this id here, and other nodes are not in reach: \(failure)"
                + (failure.mayBeDone
                    ? "; if the session lives at one, the order may still be carried out" : ""))
    }
}
