import Basics
import CLinux
import Ledger
import Policies

/// The ledger of a server: `ledger.db` in its data directory.
enum LedgerFile {
    /// `nil` where none is kept. One that cannot be opened is told, costs its records, which are
    /// counted, and keeps nobody from being served.
    static func open(_ options: ServerOptions, _ log: Log) -> Ledger? {
        guard options.keepsLedger else { return nil }
        // SAFETY: the path is read during the call. One that cannot be made is found out below.
        _ = unsafe mkdir(options.data, 0o700)
        var settings = Ledger.Options()
        settings.version = Version.text
        settings.retention = options.retention
        switch Ledger.open(options.data + "/ledger.db", settings) {
        case .success(let ledger): return ledger
        case .failure(let error):
            log.write(
                .error, "serving without a ledger", [("error", .string(error.description))])
            return .withoutFile()
        }
    }

    /// Writes what waits, and tells what could not be.
    static func close(_ shared: Shared) {
        guard let ledger = shared.ledger else { return }
        ledger.close()
        let lost = ledger.condition.lost
        if lost > 0 { shared.log.write(.error, "records lost", [("records", .integer(lost))]) }
    }
}

extension Ledger {
    /// The policies that sessions are served with from now on.
    func keep(_ policies: PolicySet) {
        let now = WallTime(nanoseconds: tk_wall())
        for tenant in policies.tenants + (policies.stranger.map { [$0] } ?? []) {
            let name = tenant.policy.tenant
            // Secrets are named in policies, never spelled out, so this tells none.
            let lines = policies.explain(tenant: name, model: "") ?? []
            let text = lines.map { "\($0.path): \($0.value)  # \($0.origin)" }
            append(.policyLoaded(tenant: name, at: now, text: text.joined(separator: "\n")))
        }
    }
}
