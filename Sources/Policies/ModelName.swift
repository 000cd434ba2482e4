import Basics

/// The id in `setup.model`: `models/ID` (Gemini API), or `projects/.../models/ID` and
/// `publishers/google/models/ID` (Vertex).
public func modelID(_ model: String) -> String {
    let bytes = model.utf8Span.span
    var start = bytes.count
    while start > 0, bytes[start - 1] != UInt8(ascii: "/") { start -= 1 }
    return start == 0 ? model : String(Substring(model.utf8.dropFirst(start)))
}

/// A model id, or with a trailing `*` every id that begins like it.
struct ModelPattern {
    private let text: String
    private let isPrefix: Bool

    init(_ pattern: String) {
        text = pattern
        isPrefix = pattern.utf8.last == UInt8(ascii: "*")
    }

    /// How closely it matches `id`: nil for no match, higher for a closer match.
    func closeness(to id: String) -> Int? {
        let (bytes, text) = (id.utf8Span.span, text.utf8Span.span)
        let count = isPrefix ? text.count - 1 : text.count
        guard Bytes.starts(bytes, at: 0, with: text.extracting(0..<count)) else { return nil }
        guard isPrefix else { return bytes.count == count ? .max : nil }
        // A wildcard matches any ending of a name, but nothing that a reader may cut off or undo.
        return count == 0 || isPlainName(id) ? count : nil
    }
}

/// Whether it contains only characters that names of models have, and no segment that leads
/// elsewhere.
private func isPlainName(_ model: String) -> Bool {
    // In bytes: every session asks this of its model, and of each pattern that might be meant.
    let bytes = model.utf8Span.span
    // Of the step in hand.
    var (length, dots) = (0, 0)
    var leadsElsewhere: Bool { length == dots && (dots == 1 || dots == 2) }
    for index in bytes.indices {
        switch bytes[index] {
        case UInt8(ascii: "/"):
            if leadsElsewhere { return false }
            (length, dots) = (0, 0)
        case UInt8(ascii: "."):
            length += 1
            dots += 1
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: ":"), UInt8(ascii: "@"):
            length += 1
        default: return false
        }
    }
    return !leadsElsewhere
}

extension Policy {
    /// Whether a session may use the model under this name. With a credential of ours the whole
    /// name counts, because projects and publishers are billed and governed separately.
    public func serves(_ model: String) -> Bool {
        serves(model, as: models.pinned(modelID(model)))
    }

    /// The same for a request in which nothing is replaced.
    func servesUnchanged(_ model: String) -> Bool { serves(model, as: modelID(model)) }

    private func serves(_ model: String, as id: String) -> Bool {
        guard !upstream.hasOwnCredential || isPlainName(model) else { return false }
        let isListed = models.allow.contains { pattern in
            pattern.utf8.contains(UInt8(ascii: "/"))
                && ModelPattern(pattern).closeness(to: model) != nil
        }
        if isListed { return true }
        guard models.serves(id) else { return false }
        return !upstream.hasOwnCredential || upstream.ownsModel(model)
    }
}

extension Policy.Upstream {
    /// `ID`, `models/ID`, `publishers/google/models/ID`, and the latter within our own project.
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
}

extension Policy.Models {
    /// Whether `model`, in any of its spellings, may be used.
    public func allows(_ model: String) -> Bool {
        let id = modelID(model)
        return allow.contains { ModelPattern($0).closeness(to: id) != nil }
    }

    /// Whether sessions may use the model with this id: it is allowed, or the policy itself
    /// substitutes it for another.
    public func serves(_ id: String) -> Bool {
        allows(id) || pin.values.contains(id) || isNamed(id)
    }

    /// The siblings of a model that the policy itself names, in order. Those in profiles do not
    /// suffice to keep a new session from the model it requests.
    public func named(for id: String) -> [String] { fallback?[id] ?? [] }

    /// Whether the policy itself names it as a sibling of another model.
    public func isNamed(_ id: String) -> Bool {
        fallback?.values.contains { $0.contains(id) } ?? false
    }

    /// The id of the model that replaces this one.
    public func pinned(_ id: String) -> String { pin[id] ?? id }
}
