import Basics

/// The files that are generated from the tables of keys.
public enum Documents {
    /// `Policies/default.yaml`: every key with its default.
    public static var defaultPolicy: String {
        let head = """
            # The policy for everyone whom no other file matches. It lists every key with its
            # built-in default, so an empty file, or none, has the same effect. README.md has units
            # and examples. Each tenant is another file next to this one; models.yaml is no tenant.


            """
        return head + yaml(Policy.schema, Policy(), indent: 0)
    }

    /// `Policies/models.yaml`: every built-in family.
    public static var models: String {
        var text = """
            # What each model family accepts and how it misbehaves. These families are built in: a
            # file changes the keys it names, and may add families. A new family starts from the
            # family `default`, or from another one: `like: gemini-3.8`. README.md explains every key.

            families:

            """
        for family in Profile.builtIn {
            text += "\n" + comment(family.note, indent: 2)
            text += "  \(family.profile.family):\n"
            text += yaml(Profile.schema, family.profile, indent: 4, isCommented: false)
        }
        return text
    }

    /// Every value of a policy, as an equivalent `default.yaml`, without `match` and the names of
    /// secrets.
    public static func effective(_ policy: Policy) -> String {
        var policy = policy
        let untouched = Policy()
        (policy.tenant, policy.inherits, policy.match) = (untouched.tenant, nil, untouched.match)
        (policy.upstream.key, policy.upstream.caFile) = (nil, nil)
        return yaml(Policy.schema, policy, indent: 0, isCommented: false)
    }

    /// Every value of every family, as an equivalent `models.yaml`.
    public static func effective(_ profiles: Profiles) -> String {
        "families:\n"
            + profiles.families.map(\.value).map { profile in
                "  \(profile.family):\n"
                    + yaml(Profile.schema, profile, indent: 4, isCommented: false)
            }.joined()
    }

    /// The tables of `Policies/README.md`.
    public static var policyKeys: String { table(Policy.schema, Policy()) }
    public static var profileKeys: String { table(Profile.schema, Profile()) }

    private static func yaml<Root>(
        _ schema: Schema<Root>, _ root: Root, indent: Int, isCommented: Bool = true
    ) -> String {
        var text = ""
        var open: [Substring] = []
        for setting in schema.settings {
            guard let value = setting.show(root) else { continue }
            var steps = setting.path.split(separator: ".")
            let key = steps.removeLast()
            // A group that is switched on: its keys follow.
            if value == "{}", schema.settings.contains(where: { $0.section == setting.path }) {
                if isCommented {
                    text += comment(setting.meaning, indent: indent + steps.count * 2)
                }
                continue
            }
            let shared = zip(open, steps).prefix { $0 == $1 }.count
            for depth in shared..<max(shared, steps.count) {
                if depth == 0, isCommented { text += "\n" }
                text += "\(spaces(indent + depth * 2))\(steps[depth]):\n"
            }
            open = steps
            let margin = indent + steps.count * 2
            if isCommented { text += comment(setting.meaning, indent: margin) }
            text += "\(spaces(margin))\(setting.isCommentedOut ? "# " : "")\(key): \(value)\n"
        }
        return text
    }

    private static func table<Root>(_ schema: Schema<Root>, _ root: Root) -> String {
        var text = "| key | value | default | meaning | example |\n|---|---|---|---|---|\n"
        for setting in schema.settings {
            let value = setting.isCommentedOut ? "" : setting.show(root).map { "`\($0)`" } ?? ""
            let cells = [
                "`\(setting.path)`", setting.type, value, setting.meaning, "`\(setting.example)`",
            ]
            text += "| \(cells.joined(separator: " | ")) |\n"
        }
        return text
    }

    /// Wrapped at 100 columns.
    private static func comment(_ sentence: String, indent: Int) -> String {
        let margin = spaces(indent) + "#"
        var text = ""
        var line = margin
        for word in sentence.split(separator: " ") {
            if line.count + 1 + word.count > 100 {
                text += line + "\n"
                line = margin
            }
            line += " \(word)"
        }
        return text + line + "\n"
    }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }
}
