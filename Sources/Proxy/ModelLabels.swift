import Metrics
import Policies

/// Which models a worker counts under their own names. Clients choose the name and a policy may
/// allow `gemini-*`, so the number of labels per tenant is limited; all other models share one
/// label.
struct ModelLabels {
    /// Used before the setup names a model.
    static let unnamed = "unknown"
    /// Twice the models that one tenant tries in a week.
    private static let perTenant = 16
    private static let longest = 64

    private struct Known {
        /// In the order in which they first appeared.
        var named: Set<String> = []
        /// Gemini completed a setup for these: they keep their label, so that invented names cannot
        /// take it.
        var accepted: Set<String> = []
        /// By label.
        var meters: [String: Meter] = [:]

        func has(_ model: String) -> Bool { named.contains(model) || accepted.contains(model) }
    }

    private var tenants: [String: Known] = [:]

    /// The label of sessions that have not named a model yet.
    mutating func unnamed(_ tenant: String, _ shard: inout Shard) -> String {
        if tenants[tenant] == nil {
            tenants[tenant] = Known()
            shard.prepare(tenant: tenant, model: Self.unnamed)
        }
        return Self.unnamed
    }

    /// Creates the series for the models that a policy names, before any session does.
    mutating func prepare(_ policy: Policy, _ shard: inout Shard) {
        _ = unnamed(policy.tenant, &shard)
        let whole = policy.models.allow.filter { !$0.contains("*") }
        for model in whole + policy.models.pin.values.sorted() { _ = label(model, policy, &shard) }
    }

    /// The label of a session whose setup names a model.
    mutating func label(_ model: String, _ policy: Policy, _ shard: inout Shard) -> String {
        let tenant = policy.tenant
        guard policy.models.serves(model), Self.isName(model) else { return Shard.rest }
        if tenants[tenant]?.has(model) == true { return model }
        guard tenants[tenant, default: Known()].named.count < Self.perTenant else {
            return Shard.rest
        }
        tenants[tenant, default: Known()].named.insert(model)
        shard.prepare(tenant: tenant, model: model)
        return model
    }

    /// The series of messages under a label: two dozen, and every session needs them twice.
    mutating func meter(_ tenant: String, _ label: String, _ shard: inout Shard) -> Meter {
        if let known = tenants[tenant]?.meters[label] { return known }
        let meter = Meter(tenant: tenant, model: label, &shard)
        tenants[tenant]?.meters[label] = meter
        return meter
    }

    /// Whether the name consists of the characters in vendors' ids. Other names were made up to
    /// inject text into metrics.
    private static func isName(_ model: String) -> Bool {
        !model.isEmpty && model.utf8.count <= longest
            && model.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "-._:@".utf8.contains(byte)
                }
            }
    }

    /// Gemini has accepted a setup for the model: its next session counts under its name.
    mutating func accepted(_ model: String, _ policy: Policy) {
        guard let known = tenants[policy.tenant], !known.has(model),
            known.accepted.count < Self.perTenant, policy.models.serves(model),
            Self.isName(model)
        else { return }
        tenants[policy.tenant]?.accepted.insert(model)
    }
}
