import CLinux
import Synchronization
import Transport

/// What systemd is told of the service (sd_notify(3)): a datagram of assignments each.
struct ServiceNotice: Sendable {
    private let socket: String

    /// nil where this process was not started as a service that tells.
    static let inherited: ServiceNotice? = {
        // SAFETY: the environment is not changed here; the text is copied at once.
        guard let name = unsafe getenv("NOTIFY_SOCKET") else { return nil }
        return ServiceNotice(socket: unsafe String(cString: name))
    }()

    /// Nobody waits for an answer, and one that is lost is no harm: the next is on its way.
    func say(_ state: String) {
        // SAFETY: both strings live for the call.
        _ = unsafe tk_notify(socket, state)
    }
}

/// Says that the process is alive, each time it is asked to, where every worker has read its mail since
/// the last time. A worker that hangs leaves its sessions to the service manager.
final class Pulse: Sendable {
    private let mailboxes: [Mailbox]
    private let answered: Answers
    private let say: @Sendable () -> Void

    private final class Answers: Sendable {
        let count: Atomic<Int>
        init(_ count: Int) { self.count = Atomic(count) }
    }

    init(of mailboxes: [Mailbox], say: @escaping @Sendable () -> Void) {
        self.mailboxes = mailboxes
        self.say = say
        answered = Answers(mailboxes.count)
    }

    func beat() {
        guard answered.count.load(ordering: .relaxed) == mailboxes.count else { return }
        say()
        answered.count.store(0, ordering: .relaxed)
        for mailbox in mailboxes {
            mailbox.post { [answered] _ in answered.count.add(1, ordering: .relaxed) }
        }
    }
}
