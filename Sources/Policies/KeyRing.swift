public import Basics

/// Maps a presented key to its tenant. Holds hashes, never keys; rebuilt when a policy, an
/// environment variable or a key file changes.
public struct KeyRing: Sendable {
    private var entries: [(digest: Digest, tenant: Int)] = []
    /// References that could not be resolved, and keys that two tenants turn out to share. The
    /// tenants that they name have fewer keys than intended; others are not affected.
    public private(set) var complaints: [Complaint] = []

    /// - Parameters:
    ///   - resolve: Returns the SHA-256 of the value of an `env:` or `file:` reference, or nil.
    ///   - why: Says why that is nil.
    public init(
        _ set: PolicySet, resolve: (Secret) -> Digest?,
        why: (Secret) -> String? = { _ in nil }
    ) {
        var owners: [Digest: (tenant: Int, place: Place)] = [:]
        for (index, tenant) in set.tenants.enumerated() {
            for (key, place) in zip(tenant.policy.match.keys, tenant.keyPlaces) {
                var digest = resolve(key)
                if case .sha256(let hex) = key { digest = Digest(hex: hex) }
                guard let digest else {
                    complaints.append(
                        Complaint(place, "match.keys: \(why(key) ?? "\(key) has no value")"))
                    continue
                }
                if let owner = owners[digest], owner.tenant != index {
                    let name = set.tenants[owner.tenant].policy.tenant
                    complaints.append(
                        Complaint(
                            place,
                            "match.keys: \(key) holds a key that belongs to tenant \"\(name)\" "
                                + "(\(owner.place.file):\(owner.place.line):\(owner.place.column))")
                    )
                    continue
                }
                owners[digest] = (index, place)
                entries.append((digest, index))
            }
        }
    }

    /// Takes equally long whether and wherever it finds the key, so that timing reveals nothing
    /// about the keys.
    fileprivate func tenant(for presented: Digest) -> Int? {
        var found = -1
        for (digest, tenant) in entries {
            let mask = Int(Int8(bitPattern: digest.mask(ifEqualTo: presented)))
            found = (found & ~mask) | (tenant & mask)
        }
        return found < 0 ? nil : found
    }
}

/// The decision on a client that presents a key, or none.
public enum Verdict: Equatable, Sendable {
    case served(Tenant)
    case refused(Refusal)
}

/// Why a client is refused before anything is dialed.
public enum Refusal: Error, Equatable, Sendable {
    /// No key, and unknown clients are not served: 401.
    case noKey
    /// A key that belongs to no tenant, and unknown clients are not served: 401.
    case unknownKey
    /// A page whose origin the tenant does not permit: 403.
    case origin
    /// A client token where only a key is accepted: 401.
    case token

    public var status: Int {
        switch self {
        case .noKey, .unknownKey, .token: 401
        case .origin: 403
        }
    }
}

extension PolicySet {
    /// Decides who serves a client.
    ///
    /// - Parameters:
    ///   - presented: The SHA-256 of the key it presents.
    ///   - origin: The browser's `Origin`, or nil.
    public func verdict(presented: Digest?, origin: String?, keys: KeyRing) -> Verdict {
        let owner = presented.flatMap { keys.tenant(for: $0) }
        let matched = owner.flatMap { tenants.indices.contains($0) ? tenants[$0] : nil }
        guard let tenant = matched ?? (servesEveryone ? defaultTenant : nil) else {
            return .refused(presented == nil ? .noKey : .unknownKey)
        }
        return tenant.admits(origin: origin) ? .served(tenant) : .refused(.origin)
    }
}
