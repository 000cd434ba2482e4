import Basics
public import Policies

/// What `turnkeeper check` reports about secrets: whether they are where the policies say. Missing
/// ones cause only warnings, because the checking machine need not be the serving one.
public enum SecretCheck {
    /// Lines such as `acme.yaml:3:10: warning: ...`; never a secret.
    /// - Parameter kind: `warning` or, if they count as such, `error`.
    public static func warnings(_ set: PolicySet, as kind: String = "warning") -> [String] {
        let secrets = Secrets()
        let keys = KeyRing(set, resolve: secrets.digest(of:), why: secrets.complaint(of:))
        return set.complaints(keys, secrets).map { $0.line(as: kind) }
    }

    /// Lines such as `acme.yaml:3:10: error: ...` for files with which `serve` would not start:
    /// invalid certificates and service account keys.
    public static func mistakes(_ set: PolicySet) -> [String] {
        Complaints(set.unusableFiles).list.map(\.description)
    }
}

extension Secret {
    fileprivate var isInEnvironment: Bool {
        if case .environment = self { true } else { false }
    }
}

extension SecretUse {
    /// Why the secret is missing, if it is needed.
    fileprivate func missing(_ secrets: Secrets) -> Complaint? {
        guard isNeeded, let place, case .failure(let complaint) = secrets.value(of: secret)
        else { return nil }
        return Complaint(place, "\(path): \(complaint.message)")
    }
}

extension PolicySet {
    /// Settings that are probably not intended: reported by `check` and `serve`.
    func complaints(_ keys: KeyRing, _ secrets: Secrets) -> [Complaint] {
        keys.complaints + secretUses.compactMap { $0.missing(secrets) } + missingCredentials
            + unusableReceivers + weakSecrets(secrets)
            + [unsettled, passesWrongKeysOn].compactMap { $0 } + warnings
    }

    /// If every tenant's key comes from the environment, and none is set, no client can be served.
    func checkEnvironment() throws(StartFailure) {
        let uses = secretUses.filter { $0.path == "upstream.key" && $0.secret.isInEnvironment }
        let secrets = Secrets()
        let missing = uses.compactMap { $0.missing(secrets) }
        guard !missing.isEmpty, missing.count == all.count else { return }
        throw StartFailure(Complaints(missing).list.map(\.description), isMistake: true)
    }

    /// Every file that a policy names: a change in one is a change of the policy.
    var namedFiles: [String] {
        let authorities = all.flatMap {
            [$0.policy.upstream.caFile, $0.policy.notify.caFile].compactMap { $0 }
        }
        return Set(secretFiles + authorities).sorted()
    }

    /// Every file from which a policy reads a secret.
    var secretFiles: [String] {
        let keyFiles = all.compactMap { tenant -> String? in
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
