import Admin
import Basics
import CLinux
import Ledger
import Policies
import Synchronization
import Transport
import WebSocket

/// State that the workers of one server share. Never accessed per message.
final class Shared: Sendable {
    let log: Log
    let secrets = Secrets()
    /// nil without a ledger.
    let ledger: Ledger?
    /// Writes recordings for `turnkeeper replay`.
    let recordings: RecordingWriter
    let accounts: Accounts
    let tokens: ClientTokens
    /// nil if nodes share nothing.
    let node: SharedNode?
    /// nil if other nodes do not continue this one's conversations.
    let conversations: SharedConversations?
    let returns = ReturnRegistry()
    let lobby = Lobby()
    let starts = StartRates()
    let memory: MemoryWatch
    let balancers: [Network]
    let patience: Patience
    /// nil without a ledger.
    let returnQueries: ReturnQueries?
    let models = ModelHealthRegistry()
    let oauth: OAuth
    /// nil without a ledger.
    let notifier: Notifier?
    let onTimeline: (@Sendable (String, TimelineEntry) -> Void)?
    /// The values of all our credentials since the start: gemini may quote a key long after it was
    /// replaced.
    private let known = Mutex(Known())
    /// The policies of the newest snapshot.
    private let policies = Mutex(PolicySet.builtIn)
    private let busyWorkers: Mutex<Int>
    private let loops = Mutex<[Mailbox]>([])
    private let draining = Atomic(false)
    private let ledgerIsWell = Atomic(true)
    /// When another process took over; 0 if none has.
    private let takeOver = Atomic(Int64(0))

    init(
        log: Log, workers: Int, ledger: Ledger?, recordings: RecordingWriter, accounts: Accounts,
        tokens: ClientTokens, oauth: OAuth, notifier: Notifier?, returnQueries: ReturnQueries?,
        node: SharedNode?, conversations: SharedConversations?, balancers: [Network],
        patience: Patience, memory: Int?,
        onTimeline: (@Sendable (String, TimelineEntry) -> Void)?
    ) {
        self.returnQueries = returnQueries
        self.node = node
        self.conversations = conversations
        self.balancers = balancers
        self.patience = patience
        self.memory = MemoryWatch(bound: memory)
        self.log = log
        self.ledger = ledger
        self.recordings = recordings
        self.accounts = accounts
        self.tokens = tokens
        self.oauth = oauth
        self.notifier = notifier
        self.onTimeline = onTimeline
        busyWorkers = Mutex(workers)
        if let node {
            models.share()
            SharedLessons.begin(node.state, of: self)
            node.state.takeOrders { [weak self] verb, session in self?.obey(verb, session) }
        }
    }

    /// The policies that sessions use from now on.
    func replacePolicies(with policies: PolicySet) {
        self.policies.withLock { $0 = policies }
        ledger?.keep(policies)
        models.keep(policies)
        node?.report(policies)
        accounts.adopt(policies)
        let found = KnownSecrets(of: policies, secrets)
        learn { known in
            known.former += known.secrets.sent.subtracting(found.sent)
            known.retired += known.secrets.kept.subtracting(found.kept)
            known.secrets = found
        }
    }

    private struct Known {
        /// The process's own secret: the admin port's token.
        var own: [String] = []
        /// The secrets of the current policies.
        var secrets = KnownSecrets()
        /// The secrets of earlier policies, and access tokens.
        var former: [String] = []
        /// Clients' keys of earlier policies.
        var retired: [String] = []
        var scrubber = Scrubber()

        var all: KnownSecrets {
            var all = secrets
            all.sent.formUnion(former)
            all.kept.formUnion(own + retired)
            return all
        }
    }
    /// Enough to remember a thousand access tokens with a lifetime of an hour for four hours.
    private static let mostFormer = 4096

    /// Removes quotations of our credentials from everything that leaves this process, except
    /// conversations.
    ///
    /// Not inlined: the caller would retain `self`, which weak references make ten times as
    /// expensive.
    var scrubber: Scrubber { @inline(never) get { known.withLock { $0.scrubber } } }

    /// Adds a value to remove.
    func learn(_ token: String) { learn { $0.former.append(token) } }

    /// Adds a value that the process has for its whole life.
    func learn(own token: String) { learn { $0.own.append(token) } }

    private func learn(_ change: (inout Known) -> Void) {
        let scrubber: Scrubber? = known.withLock { known in
            let before = known.all
            change(&known)
            known.former = Array(known.former.suffix(Self.mostFormer))
            known.retired = Array(known.retired.suffix(Self.mostFormer))
            let all = known.all
            guard all != before else { return nil }
            known.scrubber = all.scrubber
            return known.scrubber
        }
        guard let scrubber else { return }
        log.scrubs(with: scrubber)
        recordings.scrubs(with: scrubber)
        ledger?.scrubs(with: scrubber)
    }

    var policiesInForce: PolicySet { policies.withLock { $0 } }

    var breakers: [(tenant: String, model: String, isOpen: Bool)] {
        models.breakers(policies.withLock { $0 })
    }

    /// For each tenant with a daily budget: the budget, and today's spending; in millionths of a
    /// dollar.
    var budgets: [(tenant: String, budget: Int64, used: Int64)] {
        policies.withLock { $0 }.all.compactMap { tenant in
            tenant.policy.budget.dayMicroUSD.map { budget in
                let name = tenant.policy.tenant
                return (name, budget, accounts.account(of: name).spentToday)
            }
        }
    }

