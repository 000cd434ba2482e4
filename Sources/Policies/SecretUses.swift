public import Basics

/// One secret that a policy refers to.
public struct SecretUse: Sendable {
    /// `match.keys`, `upstream.key` or `notify.secret`.
    public let path: String
    public let secret: Secret
    /// Nil for a built-in value.
    public let place: Place?
    /// Whether gemini sees it, and may quote it.
    public let isSent: Bool
    /// Whether something cannot be done without its value.
    public let isNeeded: Bool
}

extension PolicySet {
    /// Every secret that a policy refers to; an inherited one, once for each heir.
    public var secretUses: [SecretUse] { all.flatMap(\.secretUses) }

    /// Names in the policies that appear in logs and reports: tenants and models.
    public var names: [String] {
        var names = profiles.families.flatMap { [$0.value.family] + $0.value.models }
        for tenant in all {
            let models = tenant.policy.models
            names.append(tenant.policy.tenant)
            names += models.allow
            for (model, other) in models.pin { names += [model, other] }
            for (model, siblings) in models.fallback ?? [:] { names += [model] + siblings }
        }
        return names
    }
}

extension Tenant {
    fileprivate var secretUses: [SecretUse] {
        // Without a credential of ours, gemini sees the client's key.
        let isPassedOn = !policy.upstream.hasOwnCredential
        let keys = zip(policy.match.keys, keyPlaces).map {
            SecretUse(
                path: "match.keys", secret: $0, place: $1, isSent: isPassedOn, isNeeded: false)
        }
        let own = [
            ("upstream.key", policy.upstream.key, isSent: true, isNeeded: true),
            // Signs reports.
            ("notify.secret", policy.notify.secret, false, policy.notify.url != nil),
        ].compactMap { path, secret, isSent, isNeeded in
            secret.map {
                SecretUse(
                    path: path, secret: $0, place: place(of: path), isSent: isSent,
                    isNeeded: isNeeded)
            }
        }
        return keys + own
    }

    private func place(of path: String) -> Place? {
        guard case .file(let place) = Policy.schema.origin(of: path, in: sourced) else {
            return nil
        }
        return place
    }
}
