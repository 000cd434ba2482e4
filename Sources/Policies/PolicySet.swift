public import Basics

/// All policies of one directory, complete and immutable: a reload builds a new set and swaps it,
/// or fails and changes nothing.
public struct PolicySet: Equatable, Sendable {
    /// Sorted by name; without the default tenant.
    public let tenants: [Tenant]
    /// Serves everyone whose key belongs to no tenant; nil refuses them.
    public let defaultTenant: Tenant?
    public let profiles: Profiles
    /// Whether any file says whom to serve; without one the built-in defaults serve everyone.
    public let hasFiles: Bool
    /// The tenants, and last the default tenant.
    public var all: [Tenant] { tenants + (defaultTenant.map { [$0] } ?? []) }

    init(tenants: [Tenant], defaultTenant: Tenant?, profiles: Profiles, hasFiles: Bool) {
        self.tenants = tenants
        self.defaultTenant = defaultTenant
        self.profiles = profiles
        self.hasFiles = hasFiles
    }

    /// No files: the built-in defaults serve everyone.
    public static let builtIn = PolicySet(
        tenants: [], defaultTenant: Tenant(Policy.schema.untouched(Policy()), keyPlaces: []),
        profiles: .builtIn, hasFiles: false)

    /// Whether clients are served whose key belongs to no tenant. They use our credential only if
    /// `match.anyone` says so.
    public var servesEveryone: Bool {
        guard let defaultTenant else { return false }
        return defaultTenant.saysWhom
            ? defaultTenant.policy.match.anyone : !defaultTenant.policy.upstream.hasOwnCredential
    }

    /// Where a `default` says that it serves everyone with our credential.
    public var isOpenToAll: Complaint? {
        guard let defaultTenant, servesEveryone, defaultTenant.policy.upstream.hasOwnCredential
        else {
            return nil
        }
        return defaultTenant.complaint(
            "match.anyone",
            "everyone who reaches the port is served with the credential of this policy; give "
                + "clients keys instead (turnkeeper quickstart --clients key), or let only those "
                + "reach it who may use it")
    }

    /// A `default` that holds a credential and does not say whether it serves anyone.
    public var unsettled: Complaint? {
        guard let defaultTenant, defaultTenant.policy.upstream.hasOwnCredential,
            !defaultTenant.saysWhom
        else {
            return nil
        }
        for key in ["upstream.key", "upstream.credentials"] {
            guard case .file(let place) = Policy.schema.origin(of: key, in: defaultTenant.sourced),
                defaultTenant.policy.upstream.key != nil || key == "upstream.credentials"
            else { continue }
            return Complaint(
                place,
                "\(key): default.yaml holds a credential but does not say for whom, so clients whose "
                    + "key belongs to no tenant are refused; add match: { anyone: true } to serve "
                    + "everyone with it, or anyone: false")
        }
        return nil
    }

    /// Applies to a `default` that, without saying so, serves clients with their own key, beside a
    /// tenant whose clients have the proxy's keys: a wrong or revoked one of those would be sent to
    /// gemini.
    public var passesWrongKeysOn: Complaint? {
        guard let defaultTenant, servesEveryone, !defaultTenant.saysWhom,
            let guarded = tenants.first(where: { $0.policy.upstream.hasOwnCredential }),
            let place = guarded.keyPlaces.first
        else { return nil }
        return Complaint(
            place,
            "match.keys: default.yaml serves every other key by passing it on, so a mistyped or "
                + "revoked one of these is sent to \(defaultTenant.policy.upstream.url); put match: "
                + "{ anyone: false } into default.yaml to refuse them, or anyone: true")
    }

    /// Whether `newer` would implicitly admit clients that these policies refuse.
    public func isOpened(by newer: PolicySet) -> Bool {
        !servesEveryone && newer.servesEveryone && newer.defaultTenant?.policy.match.anyone == false
    }

    /// Whether a page with this `Origin` may use any tenant.
    public func admitsSomewhere(origin: String) -> Bool {
        (tenants + (servesEveryone ? [defaultTenant].compactMap { $0 } : []))
            .contains { $0.admits(origin: origin) }
    }

    /// The same set, with the project of each credential if its policy names none.
    public func naming(projects: (Policy.Credentials) -> String?) -> PolicySet {
        func named(_ tenant: Tenant) -> Tenant {
            guard tenant.policy.upstream.project == nil,
                let project = tenant.policy.upstream.credentials.flatMap(projects)
            else { return tenant }
            var sourced = tenant.sourced
            sourced.value.upstream.project = project
            return Tenant(sourced, keyPlaces: tenant.keyPlaces)
        }
        return PolicySet(
            tenants: tenants.map(named), defaultTenant: defaultTenant.map(named),
            profiles: profiles,
            hasFiles: hasFiles)
    }

    /// The same set, in which a policy that is as it was in an older one is the same object, so that
    /// sessions need not compare them.
    public func keeping(_ older: PolicySet) -> PolicySet {
        func kept(_ tenant: Tenant) -> Tenant {
            guard let before = older.policy(of: tenant.policy.tenant), before == tenant.shared
            else { return tenant }
            return Tenant(tenant.sourced, keyPlaces: tenant.keyPlaces, shared: before)
        }
        return PolicySet(
            tenants: tenants.map(kept), defaultTenant: defaultTenant.map(kept), profiles: profiles,
            hasFiles: hasFiles)
    }

    func policy(of name: String) -> Boxed<Policy>? { tenant(named: name)?.shared }

    /// The tenant with this name, `default` included.
    public func tenant(named name: String) -> Tenant? {
        if let defaultTenant, defaultTenant.policy.tenant == name { return defaultTenant }
        return tenants.first { $0.policy.tenant == name }
    }
}

/// One tenant's policy, with the origin of each value.
public struct Tenant: Equatable, Sendable {
    public let sourced: Sourced<Policy>
    /// The policy, for its holders.
    public let shared: Boxed<Policy>
    /// The positions of `match.keys`.
    let keyPlaces: [Place]

    init(_ sourced: Sourced<Policy>, keyPlaces: [Place], shared: Boxed<Policy>? = nil) {
        self.sourced = sourced
        self.shared = shared ?? Boxed(sourced.value)
        self.keyPlaces = keyPlaces
    }

    public var policy: Policy { shared.value }

    /// Whether its file says whom it serves.
    fileprivate var saysWhom: Bool {
        Policy.schema.origin(of: "match.anyone", in: sourced) != .builtIn
    }

    /// Whether a browser page with this `Origin` may use the tenant. Programs send none (nil).
    public func admits(origin: String?) -> Bool {
        guard let origin, !policy.match.origins.isEmpty else { return true }
        return policy.match.origins.contains(origin)
    }
}
