public import Basics

/// Which tenant a presented key belongs to. Holds hashes, never keys; built anew when a policy, an
/// environment variable or a file of keys changes.
public struct KeyRing: Sendable {
    private var entries: [(digest: Digest, tenant: Int)] = []
    /// References that could not be followed, and keys that two tenants share once followed. The
    /// tenants named have fewer keys than they should; nobody else is affected.
    public private(set) var complaints: [Complaint] = []

    /// `resolve` gives the SHA-256 of what an `env:` or `file:` reference holds, or nil.
    public init(_ set: PolicySet, resolve: (Secret) -> Digest?) {
        var owners: [Digest: (tenant: Int, place: Place)] = [:]
        for (index, tenant) in set.tenants.enumerated() {
            for (key, place) in zip(tenant.policy.match.keys, tenant.keyPlaces) {
                var digest = resolve(key)
                if case .sha256(let hex) = key { digest = Digest(hex: hex) }
                guard let digest else {
                    complaints.append(Complaint(place, "match.keys: \(key) holds nothing"))
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

    /// Takes as long whether it finds the key first, last or not at all, so that timing tells
    /// nothing about the keys.
    fileprivate func tenant(for presented: Digest) -> Int? {
        var found = -1
        for (digest, tenant) in entries {
            let mask = Int(Int8(bitPattern: digest.mask(ifEqualTo: presented)))
            found = (found & ~mask) | (tenant & mask)
        }
        return found < 0 ? nil : found
    }
}

/// What becomes of a client that presents a key, or none.
public enum Verdict: Equatable, Sendable {
    case served(Tenant)
    case refused(Refusal)
}

/// Why a client is turned away before anything is dialed.
public enum Refusal: Error, Equatable, Sendable {
    /// No key, and strangers are not served: 401.
    case noKey
    /// A key that is no tenant's, and strangers are not served: 401.
    case unknownKey
    /// A page of an origin the tenant does not let in: 403.
    case origin
    /// A client token where only a key serves: 401.
    case token

    public var status: Int {
        switch self {
        case .noKey, .unknownKey, .token: 401
        case .origin: 403
        }
    }
}

extension PolicySet {
    /// Who serves a client. `presented` is the SHA-256 of the key it presents, `origin` what a
    /// browser sends.
    public func verdict(presented: Digest?, origin: String?, keys: KeyRing) -> Verdict {
        let owner = presented.flatMap { keys.tenant(for: $0) }
        let matched = owner.flatMap { tenants.indices.contains($0) ? tenants[$0] : nil }
        guard let tenant = matched ?? (servesStrangers ? stranger : nil) else {
            return .refused(presented == nil ? .noKey : .unknownKey)
        }
        return tenant.admits(origin: origin) ? .served(tenant) : .refused(.origin)
    }
}
