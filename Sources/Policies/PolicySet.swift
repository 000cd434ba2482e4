public import Basics

/// All policies of one directory, complete and immutable: a reload builds a new one and swaps it
/// whole, or fails and changes nothing.
public struct PolicySet: Equatable, Sendable {
    /// By name; without the one who serves strangers.
    public let tenants: [Tenant]
    /// Serves everyone whose key is no tenant's; nil refuses them.
    public let stranger: Tenant?
    public let profiles: Profiles
    /// The tenants, and last who serves strangers.
    public var all: [Tenant] { tenants + (stranger.map { [$0] } ?? []) }

    init(tenants: [Tenant], stranger: Tenant?, profiles: Profiles) {
        self.tenants = tenants
        self.stranger = stranger
        self.profiles = profiles
    }

    /// No files: everyone is served by the built-in defaults.
    public static let builtIn = PolicySet(
        tenants: [], stranger: Tenant(Policy.schema.untouched(Policy()), keyPlaces: []),
        profiles: .builtIn)

    /// Whether clients are served whose key is no tenant's. A credential of ours is for them only
    /// where `match.anyone` says so.
    public var servesStrangers: Bool {
        guard let stranger else { return false }
        return stranger.saysWhom
            ? stranger.policy.match.anyone : !stranger.policy.upstream.hasOwnCredential
    }

    /// A `default` that holds a credential and does not say whether it is for anyone.
    public var unsettled: Complaint? {
        guard let stranger, stranger.policy.upstream.hasOwnCredential, !stranger.saysWhom else {
            return nil
        }
        for key in ["upstream.key", "upstream.credentials"] {
            guard case .file(let place) = Policy.schema.origin(of: key, in: stranger.sourced),
                stranger.policy.upstream.key != nil || key == "upstream.credentials"
            else { continue }
            return Complaint(
                place,
                "\(key): default.yaml holds a credential and does not say for whom, so clients whose "
                    + "key is no tenant's are refused; add match: { anyone: true } to serve everyone with "
                    + "it, or anyone: false")
        }
        return nil
    }

    /// Whether putting `newer` in force would let in, unsaid, whom these policies refuse.
    public func isOpened(by newer: PolicySet) -> Bool {
        !servesStrangers && newer.servesStrangers && newer.stranger?.policy.match.anyone == false
    }

    /// Whether a page of this `Origin` may talk to some tenant.
    public func admitsSomewhere(origin: String) -> Bool {
        (tenants + (servesStrangers ? [stranger].compactMap { $0 } : []))
            .contains { $0.admits(origin: origin) }
    }

    /// The same with the project of each credential, where its policy names none.
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
            tenants: tenants.map(named), stranger: stranger.map(named), profiles: profiles)
    }

    /// The tenant of that name, strangers' `default` included.
    public func tenant(named name: String) -> Tenant? {
        if let stranger, stranger.policy.tenant == name { return stranger }
        return tenants.first { $0.policy.tenant == name }
    }
}

/// One tenant's policy, and where each value of it came from.
public struct Tenant: Equatable, Sendable {
    public let sourced: Sourced<Policy>
    /// Where each of `match.keys` stands.
    let keyPlaces: [Place]

    init(_ sourced: Sourced<Policy>, keyPlaces: [Place]) {
        self.sourced = sourced
        self.keyPlaces = keyPlaces
    }

    public var policy: Policy { sourced.value }

    /// Whether its file says if anyone is served.
    fileprivate var saysWhom: Bool {
        Policy.schema.origin(of: "match.anyone", in: sourced) != .builtIn
    }

    /// Whether a browser page of this `Origin` may talk to the tenant. Programs send none (nil).
    public func admits(origin: String?) -> Bool {
        guard let origin, !policy.match.origins.isEmpty else { return true }
        return policy.match.origins.contains(origin)
    }
}
