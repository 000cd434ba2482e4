import Basics
import Policies
import Transport
import WebSocket

/// A client whose token is being looked up in PostgreSQL, before its upgrade is answered. Waits in
/// the lobby.
final class TokenVisit: ConnectionDelegate, LobbyGuest {
    private let worker: Worker
    private let client: Connection
    private let request: UpgradeRequest
    private let path: LivePath
    private let token: String
    private let id: String
    private let ticket: Lobby.Ticket
    private var isOver = false

    init(
        _ client: Connection, _ request: UpgradeRequest, _ path: LivePath, token: String,
        id: String, ticket: Lobby.Ticket, worker: Worker
    ) {
        self.worker = worker
        self.client = client
        self.request = request
        self.path = path
        self.token = token
        self.id = id
        self.ticket = ticket
    }

    func start() {
        let (mailbox, tokens, id) = (worker.loop.mailbox, worker.shared.tokens, id)
        tokens.visit(token, session: id) { result in
            mailbox.post { loop in
                let visit = (loop.owner as? Worker)?.guests[id] as? TokenVisit
                if visit?.isOver == false { visit?.answer(result); return }
                // The client has left.
                if case .success(let visitor?) = result {
                    tokens.giveBack(visitor.grant, visitor.pass)
                }
            }
        }
    }

    private func answer(_ result: Result<Visitor?, TokenTrouble>) {
        leave()
        client.delegate = nil
        switch result {
        case .success(let visitor):
            worker.admit(client, request, path, visitor, isSought: true)
            // No session has taken over the connection: a limit, or the end of this server.
            if let visitor, worker.guest(id) == nil {
                worker.shared.tokens.giveBack(visitor.grant, visitor.pass)
            }
        case .failure: worker.reject(client, request.headers, .cutOff)
        }
    }

    private func leave() {
        isOver = true
        worker.guests[id] = nil
        worker.shared.lobby.leave(ticket)
    }

    func shownOut() {
        leave()
        client.delegate = nil
        worker.reject(client, request.headers, Rejection(.waiting))
    }

    func failed(_ connection: Connection, _ failure: ConnectionFailure) { leave() }
    func closed(_ connection: Connection, code: UInt16, reason: String) { leave() }
}

extension Worker {
    /// Looks up the token first, and then admits its client.
    func visit(
        _ connection: Connection, _ request: UpgradeRequest, _ path: LivePath, _ token: String
    ) {
        if let limit = shortage(of: nil) {
            return reject(connection, request.headers, Rejection(limit))
        }
        let id = Identifier.make()
        guard let ticket = enterLobby(id, address(of: connection, request.headers), nil) else {
            return reject(connection, request.headers, Rejection(.waiting))
        }
        let visit = TokenVisit(
            connection, request, path, token: token, id: id, ticket: ticket, worker: self)
        guests[id] = visit
        connection.delegate = visit
        visit.start()
    }
}
