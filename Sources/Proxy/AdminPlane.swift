import Basics
import Metrics
import Synchronization
import Transport

/// The admin port: metrics gathered from the workers by mail, health.
final class AdminPlane: Sendable {
    let address: SocketAddress
    init(address: SocketAddress) { self.address = address }
    static func start(
        _ address: SocketAddress?, mailboxes: [Mailbox], shared: Shared
    ) throws(StartFailure) -> AdminPlane? { nil }
    func stop() {}
}
