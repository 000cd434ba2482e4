public import Basics
import CLinux
import Ledger
import Policies
import Synchronization
public import Transport

/// The proxy as a whole: workers, admin port, policies. Built completely or not at all.
public final class Server: Sendable {
    /// The data port's actual address.
    public let listening: SocketAddress
    /// The admin port's actual address; `nil` if there is none.
    public var administering: SocketAddress? { admin.address }
    public let options: ServerOptions
    /// `PolicySet.hasFiles` of the policies in force.
    public var hasPolicies: Bool { shared.policiesInForce.hasFiles }

    private let shared: Shared
    private let mailboxes: [Mailbox]
    /// Reports once per ended worker thread.
    private let ended: Latch
    private let admin: AdminPort
    private let directory: DataDirectory
    private let kept: StateFile
    private let ledgerWatch: LedgerWatch
    private let handOver: HandOver?
    /// What this process received from the one that it took over from.
    private let inheritance: HandOver.Inheritance?
    private let state = Mutex(State())
    private let saving = Mutex(())

    private struct State {
        // Fingerprints, when last read.
        var policies: UInt64 = 0
        /// By path, of each file that the policies in force name.
        var named: [String: UInt64] = [:]
        /// Of the files of `--tls` together.
        var certificates: UInt64 = 0
        var isStopped = false
        var isAskedToEnd = false
        var isSaved = true
    }

    private init(
        _ options: ServerOptions, listening: SocketAddress, shared: Shared, mailboxes: [Mailbox],
        ended: Latch, admin: AdminPort, directory: DataDirectory, kept: StateFile,
        ledgerWatch: LedgerWatch, handOver: HandOver?, inheritance: HandOver.Inheritance?
    ) {
        self.ledgerWatch = ledgerWatch
        self.inheritance = inheritance
        self.directory = directory
        self.kept = kept
        self.handOver = handOver
        self.options = options
        self.listening = listening
        self.shared = shared
        self.mailboxes = mailboxes
        self.ended = ended
        self.admin = admin
    }

    /// Reads policies, creates certificates, binds, starts the workers. When it returns,
    /// connections are accepted.
    public static func start(_ options: ServerOptions) -> Result<Server, StartFailure> {
        // The nodes' rounds continue with what this holds.
        var begun: Shared?
        do throws(StartFailure) {
            var options = options
            let complaint = try prepare(&options)
            let policies = try PolicySet.load(options)
            try policies.checkEnvironment()
            let log = Log(level: options.logLevel, format: options.logFormat)
            if let complaint { log.write(.warning, complaint) }
            let directory = try DataDirectory.enter(options, log)
            // A process that is leaving still has them.
            if !directory.isAwaited { try options.checkPorts() }
            try AdminPlane.check(options)
            let inheritance = try options.takesOver ? HandOver.inherit(from: directory) : nil
            if let inheritance {
                try options.inherit(inheritance.sockets)
                try policies.checkExposure(options)
            }
            let security = try Certificates.security(options)
            let sockets = if let inheritance { inheritance.sockets } else { try bind(options) }
            let copies = sockets.compactMap { $0.duplicate() }
            let ledger = try LedgerFile.open(
                options, log, at: sockets[0].address, awaitsLock: directory.isAwaited)
            let node = SharedNode(options, at: sockets[0].address)
            let conversations = try SharedConversations.open(options, node, log)
            let kept = StateFile.of(options, log)
            let found = kept.readToday()
            let shared = Shared(
                log: log, workers: options.workers, ledger: ledger,
                recordings: RecordingWriter(options, log),
                accounts: Accounts.open(
                    options, kept, found, node?.state, isAwaited: directory.isAwaited),
                tokens: ClientTokens(options, kept, found, node?.state, log),
                oauth: try makeOAuth(log),
                notifier: try ledger.map { (ledger) throws(StartFailure) in
                    try makeNotifier(ledger, options, log)
                },
                returnQueries: ledger.flatMap { _ in LedgerFile.openReturns(options) },
                node: node, conversations: conversations, balancers: options.balancers,
                patience: options.patience, memory: options.memory,
                onTimeline: options.onTimeline)
            shared.oauth.tells { [weak shared] in shared?.learn($0) }
            shared.replacePolicies(with: policies)
            for secret in conversations?.secrets ?? [] { shared.learn(own: secret) }
            begun = shared
            try node?.start(shared)
            try SharedConversations.check(conversations, options, node)
            let policySnapshot = PolicySnapshot(policies, secrets: shared.secrets)
            policySnapshot.warn(log)
            warn(of: policies, options, log)
            watchCredentials(policies, shared)
            let ended = Latch(count: options.workers)
            let ledgerWatch = LedgerWatch(shared, options)
            let mailboxes = try startWorkers(
                ListeningSocket.share(sockets, among: options.workers), security, shared,
                policySnapshot, ended)
            shared.setMailboxes(mailboxes)
            shared.memory.start(mailboxes, shared)
            Signals.begin()
            inheritance?.begin()
            let admin = AdminPort(options, mailboxes, shared)
            if inheritance == nil { try start(admin, mailboxes) } else { admin.openIfMissing() }
            let server = Server(
                options, listening: sockets[0].address, shared: shared, mailboxes: mailboxes,
                ended: ended, admin: admin, directory: directory, kept: kept,
                ledgerWatch: ledgerWatch,
                handOver: offer(copies, of: directory, mailboxes, admin, shared),
                inheritance: inheritance)
            _ = server.noteFingerprints()
            server.watch(policies)
            shared.settleDescriptors()
            server.state.withLock { $0.certificates = Fingerprint.of(certificates: options.tls) }
            return .success(server)
        } catch {
            // The other nodes know of this one already.
            if let begun {
                begun.node?.state.close(within: Self.farewell)
                LedgerFile.close(begun, within: Self.farewell)
            }
            return .failure(error)
        }
    }

