import Basics
import Synchronization
import Transport

/// The admin port of a server. A process that took over already has clients, so it serves them with
/// or without this port, and retries until it can open it.
final class AdminPort: Sendable {
    private struct State {
        var plane: AdminPlane?
        var isStopped = false
        /// Where the port was open; its users ask there again.
        var place: SocketAddress?
    }

    private let state = Mutex(State())
    /// Opening it failed, and was reported.
    private let isMissed = Atomic(false)
    private let options: ServerOptions
    private let mailboxes: [Mailbox]
    private let shared: Shared

    init(_ options: ServerOptions, _ mailboxes: [Mailbox], _ shared: Shared) {
        self.options = options
        self.mailboxes = mailboxes
        self.shared = shared
    }

    /// The actual address; nil if there is none.
    var address: SocketAddress? { state.withLock { $0.plane?.address } }

    func open() throws(StartFailure) {
        var options = options
        if let place = state.withLock({ $0.place }) { options.admin = place }
        let plane = try AdminPlane.start(options, mailboxes: mailboxes, shared: shared)
        let isStopped = state.withLock { state in
            if !state.isStopped { (state.plane, state.place) = (plane, plane?.address) }
            return state.isStopped
        }
        if isStopped {
            plane?.stop()
        } else if let address = plane?.address {
            let isEncrypted = if case .files = options.tls { true } else { false }
            shared.node?.note(admin: address, isEncrypted: isEncrypted)
        }
    }

    /// Opens the port if it should be open and is not; call about every second.
    func openIfMissing() {
        guard options.admin != nil, state.withLock({ $0.plane == nil && !$0.isStopped }) else {
            return
        }
        do throws(StartFailure) {
            try open()
            if isMissed.exchange(false, ordering: .relaxed) {
                shared.log.write(.info, "the admin port is open")
            }
        } catch {
            guard !isMissed.exchange(true, ordering: .relaxed) else { return }
            for line in error.lines {
                shared.log.write(
                    .error, "the admin port cannot be opened; trying again every second",
                    [("why", .string(line))])
            }
        }
    }

    func readCertificateAgain() { state.withLock { $0.plane }?.readCertificateAgain() }

    /// The next check reopens the port where it was.
    func restart() { state.withLock { $0.isStopped = false } }

    func stop() {
        let plane = state.withLock { state in
            defer { (state.plane, state.isStopped) = (nil, true) }
            return state.plane
        }
        plane?.stop()
    }
}
