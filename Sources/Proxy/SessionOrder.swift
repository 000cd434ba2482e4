import Admin
import Basics
import Policies
import Sessions
import Synchronization
import Transport

/// An operator's order for one session, over the admin port.
enum SessionOrder: String, CaseIterable {
    /// Closed here and now.
    case end
    /// Closed at its next idle moment, after half a minute at the latest; its client gets 1001 and
    /// reconnects to this server or another.
    case drain

    private static let patience = Interval.seconds(30)

    /// `POST /api/sessions/ID/end` and `/drain`: 200 if the session lives here, else 404.
    static func routes(_ mailboxes: [Transport.Mailbox], _ log: Log) -> [Admin.Route] {
        allCases.map { order in
            Admin.Route("/api/sessions/{id}/\(order.rawValue)", isOrder: true) {
                _, parameters, reply in
                order.give(to: parameters["id"] ?? "", mailboxes, log, reply)
            }
        }
    }

    /// Each worker is asked, because it is not known where a session lives.
    private func give(
        to id: String, _ mailboxes: [Transport.Mailbox], _ log: Log, _ reply: Reply
    ) {
        let votes = Votes(mailboxes.count)
        for mailbox in mailboxes {
            mailbox.post { loop in
                let isHere = (loop.owner as? Worker)?.obey(self, session: id) ?? false
                guard let wasFound = votes.cast(isHere) else { return }
                if wasFound {
                    log.write(
                        .warning, "session ordered to \(rawValue)", [("session", .string(id))])
                    reply.send(.books(id: id, order: rawValue))
                } else {
                    reply.send(.noSession)
                }
            }
        }
    }

    /// Performs the order.
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

    /// For the last one: whether any was yes.
    func cast(_ isYes: Bool) -> Bool? {
        state.withLock { state in
            state.left -= 1
            state.wasFound = state.wasFound || isYes
            return state.left == 0 ? state.wasFound : nil
        }
    }
}

extension Response {
    /// The id is one of ours: letters and digits.
    fileprivate static func books(id: String, order: String) -> Response {
        Response(
            contentType: "application/json",
            body: Array(#"{"id":"\#(id)","order":"\#(order)"}"#.utf8) + [UInt8(ascii: "\n")])
    }

    fileprivate static var noSession: Response {
        Response(
            status: 404, contentType: "application/json",
            body: Array(#"{"error":"no live session with this id here"}"#.utf8)
                + [UInt8(ascii: "\n")])
    }
}
