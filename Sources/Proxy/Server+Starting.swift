import Basics
import Ledger
import Policies
import Transport

/// What a server is made of at its start.
extension Server {
    /// Measures what the process may map; call it before the first thread starts.
    public static func measureMemory() { _ = MappedSpace.limited }

    /// Adapts the options to what the kernel permits and the parent process has passed on.
    /// - Returns: A warning, if there is one.
    static func prepare(_ options: inout ServerOptions) throws(StartFailure) -> String? {
        if ListeningSocket.obstacleToActivation() == nil {
            options.adopt(ListeningSocket.activated())
        }
        return try MappedSpace.fit(&options)
    }

    static func makeOAuth(_ log: Log) throws(StartFailure) -> OAuth {
        do throws(SystemError) {
            return try OAuth(log)
        } catch {
            throw StartFailure(["turnkeeper: \(error)"])
        }
    }

    static func makeNotifier(
        _ ledger: Ledger, _ options: ServerOptions, _ log: Log
    ) throws(StartFailure) -> Notifier {
        do throws(SystemError) {
            return try Notifier(ledger, path: options.ledgerFile, log)
        } catch {
            throw StartFailure(["turnkeeper: \(error)"])
        }
    }

    /// Warns of settings that are legal by themselves, but not with these options and files.
    static func warn(of policies: PolicySet, _ options: ServerOptions, _ log: Log) {
        if !policies.hasFiles {
            log.write(
                .warning,
                "no policies: every client's own API key is passed on to gemini, and nothing is limited "
                    + "but by the built-in defaults; turnkeeper quickstart writes one",
                [("directory", .string(options.policies))])
        }
        if !options.listen.isLoopback, let complaint = policies.isOpenToAll {
            log.write(.warning, "policy", [("complaint", .string(complaint.line(as: "warning")))])
        }
        for tenant in policies.all {
            guard let retention = options.retention, options.ledger != .off,
                tenant.policy.notify.url != nil, tenant.policy.notify.keep > retention
            else { continue }
            log.write(
                .warning,
                "notify.keep is longer than --retention: a report is lost with the session it tells of",
                [("tenant", .own(tenant.policy.tenant))])
        }
        for line in KeyFiles.readable(policies) + KeyFiles.readable(options) {
            log.write(.warning, "key file", [("complaint", .string(line))])
        }
    }

    static func watchCredentials(_ policies: PolicySet, _ shared: Shared) {
        do throws(SystemError) {
            try shared.oauth.watch(policies)
        } catch {
            shared.log.write(.error, "no thread for access tokens", [("why", .string("\(error)"))])
        }
        guard let notifier = shared.notifier else {
            if policies.all.contains(where: { $0.policy.notify.url != nil }) {
                shared.log.write(.warning, "nothing is reported to notify.url without a ledger")
            }
            return
        }
        do throws(SystemError) {
            try notifier.watch(policies, shared)
        } catch {
            shared.log.write(.error, "no thread for reports", [("why", .string("\(error)"))])
        }
    }

    /// Offers the sockets to a process started with `--take-over`. Once that one serves, this one
    /// accepts no more, and the admin port is released, unless the newcomer dies at once.
    static func offer(
        _ copies: [ListeningSocket], of directory: DataDirectory, _ mailboxes: [Mailbox],
        _ admin: AdminPort, _ shared: Shared
    ) -> HandOver? {
        HandOver.start(of: directory, copies, shared.log) {
            for mailbox in mailboxes { mailbox.post { ($0.owner as? Worker)?.stopAccepting() } }
            admin.stop()
            shared.takenOver()
        } goesOn: { sockets in
            guard !sockets.isEmpty, !shared.isDraining else {
                for socket in sockets { socket.close() }
                return false
            }
            shared.isBack()
            let shares = ListeningSocket.share(sockets, among: mailboxes.count)
            for (mailbox, share) in zip(mailboxes, shares) {
                mailbox.post { ($0.owner as? Worker)?.acceptAgain(on: share) }
            }
            admin.restart()
            return true
        }
    }

    /// Binds the port, so that its number is known. Until the workers start, clients are refused.
    static func bind(_ options: ServerOptions) throws(StartFailure) -> [ListeningSocket] {
        do throws(SystemError) {
            let activated = ListeningSocket.activated()
            return activated.isEmpty
                ? try ListeningSocket.bind(options.listen, count: options.workers, listens: false)
                : activated
        } catch {
            throw StartFailure(["turnkeeper: \(error)"])
        }
    }

    static func startWorkers(
        _ shares: [[ListeningSocket]], _ security: ListenerSecurity, _ shared: Shared,
        _ policySnapshot: PolicySnapshot, _ ended: Latch
    ) throws(StartFailure) -> [Mailbox] {
        var mailboxes: [Mailbox] = []
        let started = StartReports(count: shares.count)
        do throws(SystemError) {
            // No client is accepted before everything exists that can fail, except the admin port.
            for socket in shares.joined() { try socket.listen() }
            for (index, sockets) in shares.enumerated() {
                let mailbox = try Mailbox()
                mailboxes.append(mailbox)
                try startThread("worker-\(index)") {
                    Worker.run(index, mailbox, sockets, security, shared, policySnapshot, started)
                    ended.arrive()
                }
            }
        } catch {
            throw StartFailure(["turnkeeper: \(error)"])
        }
        let failures = started.all()
        guard failures.isEmpty else { throw StartFailure(failures) }
        return mailboxes
    }

    static func start(
        _ admin: AdminPort, _ mailboxes: [Mailbox]
    ) throws(StartFailure) {
        do throws(StartFailure) {
            try admin.open()
        } catch {
            for mailbox in mailboxes { mailbox.post { $0.stop() } }
            throw error
        }
    }
}
