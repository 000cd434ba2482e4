public import Basics

// What a tenant would lose because a file is gone, or is read half written. Without our credential
// gemini would see the client's own, and without its address Google would.
extension PolicySet {
    /// Where these policies set a tenant's credential or address that it would not have with
    /// `newer`, although no file says so: neither the tenant's own, which was changed, nor one that
    /// sets the same key, if only to null.
    public func losses(to newer: PolicySet) -> [Complaint] {
        all.flatMap { tenant -> [Complaint] in
            guard let now = newer.tenant(named: tenant.policy.tenant) else {
                return [tenant.isPassedOn(by: newer)].compactMap { $0 }
            }
            return tenant.lost(to: now).compactMap { key in
                guard let place = tenant.place(of: key),
                    now.place(of: key) == nil, !tenant.hasLet(key, at: place, go: now)
                else { return nil }
                return Complaint(
                    place,
                    "\(key): tenant \"\(tenant.policy.tenant)\" has it from here, and no file sets it any "
                        + "more, so \(Tenant.consequence(of: key)); put the file back, or set "
                        + "\(key) in the tenant's own file, to null if that is meant")
            }
        }
    }

    /// Tenants whose clients' own credentials gemini sees from now on, because a file says so.
    public func withoutCredential(in newer: PolicySet) -> [String] {
        all.filter { tenant in
            guard let now = newer.tenant(named: tenant.policy.tenant) else { return false }
            return tenant.policy.upstream.hasOwnCredential
                && !now.policy.upstream.hasOwnCredential
        }.map(\.policy.tenant)
    }
}

extension Tenant {
    /// Keys of the policy.
    fileprivate func lost(to now: Tenant) -> [String] {
        let (before, after) = (policy.upstream, now.policy.upstream)
        var keys: [String] = []
        if before.hasOwnCredential, !after.hasOwnCredential {
            keys.append(before.key != nil ? "upstream.key" : "upstream.credentials")
        }
        let google = Policy.Upstream().url
        if before.url != google, after.url == google { keys.append("upstream.url") }
        return keys
    }

    fileprivate static func consequence(of key: String) -> String {
        key == "upstream.url"
            ? "its clients would be connected to Google"
            : "gemini would see its clients' own keys"
    }

    /// Where a file sets it.
    fileprivate func place(of key: String) -> Place? {
        guard case .file(let place) = Policy.schema.origin(of: key, in: sourced) else { return nil }
        return place
    }

    /// Whether its own file was changed to omit the key. A tenant's own file always has `match`;
    /// that of `default` may say nothing, and then counts as gone.
    fileprivate func hasLet(_ key: String, at place: Place, go now: Tenant) -> Bool {
        let isOwn =
            keyPlaces.isEmpty ? policy.inherits == nil : keyPlaces[0].file == place.file
        let isSaid = !now.keyPlaces.isEmpty || now.sourced.origins.contains { $0 != .builtIn }
        return (isOwn || policy.inherits != now.policy.inherits) && isSaid
    }

    /// Its file is gone, and `default` would silently pass its clients' keys on.
    fileprivate func isPassedOn(by newer: PolicySet) -> Complaint? {
        guard policy.upstream.hasOwnCredential, newer.servesEveryone,
            let defaultTenant = newer.defaultTenant, !defaultTenant.policy.match.anyone,
            !defaultTenant.policy.upstream.hasOwnCredential, let place = keyPlaces.first
        else { return nil }
        return Complaint(
            place,
            "match.keys: tenant \"\(policy.tenant)\" is gone, and its clients' keys would be sent to "
                + "\(defaultTenant.policy.upstream.url); put the file back, or match: { anyone: false } into "
                + "default.yaml to refuse them, or anyone: true")
    }
}
