import CLinux
import Synchronization
import Transport

/// Messages to systemd about the service (sd_notify(3)): datagrams with assignments.
struct ServiceNotice: Sendable {
    private let socket: String

    /// nil if this process was not started as a service of type notify.
    static let inherited: ServiceNotice? = {
        // SAFETY: the environment is not changed here; the text is copied at once.
        guard let name = unsafe getenv("NOTIFY_SOCKET") else { return nil }
        return ServiceNotice(socket: unsafe String(cString: name))
    }()

    /// There is no answer; a lost datagram does no harm, because another follows.
    func say(_ state: String) {
        // SAFETY: both strings live for the call.
        _ = unsafe tk_notify(socket, state)
    }
}

/// Reports that the process is alive, on each `beat`, if every worker has processed its mailbox
/// since the last one. When a worker hangs, the service manager restarts the process.
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
