import Basics

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

    /// Whether a browser page of this `Origin` may talk to the tenant. Programs send none (nil).
    public func admits(origin: String?) -> Bool {
        guard let origin, !policy.match.origins.isEmpty else { return true }
        return policy.match.origins.contains(origin)
    }
}