    /// Removes what no support bundle may contain.
    var redaction: Redaction { Redaction(scrubber) }

    /// Call when everything that lasts as long as the process is open.
    func settleDescriptors() {
        let own = Int(ProcessFigures.now().openFiles)
        let room = Descriptors.settle(own: own) / 2
        guard room < Self.fewSessions else { return }
        log.write(
            .warning, "the file descriptor limit is low",
            [("own", .integer(own)), ("sessions", .integer(room))])
    }
    /// More sessions than systemd's and a shell's usual limit of 1024 permits.
    private static let fewSessions = 256

    /// The workers have been started.
    func setMailboxes(_ mailboxes: [Mailbox]) { loops.withLock { $0 = mailboxes } }

    /// Another node's operator has given an order.
    private func obey(_ verb: String, _ session: String) {
        // A newer version may know more verbs.
        SessionOrder(rawValue: verb)?.give(to: session, loops.withLock { $0 }, log) { _ in }
    }

    /// Descriptors are short, and the asking worker has no connection to close: other workers may
    /// have some, but no new client that would make them close one.
    func giveWay() {
        for mailbox in loops.withLock({ $0 }) { mailbox.post { _ = $0.giveWay(1) } }
    }

    /// A draining worker has no sessions left.
    func emptied() { busyWorkers.withLock { $0 -= 1 } }

    /// New sessions are no longer accepted.
    var isDraining: Bool { draining.load(ordering: .relaxed) }
    func startDraining() { draining.store(true, ordering: .relaxed) }

    /// This process accepts no more sessions, unless the one that took over dies at once.
    var isLeaving: Bool { isDraining || takeOver.load(ordering: .relaxed) != 0 }

    func note(isLedgerWell: Bool) { ledgerIsWell.store(isLedgerWell, ordering: .relaxed) }

    /// Whether records written to the ledger can be read there.
    var isLedgerWell: Bool { ledgerIsWell.load(ordering: .relaxed) }

    func takenOver() { takeOver.store(tk_now(), ordering: .relaxed) }

    /// The process that took over has died.
    func isBack() { takeOver.store(0, ordering: .relaxed) }

    func wasTakenOver(before time: Interval) -> Bool {
        let moment = takeOver.load(ordering: .relaxed)
        return moment != 0 && tk_now() - moment >= time.nanoseconds
    }

    var isDrained: Bool { busyWorkers.withLock { $0 <= 0 } }
}

/// The policies in force, the index of keys, the trusted authorities: one value, built outside the
/// workers (reading the system's certificates takes a tenth of a second), and swapped as a whole.
struct PolicySnapshot: Sendable {
    let policies: PolicySet
    let keys: KeyRing
    private let complaints: [Complaint]
    /// By `upstream.ca_file`, empty for the system's certificates; only for secure upstreams.
    private let authorities: [String: Result<ClientTLS, Complaint>]

    init(_ policies: PolicySet, secrets: Secrets) {
        self.policies = policies
        keys = KeyRing(policies, resolve: secrets.digest(of:), why: secrets.complaint(of:))
        complaints = policies.complaints(keys, secrets)
        var authorities: [String: Result<ClientTLS, Complaint>] = [:]
        for tenant in policies.all {
            let upstream = tenant.policy.upstream
            let name = upstream.caFile ?? ""
            guard upstream.url.hasPrefix("wss:"), authorities[name] == nil else { continue }
            authorities[name] = Self.read(upstream.caFile)
        }
        self.authorities = authorities
    }

    private static func read(_ caFile: String?) -> Result<ClientTLS, Complaint> {
        do throws(TLSError) {
            return .success(try ClientTLS(authorities: caFile))
        } catch {
            return .failure(.here("upstream.ca_file: \(error)"))
        }
    }

    /// The trusted authorities for an upstream; `nil` if it is not secure.
    func trust(_ upstream: Policy.Upstream) -> Result<ClientTLS?, Complaint> {
        switch authorities[upstream.caFile ?? ""] {
        case .success(let tls): .success(tls)
        case .failure(let complaint): .failure(complaint)
        case nil: .success(nil)
        }
    }
}

extension PolicySnapshot {
    /// Logs settings that are probably not intended.
    func warn(_ log: Log) {
        for complaint in complaints {
            log.write(.warning, "policy", [("complaint", .string(complaint.line(as: "warning")))])
        }
    }

    func verdict(presented key: String?, origin: String?) -> Verdict {
        let presented = key.flatMap { Digest.sha256(Array($0.utf8)) }
        return policies.verdict(
            presented: presented, origin: origin, keys: keys)
    }
}

extension Shared: Learner {
    func takeLessons() -> [ModelLesson] {
        let scrubber = scrubber
        // A client may put a credential where a model's name belongs.
        return models.takeLessons().filter { !scrubber.quotes($0.model) }
    }

    func hear(_ lessons: [ModelLesson]) {
        for news in models.hear(lessons) {
            log.write(
                .warning,
                news.content == .isFailing(true)
                    ? "another node has learned that the model fails"
                    : "another node has learned that the model is back",
                [("model", .string(news.model)), ("upstream", .string(news.upstream))])
        }
    }
}
