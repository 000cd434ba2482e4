public import Basics

/// A parsed file of the policy directory.
public struct PolicyFile: Sendable {
    /// Its name in errors: `Policies/acme.yaml`.
    public var path: String
    /// Its content, or why it could not be read.
    public var content: Result<Tree, Complaints>

    public init(path: String, content: Result<Tree, Complaints>) {
        self.path = path
        self.content = content
    }

    /// `acme` of `Policies/acme.yaml`.
    var stem: String {
        let name = modelID(path)
        return name.hasSuffix(".yaml") ? String(name.dropLast(5)) : name
    }
}

/// Reads the files of a directory into one `PolicySet`, or reports every error.
public struct PolicyReader {
    private var files: [Entry] = []
    private var complaints: [Complaint] = []

    /// A tenant's file while it is being read.
    private struct Entry {
        var path: String
        var isDefault: Bool
        /// Nil if the file is not YAML; its name still counts.
        var tree: Tree?
        var name: String
        var parent: (name: String, place: Place)?
        var progress = Progress.waiting
        var sourced = Policy.schema.untouched(Policy())
    }
    /// More than anyone can follow, and within a thread's stack.
    private static let maxParents = 16
    private enum Progress { case waiting, reading, done }

    /// `models.yaml` holds profiles, `default.yaml` serves unknown clients, every other file is a
    /// tenant. Without any file the built-in defaults serve everyone.
    public static func read(_ files: [PolicyFile]) throws(Complaints) -> PolicySet {
        var reader = PolicyReader()
        var profiles = Profiles.builtIn
        for file in files {
            switch file.content {
            case .failure(let found): reader.complaints += found.list
            case .success(let tree) where file.stem == "models":
                profiles = Profiles.read(tree, &reader.complaints)
            case .success: break
            }
            if file.stem != "models" { reader.enter(file) }
        }
        reader.refuseSharedNames()
        for index in reader.files.indices { reader.decode(index, depth: 0) }
        let tenants = reader.files.map { Tenant($0.sourced, keyPlaces: keyPlaces(in: $0.tree)) }
        reader.refuseSharedKeys(tenants)
        guard reader.complaints.isEmpty else { throw Complaints(reader.complaints) }

        let isDefault = reader.files.map(\.isDefault)
        let defaultTenant = zip(tenants, isDefault).first { $0.1 }?.0
        return PolicySet(
            tenants: zip(tenants, isDefault).filter { !$0.1 }.map(\.0)
                .sorted { $0.policy.tenant < $1.policy.tenant },
            defaultTenant: tenants.isEmpty ? PolicySet.builtIn.defaultTenant : defaultTenant,
            profiles: profiles,
            hasFiles: !tenants.isEmpty)
    }

    /// Notes the file's name and its parent; errors in either are reported when the whole file is
    /// read.
    private mutating func enter(_ file: PolicyFile) {
        var entry = Entry(
            path: file.path, isDefault: file.stem == "default", tree: try? file.content.get(),
            name: file.stem)
        var ignored: [Complaint] = []
        if let value = entry.tree?["tenant"]?.value,
            let name = Format<String>.name.read(value, "", &ignored)
        {
            entry.name = name
        }
        if let value = entry.tree?["inherits"]?.value,
            let name = Format<String?>.optional(.name).read(value, "", &ignored) ?? nil
        {
            entry.parent = (name, value.place)
        }
        files.append(entry)
    }

    private mutating func refuseSharedNames() {
        var owners: [String: String] = [:]
        for index in files.indices {
            let entry = files[index]
            let named = entry.tree?["tenant"]
            let place = named?.value.place ?? Place(file: entry.path, line: 1, column: 1)
            if !isName(entry.name) {
                complaints.append(
                    Complaint(
                        place,
                        "the file's name is not a valid tenant name (letters, digits, '.', '_' "
                            + "and '-'); rename it or add tenant: NAME"))
            } else if entry.isDefault != (entry.name == "default") {
                complaints.append(
                    Complaint(
                        place,
                        entry.isDefault
                            ? "tenant: this file serves everyone else and is called \"default\""
                            : "tenant: \"default\" is the name of default.yaml"))
            } else if let other = owners.updateValue(entry.path, forKey: entry.name) {
                complaints.append(
                    Complaint(place, "tenant \"\(entry.name)\" is also described in \(other)"))
            }
        }
    }

    /// Decodes one file after those it inherits from.
    private mutating func decode(_ index: Int, depth: Int) {
        guard files[index].progress == .waiting else { return }
        files[index].progress = .reading
        defer { files[index].progress = .done }
        var base = parent(of: index, depth: depth)
        for (position, setting) in Policy.schema.settings.enumerated() where setting.isOwn {
            setting.reset(&base.value, Policy())
            base.origins[position] = .builtIn
        }
        base.value.tenant = files[index].name
        guard let tree = files[index].tree else {
            files[index].sourced = base
            return
        }
        let before = complaints.count
        let sourced = Policy.schema.read(tree, onto: base, &complaints)
        files[index].sourced = sourced
        switch tree {
        case .null, .mapping: checkMatch(files[index], tree)
        case .scalar, .sequence: break
        }
        if complaints.count == before { check(sourced) }
    }

