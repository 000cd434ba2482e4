import Basics
import CLinux
import Ledger
import Policies
import Transport

/// The ledger of a server: a file in its data directory, and PostgreSQL if it is given one.
enum LedgerFile {
    /// `nil` if no ledger is kept. If a file cannot be opened, sessions are served, and it is tried
    /// again while their records wait. If PostgreSQL is required, the start fails without it, and
    /// without the file.
    static func open(
        _ options: ServerOptions, _ log: Log, at address: SocketAddress, awaitsLock: Bool
    ) throws(StartFailure) -> Ledger? {
        if options.ledger == .off { return nil }
        // SAFETY: the path is read during the call. A failure is noticed below.
        _ = unsafe mkdir(options.data, 0o700)
        // Files created by this process are private; an earlier version was less careful.
        for name in ["", "-wal", "-shm"] {
            // SAFETY: as above.
            _ = unsafe chmod("\(options.ledgerFile)\(name)", 0o600)
        }
        var settings = Ledger.Options()
        settings.version = Version.text
        settings.retention = options.retention
        settings.awaitsLock = awaitsLock
        settings.remote = remote(options, at: address)
        settings.opensLater = settings.remote?.isRequired != true
        if let file = settings.remote?.address.passwordFile { try check(file, log) }
        switch Ledger.open(options.ledgerFile, settings) {
        case .success(let ledger): return ledger
        case .failure(let error):
            throw StartFailure(["turnkeeper: \(error)", "Try: \(Self.cure(error, options))"])
        }
    }

    /// Where the PostgreSQL ledger is, and the user we write as; nil without PostgreSQL.
    static func remote(_ options: ServerOptions, at address: SocketAddress) -> Ledger.Remote? {
        guard case .postgres(let database, let isRequired) = options.ledger else { return nil }
        var remote = Ledger.Remote(database, node: options.node ?? Self.name(of: address))
        remote.isRequired = isRequired
        return remote
    }

    /// The same checks as for files that hold keys.
    private static func check(_ file: String, _ log: Log) throws(StartFailure) {
        let exposure = KeyFiles.exposure(file)
        guard !exposure.isWritable else {
            throw StartFailure([
                "turnkeeper: \(file) can be written by group or others", "Try: chmod go-w \(file)",
            ])
        }
        if exposure.isReadable {
            log.write(
                .warning, "a password can be read by everybody on this machine: chmod o-r",
                [("file", .string(file))])
        }
    }

    private static func cure(_ error: LedgerError, _ options: ServerOptions) -> String {
        if error.isOfADamagedFile { return cure(ofDamaged: options.ledgerFile) }
        if error.isOfALock { return "--data with another directory" }
        if error.isOfAFile {
            return "free space on the disk of \(options.data), or make it writable; or "
                + "--ledger-required no, to serve and record when it can be written"
        }
        // Retrying a permanent error would fill this disk, and no row would arrive.
        return error.mayPass
            ? "--ledger-required no, to serve and record on this disk until it can be written"
            : "\"A ledger in PostgreSQL\" in docs/OPERATING.md says what it needs"
    }

    fileprivate static func cure(ofDamaged file: String) -> String { "mv \(file) \(file).damaged" }

    /// Opens what looks up the handles of ended sessions.
    static func openReturns(_ options: ServerOptions) -> ReturnQueries? {
        ReturnQueries.open(options.ledgerFile)
    }

    /// If the port is on all addresses, the machine's name identifies it.
    static func name(of address: SocketAddress) -> String {
        guard address.host == "0.0.0.0" || address.host == "::" else { return "\(address)" }
        var host = [CChar](repeating: 0, count: 65)
        // SAFETY: writes the local array during the call, and leaves a zero at its end.
        guard unsafe gethostname(&host, host.count - 1) == 0 else { return "\(address)" }
        let name = host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: name, as: UTF8.self) + ":\(address.port)"
    }

    /// Writes waiting records, and reports what could not be written.
    static func close(_ shared: Shared, within patience: Interval) {
        guard let ledger = shared.ledger else { return }
        ledger.close(within: patience)
        let condition = ledger.condition
        let (lost, left) = (condition.lost, condition.behind)
        if condition.aside > 0 {
            shared.log.write(
                .warning, "unwritten records are in a separate file until the next start",
                [("records", .integer(condition.aside))])
        }
        if lost > 0 { shared.log.write(.error, "records lost", [("records", .integer(lost))]) }
        if left > 0 {
            shared.log.write(
                .warning, "rows wait here for the ledger's database until the next start",
                [("waiting", .integer(left))])
        }
    }
}

/// Logs when the ledger cannot be written, and when it can again.
struct LedgerWatch {
    private var isInTrouble = false
    private var isCutOff = false
    private var isAlone = false
    private var isFaulty = false
    private var inode: UInt?
    private var isGone = false
    private var told = 0
    private var toldOf: [String: Int] = [:]
    private var nextTelling = Instant(nanoseconds: 0)
    /// Repeat the warning once a minute while the disk stays full.
    private static let pause = Interval.seconds(60)

    init(_ shared: Shared, _ options: ServerOptions) { look(shared, options) }

