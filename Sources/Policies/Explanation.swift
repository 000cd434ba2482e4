import Basics

/// One line of `turnkeeper explain`: a value in force, and where it came from.
public struct Explained: Equatable, Sendable {
    /// `turns.dead_air`
    public var path: String
    /// As a policy file would write it.
    public var value: String
    /// `Policies/acme.yaml:12` or `built-in`, perhaps preceded by `profile gemini-3.1, `.
    public var origin: String
}

extension PolicySet {
    /// Every value in force for a tenant and a model, with the model's profile values instead of
    /// the word `profile`. Nil for an unknown tenant.
    public func explain(tenant name: String, model: String) -> [Explained]? {
        guard let tenant = tenant(named: name) else { return nil }
        let profile = profiles.sourced(for: model)
        let fromProfile = [
            "stalls.soft": "soft", "stalls.hard": "hard", "turns.flush": "flush",
            "models.fallback": "fallback", "recovery.continue_text": "continue_text",
        ]
        var lines = Policy.schema.explain(tenant.sourced).map { line in
            if line.path == "recovery.hold_audio" {
                let fits = tenant.policy.limits.buffer / Self.soundPerSecond
                return Explained(
                    path: line.path, value: line.value,
                    origin: "\(line.origin); limits.buffer holds \(fits)s at 16 kHz")
            }
            guard line.value == "profile", let key = fromProfile[line.path],
                let value = Profile.schema.explain(profile).first(where: { $0.path == key })
            else { return line }
            return Explained(
                path: line.path, value: value.value == "null" ? "off" : value.value,
                origin: "profile \(profile.value.family), \(value.origin)")
        }
        lines.append(
            Explained(
                path: "profile", value: profile.value.family,
                origin: Profile.schema.origin(of: "models", in: profile).description))
        lines += Profile.schema.explain(profile).map {
            Explained(path: "profile.\($0.path)", value: $0.value, origin: $0.origin)
        }
        return lines
    }
}

extension Profiles {
    /// Every value of every family, as `models.yaml` names them.
    /// - Parameter onlyChanged: Only of families of which that file says something.
    public func explain(onlyChanged: Bool = false) -> [Explained] {
        families.filter { !onlyChanged || $0.origins.contains { $0 != .builtIn } }.flatMap {
            family in
            Profile.schema.explain(family).map { line in
                Explained(
                    path: "families.\(family.value.family).\(line.path)", value: line.value,
                    origin: line.origin)
            }
        }
    }
}

extension PolicySet {
    /// Every value that a file states, a line each, by tenant and by family of models: equal for
    /// equal files, whatever a version of the program has built in.
    public var stated: String {
        func lines<Root>(_ schema: Schema<Root>, _ sourced: Sourced<Root>) -> String {
            zip(schema.settings, sourced.origins).reduce(into: "") { text, entry in
                let (setting, origin) = entry
                guard origin != .builtIn, let value = setting.show(sourced.value) else { return }
                text += "\(setting.path): \(value)\n"
            }
        }
        let tenants = all.sorted { $0.policy.tenant < $1.policy.tenant }
        return tenants.map { "tenant \($0.policy.tenant)\n" + lines(Policy.schema, $0.sourced) }
            .joined()
            + profiles.families.compactMap { family in
                let stated = lines(Profile.schema, family)
                return stated.isEmpty ? nil : "family \(family.value.family)\n" + stated
            }.joined()
    }

    /// 16-bit samples at 16 kHz: the form in which audio is kept.
    private static let soundPerSecond = 32_000
}

extension Schema {
    func explain(_ sourced: Sourced<Root>) -> [Explained] {
        zip(settings, sourced.origins).compactMap { setting, origin in
            setting.show(sourced.value).map {
                Explained(path: setting.path, value: $0, origin: origin.description)
            }
        }
    }
}