    /// The policy that the file starts from.
    private mutating func parent(of index: Int, depth: Int) -> Sourced<Policy> {
        let builtIn = Policy.schema.untouched(Policy())
        guard let (name, place) = files[index].parent else { return builtIn }
        guard let parent = files.firstIndex(where: { $0.name == name }) else {
            // Without a default.yaml, `default` means the built-in defaults.
            if name == "default" { return builtIn }
            let names = files.map(\.name).filter { $0 != files[index].name } + ["default"]
            let hint = guess(for: name, among: names).map { "did you mean \"\($0)\"?" }
            complaints.append(
                Complaint(
                    place,
                    "inherits: no tenant \"\(name)\"; " + (hint ?? Self.listing(Set(names)))))
            return builtIn
        }
        if files[parent].progress == .reading {
            complaints.append(Complaint(place, "inherits: \(cycle(from: index)) is a circle"))
            return builtIn
        }
        guard depth < Self.maxParents else {
            complaints.append(
                Complaint(place, "inherits: more than \(Self.maxParents) tenants in a row"))
            return builtIn
        }
        decode(parent, depth: depth + 1)
        return files[parent].sourced
    }

    private static func listing(_ names: Set<String>) -> String {
        let most = 10
        let shown = names.sorted().prefix(most).joined(separator: ", ")
        return "there are: " + shown + (names.count > most ? ", ..." : "")
    }

    /// `a -> b -> a`
    private func cycle(from start: Int) -> String {
        var names = [files[start].name]
        var index = start
        while let parent = files[index].parent?.name,
            let next = files.firstIndex(where: { $0.name == parent })
        {
            names.append(parent)
            if next == start || names.count > files.count { break }
            index = next
        }
        return names.joined(separator: " -> ")
    }

    private mutating func checkMatch(_ entry: Entry, _ tree: Tree) {
        let keys = tree["match"]?.value["keys"]
        if entry.isDefault {
            guard let keys else { return }
            complaints.append(
                Complaint(
                    keys.keyPlace,
                    "match.keys: default.yaml serves everyone whom no other file matches; it takes "
                        + "no keys"
                ))
        } else if let anyone = tree["match"]?.value["anyone"] {
            complaints.append(
                Complaint(
                    anyone.keyPlace,
                    "match.anyone: only default.yaml can serve everyone; tenants have match.keys"))
        } else if keys == nil {
            let place = tree["match"]?.keyPlace ?? Place(file: entry.path, line: 1, column: 1)
            let isNearlyDefault = entry.name.lowercased() == "default"
            complaints.append(
                Complaint(
                    place,
                    "match.keys is missing: no client could match this tenant; add match: { keys: "
                        + "[env:NAME] }"
                        + (isNearlyDefault ? ", or rename the file default.yaml" : "")
                ))
        }
    }

    /// Checks rules between keys. The complaint points to the key that a file set.
    private mutating func check(_ sourced: Sourced<Policy>) {
        let policy = sourced.value
        func complain(_ paths: [String], _ message: String) {
            for path in paths {
                guard case .file(let place) = Policy.schema.origin(of: path, in: sourced) else {
                    continue
                }
                complaints.append(Complaint(place, message))
                return
            }
        }
        if case (.value(let soft), .value(let hard)) = (policy.stalls.soft, policy.stalls.hard),
            soft >= hard
        {
            complain(
                ["stalls.hard", "stalls.soft"], "stalls.soft must be shorter than stalls.hard")
        }
        if policy.upstream.key != nil, policy.upstream.credentials != nil {
            complain(
                ["upstream.credentials", "upstream.key"],
                "upstream.key and upstream.credentials: gemini can see one of them only; set the "
                    + "other to null")
        }
        if policy.notify.url != nil, policy.notify.secret == nil {
            complain(
                ["notify.url", "notify.secret"],
                "notify.secret is missing: without it a receiver cannot tell reports from forgeries; "
                    + "add secret: env:NAME or file:PATH")
        }
        if let breaker = policy.models.breaker {
            if breaker.failures > breaker.window {
                complain(
                    ["models.breaker.failures", "models.breaker.window"],
                    "models.breaker.failures must not be more than models.breaker.window")
            }
            if breaker.sessions > breaker.failures {
                complain(
                    ["models.breaker.sessions", "models.breaker.failures"],
                    "models.breaker.sessions must not be more than models.breaker.failures")
            }
        }
    }

    private mutating func refuseSharedKeys(_ tenants: [Tenant]) {
        var owners: [Secret: (name: String, place: Place)] = [:]
        for tenant in tenants {
            for (key, place) in zip(tenant.policy.match.keys, tenant.keyPlaces) {
                if let owner = owners[key], owner.name != tenant.policy.tenant {
                    complaints.append(
                        Complaint(
                            place,
                            "match.keys: this key already belongs to tenant \"\(owner.name)\" "
                                + "(\(owner.place.file):\(owner.place.line):\(owner.place.column))")
                    )
                } else {
                    owners[key] = (tenant.policy.tenant, place)
                }
            }
        }
    }

    private static func keyPlaces(in tree: Tree?) -> [Place] {
        guard case .sequence(let items, _) = tree?["match"]?.value["keys"]?.value else { return [] }
        return items.map(\.place)
    }
}

extension Tree {
    /// The entry of a mapping; nil for anything else.
    subscript(key: String) -> (key: String, keyPlace: Place, value: Tree)? {
        guard case .mapping(let entries, _) = self else { return nil }
        return entries.first { $0.key == key }
    }
}
