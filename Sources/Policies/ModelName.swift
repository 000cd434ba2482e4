/// The id in what `setup.model` holds: `models/ID` (Gemini API), or `projects/.../models/ID` and
/// `publishers/google/models/ID` (Vertex).
public func modelID(_ model: String) -> String {
    model.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(model[model.index(after: $0)...]) }
        ?? model
}

/// A model's id, or with `*` at the end all that begin alike.
struct ModelPattern {
    private let text: Substring.UTF8View
    private let isPrefix: Bool

    init(_ pattern: String) {
        isPrefix = pattern.utf8.last == UInt8(ascii: "*")
        text = isPrefix ? pattern[...].utf8.dropLast() : pattern[...].utf8
    }

    /// How much of `id` it names: nil where it does not match, more for the closer match.
    func closeness(to id: String) -> Int? {
        guard isPrefix else { return id.utf8.elementsEqual(text) ? .max : nil }
        return id.utf8.starts(with: text) ? text.count : nil
    }
}

extension Policy {
    /// Whether a session may be with the model that a client names so. With a credential of ours the
    /// whole name counts, for projects and publishers are billed and governed apart.
    public func serves(_ model: String) -> Bool {
        let isListed = models.allow.contains { pattern in
            pattern.utf8.contains(UInt8(ascii: "/"))
                && ModelPattern(pattern).closeness(to: model) != nil
        }
        if isListed { return true }
        guard models.serves(models.pinned(modelID(model))) else { return false }
        return !upstream.hasOwnCredential || upstream.ownsModel(model)
    }
}

extension Policy.Upstream {
    /// `ID`, `models/ID`, `publishers/google/models/ID`, and that in our own project.
    fileprivate func ownsModel(_ model: String) -> Bool {
        var steps = model.split(separator: "/", omittingEmptySubsequences: false)[...]
        guard !steps.contains("") else { return false }
        steps.removeLast()
        if steps.isEmpty || steps == ["models"] { return true }
        if steps.first == "projects" {
            guard steps.count == 7, let project, steps[1] == project[...], steps[2] == "locations"
            else { return false }
            steps = steps.dropFirst(4)
        }
        return steps.elementsEqual(["publishers", "google", "models"])
    }

    /// Whether a REST path names no project but the credential's own, where that is known.
    public func owns(_ path: String) -> Bool {
        guard let project else { return true }
        let steps = path.split(separator: "/")
        return zip(steps, steps.dropFirst()).allSatisfy { $0 != "projects" || $1 == project[...] }
    }
}

extension Policy.Models {
    /// Whether `model`, in any of its spellings, may be used.
    public func allows(_ model: String) -> Bool {
        let id = modelID(model)
        return allow.contains { ModelPattern($0).closeness(to: id) != nil }
    }

    /// Whether sessions may be with the model of this id: it is allowed, or the policy itself puts
    /// it in another's place.
    public func serves(_ id: String) -> Bool {
        allows(id) || pin.values.contains(id) || isNamed(id)
    }

    /// The siblings of a model, in order, as the policy itself has them; what profiles say is not
    /// enough to keep a new session from the model it asks for.
    public func named(for id: String) -> [String] { fallback?[id] ?? [] }

    /// Whether it is some other model's sibling, by the policy itself.
    public func isNamed(_ id: String) -> Bool {
        fallback?.values.contains { $0.contains(id) } ?? false
    }

    /// The id of the model that is used where this one is asked for.
    public func pinned(_ id: String) -> String { pin[id] ?? id }
}
