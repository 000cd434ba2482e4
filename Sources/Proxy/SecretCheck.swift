import Basics
public import Policies

/// What `turnkeeper check` reports about secrets: whether they are where the policies say. Warnings
/// only, because the checking machine need not be the serving one.
public enum SecretCheck {
    /// Lines such as `acme.yaml:3:10: warning: ...`; never a secret.
    public static func warnings(_ set: PolicySet) -> [String] {
        let secrets = Secrets()
        var found = KeyRing(set) { secrets.digest(of: $0) }.complaints
        for tenant in set.tenants + (set.stranger.map { [$0] } ?? []) {
            guard let key = tenant.policy.upstream.key,
                case .failure(let complaint) = secrets.value(of: key)
            else { continue }
            let origin = Policy.schema.origin(of: "upstream.key", in: tenant.sourced)
            guard case .file(let place) = origin else { continue }
            found.append(Complaint(place, "upstream.key: \(complaint.message)"))
        }
        if let unsettled = set.unsettled { found.append(unsettled) }
        return found.map { complaint in
            let place = complaint.place
            return "\(place.file):\(place.line):\(place.column): warning: \(complaint.message)"
        }
    }
}

extension PolicySet {
    /// Every file a policy reads a secret from.
    var secretFiles: [String] {
        let all = tenants + (stranger.map { [$0] } ?? [])
        let secrets = all.flatMap {
            $0.policy.match.keys + [$0.policy.upstream.key].compactMap { $0 }
        }
        let keyFiles = all.compactMap { tenant -> String? in
            if case .file(let path) = tenant.policy.upstream.credentials { path } else { nil }
        }
        return Set(
            keyFiles
                + secrets.compactMap { secret in
                    if case .file(let path) = secret { path } else { nil }
                }
        ).sorted()
    }
}