    // MARK: While it runs

    /// Serves until SIGTERM, SIGINT or SIGQUIT has drained it, or a second one stopped it; reloads
    /// policies on SIGHUP and when their files change. Call it on the thread that called
    /// `Signals.block`.
    /// - Returns: The program's exit status.
    public func serveUntilSignal() -> Int32 {
        var watch = ledgerWatch
        let notice = ServiceNotice.inherited
        let pulse = notice.map { notice in Pulse(of: mailboxes) { notice.say("WATCHDOG=1") } }
        notice?.say("READY=1\nSTATUS=listening on \(listening)")
        let hurry = Latch()
        Signals.serve { [self] isAgain in
            // A server that was taken over is already leaving.
            if isAgain || shared.isDraining { hurry.arrive() }
            state.withLock { $0.isAskedToEnd = true }
        }
        startSaving()
        while true {
            let wish = Signals.next(within: .seconds(1), of: [SIGHUP])
            if state.withLock({ $0.isAskedToEnd }) { return drainAndStop(hurry, notice) }
            switch wish {
            case .terminate: break
            case .reload:
                notice?.say("RELOADING=1\nMONOTONIC_USEC=\(tk_now() / 1000)")
                reload()
                readCertificates()
                notice?.say("READY=1")
            case .none:
                admin.openIfMissing()
                reloadIfChanged()
                readCertificatesIfChanged()
                if shared.wasTakenOver(before: HandOver.settling) {
                    return drainAndStop(hurry, notice)
                }
            }
            pulse?.beat()
            shared.conversations?.report(to: shared.log)
            watch.look(shared, options)
        }
    }

