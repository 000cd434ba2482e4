public import Basics

extension PolicySet {
    /// Settings that are legal and probably not intended.
    public var warnings: [Complaint] {
        let looks = [
            emptyBudgets, hastyDeaths, strangePins, strangeSiblings, circles, nearlyDefault,
            keysPassedOn, tokensInURLs, uselessWarmth,
        ]
        return all.flatMap { tenant in looks.flatMap { $0(tenant) } }
    }

    private func emptyBudgets(_ tenant: Tenant) -> [Complaint] {
        let policy = tenant.policy
        let values = [
            ("budget.day_usd", policy.budget.dayMicroUSD),
            ("budget.session_usd", policy.budget.sessionMicroUSD),
            ("budget.session_tokens", policy.budget.sessionTokens),
            ("end_users.day_usd", policy.endUsers.dayMicroUSD),
            ("end_users.day_minutes", policy.endUsers.dayMinutes.map(Int64.init)),
        ]
        return values.compactMap { path, value in
            guard value == 0 else { return nil }
            return tenant.complaint(
                path, "0 allows nothing, so every session is refused; null is unlimited")
        }
    }

    private func hastyDeaths(_ tenant: Tenant) -> [Complaint] {
        let policy = tenant.policy
        let times = [
            ("upstream", policy.upstream.ping, policy.upstream.dead),
            ("client", policy.client.ping, policy.client.dead),
        ]
        return times.compactMap { peer, ping, dead in
            guard dead < ping * 2 else { return nil }
            let message =
                "no time for a second ping within \(peer).dead, so one that is late ends the "
                + "connection: make dead at least twice ping"
            return tenant.complaint("\(peer).dead", message)
                ?? tenant.complaint("\(peer).ping", message)
        }
    }

    /// On file systems that ignore case these are one file, and people read them as one.
    private func nearlyDefault(_ tenant: Tenant) -> [Complaint] {
        let name = tenant.policy.tenant
        guard name != "default", name.lowercased() == "default", let place = tenant.keyPlaces.first
        else { return [] }
        return [
            Complaint(
                place,
                "tenant \"\(name)\" is one among others; the file that serves everyone else is "
                    + "default.yaml, in lower case")
        ]
    }

    /// Google knows only its own keys; `upstream: { key: null }` says that this is intended.
    private func keysPassedOn(_ tenant: Tenant) -> [Complaint] {
        let upstream = tenant.policy.upstream
        guard !upstream.hasOwnCredential, upstream.url == Policy.Upstream().url,
            Policy.schema.origin(of: "upstream.key", in: tenant.sourced) == .builtIn
        else { return [] }
        return tenant.keyPlaces.prefix(1).map {
            Complaint(
                $0,
                "match.keys: clients' keys are passed on to Google as they are, since upstream.key is "
                    + "not set: set it, or write upstream: { key: null } if these are Google's keys"
            )
        }
    }

    private func uselessWarmth(_ tenant: Tenant) -> [Complaint] {
        let policy = tenant.policy
        let why =
            policy.mode == .observe
            ? "mode: observe opens nothing in advance"
            : policy.upstream.hasOwnCredential
                ? nil : "nothing is opened in advance with clients' own keys: set upstream.key"
        guard policy.upstream.warm > 0, let why else { return [] }
        return [tenant.complaint("upstream.warm", why)].compactMap { $0 }
    }

    /// More people read a policy than a secret, and it is kept in repositories.
    private func tokensInURLs(_ tenant: Tenant) -> [Complaint] {
        let query = (tenant.policy.notify.url ?? "").drop { $0 != "?" }.dropFirst()
        let looksSecret = query.split(separator: "&").contains { pair in
            let parts = pair.split(separator: "=", maxSplits: 1)
            let name = (parts.first ?? "").lowercased()
            return (parts.last?.utf8.count ?? 0) >= 16
                || ["token", "key", "secret", "sig", "auth", "pass"].contains {
                    name.contains($0)
                }
        }
        guard looksSecret else { return [] }
        return [
            tenant.complaint(
                "notify.url",
                "its query looks like a secret, and stands here in clear: let the receiver check the "
                    + "signature by notify.secret instead, and keep this file from others")
        ].compactMap { $0 }
    }

    private func strangePins(_ tenant: Tenant) -> [Complaint] {
        Set(tenant.policy.models.pin.values).sorted().compactMap { name in
            guard !profiles.knows(name) else { return nil }
            return tenant.complaint(
                "models.pin", "no family in models.yaml has the model \(excerpt(name))")
        }
    }

    private func strangeSiblings(_ tenant: Tenant) -> [Complaint] {
        let names = (tenant.policy.models.fallback ?? [:]).sorted { $0.key < $1.key }
            .flatMap { [$0.key] + $0.value }
        var seen: Set<String> = []
        return names.compactMap { name in
            guard seen.insert(name).inserted, !profiles.knows(name) else { return nil }
            return tenant.complaint(
                "models.fallback", "no family in models.yaml has the model \(excerpt(name))")
        }
    }

    private func circles(_ tenant: Tenant) -> [Complaint] {
        let siblings = tenant.policy.models.fallback ?? [:]
        var told: Set<Set<String>> = []
        return siblings.keys.sorted().compactMap { start in
            guard let circle = Self.circle(from: start, siblings),
                told.insert(Set(circle)).inserted
            else { return nil }
            return tenant.complaint(
                "models.fallback",
                "\(circle.joined(separator: " -> ")) is a circle: if each of them fails, sessions "
                    + "stay with the first")
        }
    }

    /// The shortest way from a model back to itself.
    private static func circle(
        from start: String, _ siblings: [String: [String]]
    ) -> [String]? {
        var ways = [[start]]
        var seen: Set<String> = []
        while !ways.isEmpty {
            let way = ways.removeFirst()
            for next in siblings[way[way.count - 1]] ?? [] {
                if next == start { return way + [start] }
                if seen.insert(next).inserted { ways.append(way + [next]) }
            }
        }
        return nil
    }
}

extension Tenant {
    /// A complaint about a key, where a file sets it; nil for built-in values.
    public func complaint(_ path: String, _ message: String) -> Complaint? {
        guard case .file(let place) = Policy.schema.origin(of: path, in: sourced) else {
            return nil
        }
        return Complaint(place, "\(path): \(message)")
    }
}

extension Profiles {
    /// Whether a family other than `default` has the model.
    func knows(_ model: String) -> Bool {
        let id = modelID(model)
        return families.contains { family in
            family.value.models.contains { pattern in
                pattern != "*" && ModelPattern(pattern).closeness(to: id) != nil
            }
        }
    }
}
