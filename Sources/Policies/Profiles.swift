import Basics

/// The profiles of all model families: built in, then changed and extended by `models.yaml`.
public struct Profiles: Equatable, Sendable {
    /// `default` first, then in file order.
    public private(set) var families: [Sourced<Profile>]

    /// Used if there is no `models.yaml`.
    public static let builtIn = Profiles(
        families: Profile.builtIn.map { Profile.schema.untouched($0.profile) })

    /// The profile of `model`, in any of its spellings. The longest pattern wins; a model without a
    /// match gets the family `default`.
    public func profile(for model: String) -> Profile {
        index(for: model).map { families[$0].value } ?? Profile()
    }

    /// The same, with the origin of each value.
    public func sourced(for model: String) -> Sourced<Profile> {
        index(for: model).map { families[$0] } ?? Profile.schema.untouched(Profile())
    }

    private func index(for model: String) -> Int? {
        let id = modelID(model)
        var best: (index: Int, closeness: Int)?
        for index in families.indices {
            for pattern in families[index].value.models {
                guard let closeness = ModelPattern(pattern).closeness(to: id),
                    closeness > best?.closeness ?? -1
                else { continue }
                best = (index, closeness)
            }
        }
        return best?.index ?? families.firstIndex { $0.value.family == "default" }
    }

    /// The built-in profiles, changed by `tree`, a `models.yaml`: a built-in family keeps the keys
    /// that the file does not name; a new one starts from `like`, or the default.
    static func read(_ tree: Tree, _ complaints: inout [Complaint]) -> Profiles {
        var profiles = builtIn
        guard let families = profiles.entries(of: tree, &complaints) else { return profiles }
        for (name, place, value) in families {
            guard isName(name) else {
                complaints.append(
                    Complaint(place, "expected a family's name, found \(excerpt(name))"))
                continue
            }
            profiles.readFamily(name, place, value, &complaints)
        }
        profiles.refuseSharedPatterns(&complaints)
        return profiles
    }

    private func entries(
        of tree: Tree, _ complaints: inout [Complaint]
    ) -> [(key: String, keyPlace: Place, value: Tree)]? {
        switch tree {
        case .null: return nil
        case .mapping(let top, _):
            for entry in top where entry.key != "families" {
                complaints.append(
                    Complaint(
                        entry.keyPlace,
                        "unknown key \(excerpt(entry.key)); models.yaml has one key, \"families\""))
            }
            switch top.first(where: { $0.key == "families" })?.value {
            case .mapping(let families, _): return families
            case .null, nil: return nil
            case .some(let other):
                complaints.append(.mismatch(other, expected: "a mapping of families"))
                return nil
            }
        case .scalar, .sequence:
            complaints.append(.mismatch(tree, expected: "a mapping"))
            return nil
        }
    }

    private mutating func readFamily(
        _ name: String, _ place: Place, _ tree: Tree, _ complaints: inout [Complaint]
    ) {
        var start = families.first ?? Profile.schema.untouched(Profile())
        start.value.models = []
        let known = families.firstIndex { $0.value.family == name }
        var base = known.map { families[$0] } ?? start
        var keys = tree
        if case .mapping(let entries, let start) = tree {
            if let like = entries.first(where: { $0.key == "like" }) {
                let models = base.value.models
                if let model = readLike(like.value, &complaints) { base = model }
                base.value.models = models
                keys = .mapping(entries.filter { $0.key != "like" }, start)
            }
        }
        base.value.family = name
        let before = complaints.count
        let family = Profile.schema.read(keys, onto: base, &complaints)
        if let known {
            families[known] = family
        } else {
            families.append(family)
            if family.value.models.isEmpty, complaints.count == before {
                complaints.append(
                    Complaint(place, "\(name) serves no model; add models: [\"\(name)*\"]"))
            }
        }
        if complaints.count == before { check(family, place, &complaints) }
    }

    private func check(
        _ family: Sourced<Profile>, _ place: Place, _ complaints: inout [Complaint]
    ) {
        let profile = family.value
        if profile.soft >= profile.hard {
            complaints.append(Complaint(place, "\(profile.family): soft must be shorter than hard"))
        } else if profile.thinkingSoft ?? profile.soft >= profile.thinkingHard ?? profile.hard {
            complaints.append(
                Complaint(
                    place, "\(profile.family): thinking_soft must be shorter than thinking_hard"))
        }
        // A price without a date cannot be checked.
        func isFromFile(_ path: String) -> Bool {
            Profile.schema.origin(of: path, in: family) != .builtIn
        }
        let prices = Profile.schema.settings.map(\.path).filter { $0.hasPrefix("prices.") }
        if profile.hasPrices, prices.contains(where: isFromFile), !isFromFile("prices.date") {
            complaints.append(
                Complaint(place, "\(profile.family): prices.date is missing: when were they read?"))
        }
    }

    /// The family that `like` names: built in, or earlier in the file.
    private func readLike(_ tree: Tree, _ complaints: inout [Complaint]) -> Sourced<Profile>? {
        let format = Format<String>.name
        guard let name = format.read(tree, "the name of a family", &complaints) else { return nil }
        if let family = families.first(where: { $0.value.family == name }) { return family }
        let names = families.map(\.value.family)
        let hint = guess(for: name, among: names).map { "; did you mean \"\($0)\"?" }
        complaints.append(
            Complaint(
                tree.place,
                "like: no family \(excerpt(name)) here or above" + (hint ?? "")))
        return nil
    }

    private func refuseSharedPatterns(_ complaints: inout [Complaint]) {
        var owners: [String: Sourced<Profile>] = [:]
        for family in families {
            for pattern in family.value.models {
                guard let other = owners.updateValue(family, forKey: pattern) else { continue }
                // Complain where a file can be changed: two built-in families have no pattern in
                // common.
                for (mine, its) in [(family, other), (other, family)] {
                    guard case .file(let place) = Profile.schema.origin(of: "models", in: mine)
                    else { continue }
                    complaints.append(
                        Complaint(
                            place,
                            "models: \(excerpt(pattern)) already belongs to \(its.value.family)"))
                    break
                }
            }
        }
    }
}
