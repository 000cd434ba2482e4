/// Why one of the vendor's REST resources is not requested with a credential of ours.
public enum ResourceObstacle: Equatable, Sendable {
    /// It names a model that the policy does not allow, or leaves the model to its body, which
    /// nobody reads here.
    case model
    /// It belongs to a project that is not the credential's.
    case project
    /// Vertex has it, but it is not for asking models.
    case unknown
}

extension Policy {
    /// - Parameter resource: What stands behind the version in a path: `models/ID:generateContent`,
    ///   `projects/P/locations/L/publishers/google/models/ID:predict`, `files/ID`.
    public func obstacle(
        toResource resource: String, method: String
    ) -> ResourceObstacle? {
        let writes = !["GET", "HEAD", "DELETE"].contains(method)
        let steps = resource.split(separator: "/")
        guard let first = steps.first.map(Self.withoutMethod)?.lowercased() else { return nil }
        switch first {
        case "projects", "publishers": return obstacle(inCloud: steps[...], writes: writes)
        // An access token opens much besides models.
        case _ where upstream.credentials != nil: return .unknown
        case "models", "tunedmodels":
            if steps.count > 1 { return obstacle(toModel: steps[..<2]) }
        case "openai", "interactions", "dynamic", "$rpc": return obstacleToUnnamedModel
        case _ where first.hasPrefix("google."): return obstacleToUnnamedModel
        default: break
        }
        let writesHere =
            steps.count > 1
            ? Self.modelless.contains(first) || Self.withModelOnlyWhenMade.contains(first)
            : Self.modelless.contains(first)
        return writes && !writesHere ? obstacleToUnnamedModel : nil
    }

    /// Collections of the Gemini API whose bodies name no model. A body of any other may, also of one
    /// that the vendor adds tomorrow.
    private static let modelless: Set<String> = [
        "files", "corpora", "operations", "auth_tokens",
    ]
    /// What is made there names a model; what is done to it later does not.
    private static let withModelOnlyWhenMade: Set<String> = [
        "cachedcontents", "filesearchstores", "batches",
    ]

    private func obstacle(
        inCloud steps: ArraySlice<Substring>, writes: Bool
    ) -> ResourceObstacle? {
        var isOwn = true
        var below = steps
        if steps[0] == "projects" {
            isOwn = steps.count > 1 && steps[1] == upstream.project.map { $0[...] }
            guard steps.count > 4, steps[2] == "locations" else {
                return isOwn ? .unknown : .project
            }
            below = steps.dropFirst(4)
        }
        let start = below.startIndex
        let collection = Self.withoutMethod(below[start])
        if collection == "publishers", below.count > 3, below[start + 2] == "models" {
            guard below.count == 4 || below[start + 4] == "operations" else { return .unknown }
            return obstacle(toModel: steps[..<(start + 4)], isOwn: isOwn)
        }
        if collection == "endpoints", below.count > 1 {
            let isListed = servesUnchanged(Self.name(of: steps[..<(start + 2)]))
            guard isOwn || isListed else { return .project }
            if Self.withoutMethod(below[start + 1]) == "openapi" { return obstacleToUnnamedModel }
            // To deploy a model is to rent machines for it.
            let isForUse = below.last.map { $0.lowercased().contains("deploy") } == false
            return isForUse ? nil : .unknown
        }
        guard isOwn else { return .project }
        let isList = collection == "publishers" && below.count == 3 && below[start + 2] == "models"
        guard isList || ["cachedContents", "operations"].contains(collection) else {
            return .unknown
        }
        // What is made there names its model in its body.
        return writes && below.count == 1 && collection == "cachedContents"
            ? obstacleToUnnamedModel : nil
    }

    private func obstacle(
        toModel steps: ArraySlice<Substring>, isOwn: Bool = true
    ) -> ResourceObstacle? {
        if servesUnchanged(Self.name(of: steps)) { return nil }
        return isOwn ? .model : .project
    }

    private var obstacleToUnnamedModel: ResourceObstacle? {
        models.allow.contains("*") ? nil : .model
    }

    /// The vendor takes what stands behind the last colon for a method.
    private static func withoutMethod(_ step: Substring) -> Substring {
        step.lastIndex(of: ":").map { step[..<$0] } ?? step
    }

    private static func name(of steps: ArraySlice<Substring>) -> String {
        (steps.dropLast() + steps.suffix(1).map(withoutMethod)).joined(separator: "/")
    }
}
