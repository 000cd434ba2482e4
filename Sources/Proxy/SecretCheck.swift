import Basics
public import Policies

/// What `turnkeeper check` reports about secrets: whether they are where the policies say. Warnings
/// only, because the checking machine need not be the serving one.
public enum SecretCheck {
    /// Lines such as `acme.yaml:3:10: warning: ...`; never a secret.
    /// - Parameter kind: `warning` or, if they count as such, `error`.
    public static func warnings(_ set: PolicySet, as kind: String = "warning") -> [String] {
        let secrets = Secrets()
        var found = KeyRing(set) { secrets.digest(of: $0) }.complaints
        found += set.missingKeys(secrets) + set.missingNotifySecrets(secrets)
        found += set.weakSecrets(secrets)
        if let unsettled = set.unsettled { found.append(unsettled) }
        found += set.warnings
        return found.map { $0.line(as: kind) }
    }
}

extension Secret {
    fileprivate var isInEnvironment: Bool {
        if case .environment = self { true } else { false }
    }
}

extension Tenant {
    /// Why reports cannot be signed.
    fileprivate func missingNotifySecret(_ secrets: Secrets) -> Complaint? {
        guard policy.notify.url != nil, let secret = policy.notify.secret,
            case .failure(let complaint) = secrets.value(of: secret),
            case .file(let place) = Policy.schema.origin(of: "notify.secret", in: sourced)
        else { return nil }
        return Complaint(place, "notify.secret: \(complaint.message)")
    }

    /// Why the key for gemini is missing.
    fileprivate func missingKey(_ secrets: Secrets) -> Complaint? {
        guard let key = policy.upstream.key, case .failure(let complaint) = secrets.value(of: key),
            case .file(let place) = Policy.schema.origin(of: "upstream.key", in: sourced)
        else { return nil }
        return Complaint(place, "upstream.key: \(complaint.message)")
    }
}

extension PolicySet {
    fileprivate var everyone: [Tenant] { tenants + (stranger.map { [$0] } ?? []) }

    /// The missing keys for gemini.
    func missingKeys(_ secrets: Secrets) -> [Complaint] {
        everyone.compactMap { $0.missingKey(secrets) }
    }

    /// The missing secrets of reports.
    func missingNotifySecrets(_ secrets: Secrets) -> [Complaint] {
        everyone.compactMap { $0.missingNotifySecret(secrets) }
    }

    /// If every tenant's key comes from the environment, and none is set, no client can be served.
    func checkEnvironment() throws(StartFailure) {
        let missing = missingKeys(Secrets())
        guard !missing.isEmpty, missing.count == everyone.count,
            everyone.allSatisfy({ $0.policy.upstream.key?.isInEnvironment == true })
        else { return }
        throw StartFailure(Complaints(missing).list.map(\.description), isMistake: true)
    }

    /// Every file a policy reads a secret from.
    var secretFiles: [String] {
        let keyFiles = everyone.compactMap { tenant -> String? in
            if case .file(let path) = tenant.policy.upstream.credentials { path } else { nil }
        }
        return Set(
            keyFiles
                + secretUses.compactMap { use in
                    if case .file(let path) = use.secret { path } else { nil }
                }
        ).sorted()
    }
}
