import Basics
import Sessions
import Transport
import WebSocket
import Wire

// The life of a connection.
extension SessionDriver {
    func opened(_ connection: Connection, subprotocol: String?) {
        guard let link = number(of: connection) else { return }
        if self.subprotocol == nil { self.subprotocol = subprotocol }
        handle(.dialed(link))
    }

    func refused(_ connection: Connection, _ refusal: UpgradeRefusal) {
        guard let link = number(of: connection) else { return }
        forget(connection)
        handle(.dialFailed(link, worker.told(refusal, id, policy)))
    }

    func failed(_ connection: Connection, _ failure: ConnectionFailure) {
        let link = number(of: connection)
        forget(connection)
        if let link {
            handle(
                .dialFailed(
                    link,
                    failure.kind == .timedOut
                        ? .timedOut(failure.description) : .unreachable(failure.description)))
        } else {
            handle(.clientClosed(.abnormal))
        }
    }

    func ponged(_ connection: Connection, roundTrip: Interval) {
        if connection === client { return handle(.clientPonged(roundTrip)) }
        if let link = number(of: connection) { handle(.geminiPonged(link, roundTrip)) }
    }

    func violated(_ connection: Connection, _ violation: Violation) {
        let close = Close(violation.closeCode, violation.reason.description)
        if connection === client { return handle(.clientViolated(close)) }
        if let link = number(of: connection) { handle(.geminiViolated(link, close)) }
    }

    func fell(_ connection: Connection, behind isBehind: Bool) {
        if connection === client { handle(.clientBehind(isBehind)) }
    }

    func heldBytes(behind connection: Connection) -> Int { heldBytes }

    func stuck(_ connection: Connection, backlog: Int) {
        if connection === client { handle(.clientStuck(buffered: backlog)) }
    }

    func closed(_ connection: Connection, code: UInt16, reason: String) {
        let link = number(of: connection)
        forget(connection)
        // Scrubbed on arrival, before it goes to the other peer, log and ledger.
        let close = Close(code, worker.scrub(reason, of: request, policy))
        guard let link else { return handle(.clientClosed(close)) }
        handle(.geminiClosed(link, close))
    }

    func end(_ peer: Peer, _ close: Close) {
        isEnding = true
        guard let connection = peer == .client ? client : gemini else { return }
        if close.code == Close.abnormal.code {
            connection.abandon()
            forget(connection)
        } else {
            // The reason may quote what this peer, or the other, has said.
            connection.close(close.code, worker.scrub(close.reason, of: request, policy))
        }
    }
}