    /// Reads the policies again. If that fails, nothing changes, and the failure is reported.
    public func reload() {
        // Before reading: later changes trigger another read.
        let files = noteFingerprints()
        do throws(StartFailure) {
            let before = shared.policiesInForce
            let policies = try PolicySet.load(options, replacing: before)
            try PolicyLoss.check(policies, since: before, in: options.policies)
            PolicyLoss.log(policies, since: before, shared.log)
            shared.secrets.forget()
            shared.replacePolicies(with: policies)
            noteBudgets(before, policies)
            watch(policies)
            Self.warn(of: policies, options, shared.log)
            Self.watchCredentials(policies, shared)
            let policySnapshot = PolicySnapshot(policies, secrets: shared.secrets)
            policySnapshot.warn(shared.log)
            let changes = PolicyChanges(from: before, to: policies, files: files)
            let said = changes.description(within: Self.longestValue)
            let left = Countdown(mailboxes.count)
            // Logged when they are in force in every session.
            post { [log = shared.log] worker in
                worker.reload(policySnapshot) { worker in
                    worker.reloaded(true)
                    guard left.arrive() else { return }
                    log.write(.info, "policies reloaded", [("changed", .string(said))])
                }
            }
        } catch {
            for line in error.lines {
                shared.log.write(.error, "policy not reloaded", [("error", .string(line))])
            }
            post { $0.reloaded(false) }
        }
    }

    /// The maximum length of a value in the log.
    private static let longestValue = 512

    /// The day's spending may exceed a budget that was lowered.
    private func noteBudgets(_ old: PolicySet, _ new: PolicySet) {
        for tenant in new.all {
            guard let before = old.tenant(named: tenant.policy.tenant)?.policy else { continue }
            let spent = shared.accounts.account(of: tenant.policy.tenant).spentToday
            shared.ledger?.note(before, tenant.policy, spent: spent)
        }
    }

    private func reloadIfChanged() {
        let named = state.withLock { $0.named }
        let isAsBefore =
            Fingerprint.of(directory: options.policies) == state.withLock { $0.policies }
            && Fingerprint.of(files: named.keys) == named
        if !isAsBefore { reload() }
    }

    /// Certificates are renewed while the server runs. Files that do not match, for example while
    /// they are being replaced, change nothing.
    private func readCertificatesIfChanged() {
        let found = Fingerprint.of(certificates: options.tls)
        if state.withLock({ $0.certificates != found }) { readCertificates() }
    }

    private func readCertificates() {
        guard case .files = options.tls else { return }
        // Before reading: later changes trigger another read.
        state.withLock { $0.certificates = Fingerprint.of(certificates: options.tls) }
        do throws(StartFailure) {
            let security = try Certificates.security(options)
            post { $0.present(security) }
            admin.readCertificateAgain()
            shared.log.write(.info, "certificates reloaded")
        } catch {
            for line in error.lines {
                shared.log.write(.error, "certificates not reloaded", [("why", .string(line))])
            }
        }
    }

    /// - Returns: The files that policies name and that have changed.
    private func noteFingerprints() -> [String] {
        let policies = Fingerprint.of(directory: options.policies)
        let before = state.withLock { $0.named }
        let named = Fingerprint.of(files: before.keys)
        state.withLock { ($0.policies, $0.named) = (policies, named) }
        return named.keys.filter { named[$0] != before[$0] }.sorted()
    }

    /// The policies in force now name other files.
    private func watch(_ policies: PolicySet) {
        let found = Fingerprint.of(files: policies.namedFiles)
        state.withLock { state in
            // A file that has changed since it was read is read again.
            state.named = found.merging(state.named.filter { found[$0.key] != nil }) { $1 }
        }
    }

    /// Saves every second, on a separate thread: a disk may take a minute, and signals and reloads
    /// must not wait for it.
    private func startSaving() {
        do throws(SystemError) {
            try startThread("saving") { [self] in
                while !shared.isDraining {
                    save()
                    usleep(1_000_000)
                }
            }
        } catch {
            // Spending is then only saved at the end.
            shared.log.write(
                .error, "cannot start the thread that saves state",
                [("why", .string("\(error)"))])
        }
    }

    /// Saves the state that must survive a restart, besides the ledger.
    private func save() { saving.withLock { _ in saveNow() } }