    /// Call about every second.
    mutating func look(_ shared: Shared, _ options: ServerOptions) {
        guard let ledger = shared.ledger else { return }
        shared.note(
            isLedgerWell: isWell(
                ledger, in: options.ledgerFile, shared.log, sharing: shared.node?.state))
    }

    private mutating func isWell(
        _ ledger: Ledger, in file: String, _ log: Log, sharing state: SharedState?
    ) -> Bool {
        look(at: ledger.condition, of: file, log)
        look(at: state?.outage, log)
        look(atFault: state?.fault, log)
        for notice in ledger.takeNotices() { log.write(.warning, notice) }
        return finds(file, of: ledger, log) && !isInTrouble && !isCutOff && !isAlone
    }

    /// Whether the file is still the one that was opened: if it, or its directory, was deleted,
    /// writing succeeds but the result cannot be read.
    private mutating func finds(_ file: String, of ledger: Ledger, _ log: Log) -> Bool {
        // Until it is open, an operator may create, replace or repair it.
        guard ledger.hasFile else { return true }
        let found = Self.inode(of: file)
        if inode == nil { inode = found }
        let isGone = inode != nil && found != inode
        if isGone, !self.isGone {
            log.write(
                .error, "the ledger's file is gone: new records will be lost when the process ends",
                [("file", .string(file))])
        }
        self.isGone = isGone
        return !isGone
    }

    private static func inode(of file: String) -> UInt? {
        var status = stat()
        // SAFETY: reads the path and writes the local variable, both during the call.
        return unsafe stat(file, &status) == 0 ? UInt(status.st_ino) : nil
    }

    private mutating func look(at outage: String?, _ log: Log) {
        guard (outage != nil) != isAlone else { return }
        isAlone = outage != nil
        if let outage {
            log.write(
                .error, "this node is cut off from what nodes share",
                [("error", .string(outage))])
        } else {
            log.write(.info, "this node can reach the nodes' shared database again")
        }
    }

    private mutating func look(atFault fault: String?, _ log: Log) {
        guard (fault != nil) != isFaulty else { return }
        isFaulty = fault != nil
        if let fault {
            log.write(
                .error, "nodes do not share what they learn about models, or orders for sessions",
                [("error", .string(fault))])
        } else {
            log.write(.info, "nodes share lessons and orders again")
        }
    }

    private mutating func look(at condition: Ledger.Condition, of file: String, _ log: Log) {
        if let trouble = condition.trouble, !isInTrouble {
            isInTrouble = true
            let cure = condition.isDamaged ? LedgerFile.cure(ofDamaged: file) : nil
            log.write(
                .error, "the ledger cannot be written",
                [
                    ("file", .string(file)), ("error", .string(trouble)),
                    ("waiting", .integer(condition.queued)),
                ] + (cure.map { [("try", .string($0))] } ?? []))
        } else if condition.trouble == nil, isInTrouble {
            isInTrouble = false
            log.write(
                .info, "the ledger is written again", [("lost", .integer(condition.lost))])
        }
        if let outage = condition.outage, !isCutOff {
            isCutOff = true
            log.write(
                .error, "the ledger's database cannot be written: rows wait on this disk",
                [("error", .string(outage)), ("waiting", .integer(condition.behind))])
        } else if condition.outage == nil, isCutOff, condition.behind == 0 {
            isCutOff = false
            log.write(.info, "the ledger's database is written again, and has what waited")
        }
        let now = Instant(nanoseconds: tk_now())
        guard condition.lost > told, now >= nextTelling else { return }
        // The tenant with the most waiting records loses some, and the others none.
        let flooded = condition.flooded.map { ($0.key, $0.value - (toldOf[$0.key] ?? 0)) }
            .filter { $0.1 > 0 }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(5)
            .map { "\($0.0.isEmpty ? "turnkeeper" : $0.0) (\($0.1))" }
        log.write(
            .error, "records lost",
            [("records", .integer(condition.lost - told)), ("ever", .integer(condition.lost))]
                + (flooded.isEmpty ? [] : [("tenants", .string(flooded.joined(separator: ", ")))]))
        told = condition.lost
        toldOf = condition.flooded
        nextTelling = now + Self.pause
    }
}

extension Ledger {
    /// The policies that sessions use from now on.
    func keep(_ policies: PolicySet) {
        let now = WallTime(nanoseconds: tk_wall())
        let families = policies.changedFamilies
        for tenant in policies.all {
            let name = tenant.policy.tenant
            let text = policies.text(for: name) + families
            append(.policyLoaded(tenant: name, at: now, text: text))
        }
    }
}

extension PolicySet {
    /// Every value in force for a tenant, a line each. Policies only refer to secrets, so this
    /// reveals none.
    func text(for tenant: String) -> String { Self.lines(explain(tenant: tenant, model: "") ?? []) }

    /// The values of the families of models that a file changes: the others are those of the
    /// program's version.
    var changedFamilies: String { Self.lines(profiles.explain(onlyChanged: true)) }

    private static func lines(_ explained: [Explained]) -> String {
        explained.map { "\($0.path): \($0.value)  # \($0.origin)\n" }.joined()
    }
}
