import Basics
import CLinux
import Policies

/// The tenants that a reload removes. A missing file may be intended or a mistake, so it is
/// reported by name; a reload that leaves no policy is a mistake: the built-in defaults would serve
/// everybody.
enum PolicyLoss {
    static func check(
        _ new: PolicySet, since old: PolicySet, in directory: String
    ) throws(StartFailure) {
        guard new.tenants.isEmpty,
            !old.tenants.isEmpty || old.defaultTenant != PolicySet.builtIn.defaultTenant
        else { return }
        // SAFETY: the path is read during the call.
        guard unsafe access(directory + "/default.yaml", F_OK) != 0 else { return }
        throw StartFailure(["\(directory) has no policies any more; the current ones stay"])
    }

    static func log(_ new: PolicySet, since old: PolicySet, _ log: Log) {
        let left = Set(new.tenants.map(\.policy.tenant))
        for tenant in old.tenants where !left.contains(tenant.policy.tenant) {
            log.write(
                .warning, "tenant removed: its keys are no longer valid",
                [("tenant", .own(tenant.policy.tenant))])
        }
        for tenant in old.withoutCredential(in: new) {
            log.write(
                .warning, "credential removed: gemini sees the clients' own keys",
                [("tenant", .own(tenant))])
        }
        if let defaultTenant = old.defaultTenant, new.defaultTenant == nil {
            log.write(
                .warning, "unknown clients are no longer served",
                [("tenant", .own(defaultTenant.policy.tenant))])
        }
    }
}