    private func saveNow() {
        // A process that takes over from us also waits for the ledger, and must not get it first.
        if shared.ledger?.isAwaited != true, directory.claim() {
            shared.accounts.inherit(kept.readToday())
            shared.tokens.inherit()
            shared.log.write(
                .info, "took over the data directory", [("directory", .string(directory.path))])
        }
        var trouble: LedgerError?
        // The process before this one counts uses of its own in the same file.
        do throws(LedgerError) { try shared.tokens.save() } catch { trouble = error }
        if !directory.isAwaited {
            directory.keep(shared.log)
            do throws(LedgerError) { try shared.accounts.save() } catch { trouble = error }
        } else {
            shared.accounts.follow()
        }
        let wasSaved = state.withLock { state in
            defer { state.isSaved = trouble == nil }
            return state.isSaved
        }
        // Reported once, not every second.
        if wasSaved, let trouble {
            shared.log.write(
                .error,
                "spending and client tokens cannot be saved, and would not survive a restart",
                [("directory", .string(options.data)), ("why", .string("\(trouble)"))])
        }
    }

    private func drainAndStop(_ hurry: Latch, _ notice: ServiceNotice?) -> Int32 {
        let start = Instant(nanoseconds: tk_now())
        let most = options.drain + Self.farewell + Self.farewell
        notice?.say("STOPPING=1\nEXTEND_TIMEOUT_USEC=\((most + Self.farewell).nanoseconds / 1000)")
        shared.log.write(
            .info, "draining",
            [
                ("seconds", .seconds(options.drain.seconds)),
                ("again", .string("a second signal stops at once")),
            ])
        drain(within: options.drain)
        // The sessions' deadline, plus the time for closing handshakes. The process that we took
        // over from has as long, and our records wait until it has written its own.
        let patience = Instant(nanoseconds: tk_now()) + most
        // While the database is away, conversations wait here for nodes that will continue them.
        while !shared.isDrained || directory.isAwaited || shared.conversations?.areWaiting == true,
            Instant(nanoseconds: tk_now()) < patience
        {
            if hurry.wait(within: .milliseconds(50)) { break }
            if directory.isAwaited { save() }
        }
        stop(within: hurry.wait(within: .zero) ? Self.hastyFarewell : Self.farewell)
        let took = Instant(nanoseconds: tk_now()) - start
        shared.log.write(.info, "stopped", [("seconds", .seconds(took.seconds))])
        return 0
    }

    /// Time for a closing handshake, and for writing the ledger.
    private static let farewell = Interval.seconds(5)
    /// The same for an immediate stop: more than a healthy database needs.
    private static let hastyFarewell = Interval.milliseconds(200)

    /// Accepts no new sessions; running ones end at their next idle moment, or after `time`.
    public func drain(within time: Interval) {
        directory.leave()
        handOver?.end()
        inheritance?.leave()
        shared.startDraining()
        let deadline = Instant(nanoseconds: tk_now()) + time
        post { $0.drain(by: deadline) }
    }

    /// Ends all threads. Tells open sessions that the server is going away, and closes them in the
    /// ledger. Only the first call has an effect.
    /// - Parameter patience: For the ledger's database, if there is one.
    public func stop(within patience: Interval = .seconds(1)) {
        let isFirst = state.withLock { state in
            defer { state.isStopped = true }
            return !state.isStopped
        }
        guard isFirst else { return }
        post { $0.stop() }
        ended.wait()
        shared.memory.end()
        admin.stop()
        shared.returnQueries?.close()
        shared.oauth.stop()
        shared.notifier?.stop()
        shared.tokens.close()
        save()
        shared.recordings.close()
        // If the database stands still, both wait for it at the same time, not one after the other.
        let end = Instant(nanoseconds: tk_now()) + patience
        shared.node?.state.close(within: patience)
        LedgerFile.close(shared, within: max(.zero, end - Instant(nanoseconds: tk_now())))
        handOver?.end()
        directory.release()
        shared.log.close()
    }

    private func post(_ work: @escaping @Sendable (Worker) -> Void) {
        for mailbox in mailboxes {
            mailbox.post { loop in
                if let worker = loop.owner as? Worker { work(worker) }
            }
        }
    }
}
