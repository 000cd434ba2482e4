/// What a reload has changed, for people.
public struct PolicyChanges: Equatable, Sendable, CustomStringConvertible {
    /// In the order of names: a tenant and its changed keys, or the one word `added` or `removed`;
    /// then, as `models.yaml`, the changed families, and, as `files`, the changed files that they
    /// name.
    public let changes: [(name: String, what: [String])]

    /// - Parameter files: Files that policies name and that have changed.
    public init(from old: PolicySet, to new: PolicySet, files: [String] = []) {
        let before = Dictionary(
            old.all.map { ($0.policy.tenant, $0) }, uniquingKeysWith: { first, _ in first })
        let after = Dictionary(
            new.all.map { ($0.policy.tenant, $0) }, uniquingKeysWith: { first, _ in first })
        var changes: [(name: String, what: [String])] = []
        for name in Set(before.keys).union(after.keys).sorted() {
            guard let was = before[name] else { changes.append((name, ["added"])); continue }
            guard let now = after[name] else { changes.append((name, ["removed"])); continue }
            let keys = Policy.schema.settings.filter { setting in
                switch setting.path {
                // What it is where no file says it depends on the rest of the policy.
                case "match.anyone" where name == new.defaultTenant?.policy.tenant:
                    old.servesEveryone != new.servesEveryone
                // Its query is not shown.
                case "notify.url": was.policy.notify.url != now.policy.notify.url
                default: setting.show(was.policy) != setting.show(now.policy)
                }
            }
            if !keys.isEmpty { changes.append((name, keys.map(\.path))) }
        }
        let families = Self.families(old.profiles, new.profiles)
        if !families.isEmpty { changes.append(("models.yaml", families)) }
        if !files.isEmpty { changes.append(("files", files)) }
        self.changes = changes
    }

    private static func families(_ old: Profiles, _ new: Profiles) -> [String] {
        let was = old.families.map(\.value)
        let now = new.families.map(\.value)
        let gone = was.filter { profile in !now.contains { $0.family == profile.family } }
        return (now.filter { !was.contains($0) } + gone).map(\.family)
    }

    public static func == (a: Self, b: Self) -> Bool { a.description == b.description }

    /// `acme: budget.day_usd, limits.sessions; beta: added`, or `nothing`.
    public var description: String {
        changes.isEmpty
            ? "nothing"
            : changes.map { "\($0.name): \($0.what.joined(separator: ", "))" }
                .joined(separator: "; ")
    }

    /// Shorter than `limit` bytes: counts what does not fit.
    public func description(within limit: Int) -> String {
        var text = ""
        for (index, change) in changes.enumerated() {
            var words = "\(change.name): \(change.what.joined(separator: ", "))"
            if words.utf8.count > limit / 2 { words = "\(change.name): \(change.what.count) keys" }
            if text.utf8.count + words.utf8.count > limit - 32 {
                return "\(text); and \(changes.count - index) more"
            }
            text += (text.isEmpty ? "" : "; ") + words
        }
        return text.isEmpty ? "nothing" : text
    }
}
