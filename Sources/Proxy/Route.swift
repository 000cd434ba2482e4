import WebSocket

/// What a request target on the data port means. Paths are compared segment by segment, after
/// removing doubled slashes and any prefix that a balancer left (`/gemini/ws/...`).
enum Route: Equatable {
    /// One of Google's Live services and methods.
    case live(LivePath)
    /// A path of Google's REST API, from its version on.
    case rest(RESTPath)
    case health
    case readiness
    /// `/`, which some balancers request by default to see whether the server is up.
    case root
    /// A path that two parsers could read differently.
    case ambiguous
    case unknown

    init(_ target: String) {
        // Compares bytes: characters would have to be composed.
        let path = Substring(target.utf8.prefix { $0 != UInt8(ascii: "?") })
        let query = target[path.endIndex...]
        let steps = path.utf8.split(separator: UInt8(ascii: "/")).map(Substring.init)
        if steps.contains(where: Self.leadsElsewhere) {
            self = .ambiguous
        } else if let live = LivePath(steps, query) {
            // Escapes in the part that is removed count too.
            self = path.utf8.contains(UInt8(ascii: "%")) ? .ambiguous : .live(live)
        } else {
            let rest = RESTPath(steps, query)
            switch (rest, steps.last) {
            // A prefix may have a version of its own (`/api/v1/readyz`), but `/v1beta/files/readyz`
            // belongs to Google.
            case (let rest, "healthz") where rest?.isKnown != true: self = .health
            case (let rest, "readyz") where rest?.isKnown != true: self = .readiness
            case (let rest?, _): self = .rest(rest)
            case (nil, nil): self = .root
            // An escape may hide any of the other cases.
            case (nil, _): self = path.utf8.contains(UInt8(ascii: "%")) ? .ambiguous : .unknown
            }
        }
    }

    /// `.` and `..`, also with a parameter or escaped; some programs treat backslashes as slashes.
    private static func leadsElsewhere(_ step: Substring) -> Bool {
        if step.utf8.contains(UInt8(ascii: "\\")) { return true }
        guard let first = step.utf8.first, first == UInt8(ascii: ".") || first == UInt8(ascii: "%")
        else { return false }
        var rest = step.utf8.prefix { $0 != UInt8(ascii: ";") }
        var dots = 0
        while !rest.isEmpty {
            if rest.first == UInt8(ascii: ".") {
                rest = rest.dropFirst()
            } else if rest.starts(with: "%2e".utf8) || rest.starts(with: "%2E".utf8) {
                rest = rest.dropFirst(3)
            } else if rest.starts(with: "%25".utf8) || rest.starts(with: "%2f".utf8)
                || rest.starts(with: "%2F".utf8) || rest.starts(with: "%5c".utf8)
                || rest.starts(with: "%5C".utf8) || rest.starts(with: "%00".utf8)
            {
                return true
            } else {
                return false
            }
            dots += 1
        }
        return dots == 1 || dots == 2
    }
}

/// One of Google's Live services with its method, in any version:
///
///     /ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent
///     /ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent
///     /ws/google.firebase.vertexai.v1beta.LlmBidiService/BidiGenerateContent/locations/l
struct LivePath: Equatable {
    /// From `/ws/` on, without doubled slashes.
    private(set) var path = ""
    /// With its question mark, byte for byte; empty if absent.
    private(set) var query = ""
    /// The method that accepts tokens but not keys.
    private(set) var isConstrained = false
    private(set) var isVertex = false
    /// Not a conversation: music is forwarded without examination.
    private(set) var isMusic = false

    var target: String { path + query }
    /// Whether a client with a token may use it: on Vertex one path serves both.
    var takesTokens: Bool { isConstrained || isVertex }

    /// Nil if these segments are not a Live path. Anything before `ws` is a prefix.
    init?(_ steps: [Substring], _ query: Substring) {
        for index in steps.indices where steps[index] == "ws" {
            guard read(steps[(index + 1)...]) else { continue }
            for step in steps[index...] {
                path += "/"
                path += step
            }
            self.query = String(query)
            return
        }
        return nil
    }

    private mutating func read(_ steps: ArraySlice<Substring>) -> Bool {
        guard let service = steps.first else { return false }
        (isConstrained, isVertex, isMusic) = (false, false, false)
        if let name = Self.name(of: service, by: "google.ai.generativelanguage.") {
            guard steps.count == 1 else { return false }
            isConstrained = name == "GenerativeService.BidiGenerateContentConstrained"
            isMusic = name == "GenerativeService.BidiGenerateMusic"
            return isConstrained || isMusic || name == "GenerativeService.BidiGenerateContent"
        }
        if let name = Self.name(of: service, by: "google.cloud.aiplatform.") {
            isVertex = name == "LlmBidiService"
            guard isVertex else { return false }
        } else {
            let name = Self.name(of: service, by: "google.firebase.vertexai.")
            guard name == "LlmBidiService" || name == "GenerativeService" else { return false }
        }
        let rest = Array(steps.dropFirst())
        guard rest.first == "BidiGenerateContent" else { return false }
        return rest.count == 1
            || rest.count == 3 && rest[1] == "locations" && Self.isLocation(rest[2])
    }

    /// The service's name, which follows the vendor and a version.
    private static func name(of service: Substring, by vendor: String) -> Substring? {
        guard service.utf8.starts(with: vendor.utf8) else { return nil }
        let rest = service.utf8.dropFirst(vendor.utf8.count)
        guard let end = rest.firstIndex(of: UInt8(ascii: ".")),
            isVersion(service[rest.startIndex..<end])
        else { return nil }
        return service[rest.index(after: end)...]
    }

    /// The same path in the form that accepts keys.
    var unconstrained: LivePath {
        guard isConstrained else { return self }
        var result = self
        result.path = String(path.dropLast("Constrained".count))
        result.isConstrained = false
        return result
    }

    /// The public versions: `v1`, `v1beta`, `v1beta1`, `v1p1beta1`; not `v1internal`.
    static func isVersion(_ text: Substring) -> Bool {
        guard text.utf8.first == UInt8(ascii: "v"), text.utf8.count <= 16 else { return false }
        var rest = text.utf8.dropFirst()
        func skipsNumber() -> Bool {
            let digits = rest.prefix { (0x30...0x39).contains($0) }.count
            rest = rest.dropFirst(digits)
            return digits > 0
        }
        guard skipsNumber() else { return false }
        if rest.first == UInt8(ascii: "p") {
            rest = rest.dropFirst()
            guard skipsNumber() else { return false }
        }
        if let stage = ["alpha", "beta"].first(where: { rest.starts(with: $0.utf8) }) {
            rest = rest.dropFirst(stage.utf8.count)
            _ = skipsNumber()
        }
        return rest.isEmpty
    }

    private static func isLocation(_ text: Substring) -> Bool {
        text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "-")
        }
    }
}

/// A path of Google's REST API: `/v1beta/...`, `/v1/projects/...`, or one of those below `/upload`
/// or `/download`.
struct RESTPath: Equatable {
    let path: String
    /// The part after the version.
    let resource: String
    /// With its question mark, byte for byte; empty if absent.
    let query: String
    /// The prefix that a balancer left in the path; empty, or `/prefix`.
    let prefix: String

    var target: String { path + query }
    var isUpload: Bool { path.hasPrefix("/upload/") }

    /// Whether the version is followed by a collection of Google's that we know.
    let isKnown: Bool

    init?(_ steps: [Substring], _ query: Substring) {
        let versions = steps.indices.dropLast().filter { LivePath.isVersion(steps[$0]) }
        // A prefix may have a version, too (`/api/v1/v1beta/models/...`), and so may a resource's
        // name: Google's version is the first that is followed by a known collection.
        let known = versions.first { Self.isCollection(steps[$0 + 1]) }
        // Before a collection that we do not know, it is the first that leads to no other version.
        let likely = versions.first { index in
            let next = Self.isTransfer(steps[index + 1]) ? index + 2 : index + 1
            return next >= steps.count - 1 || !LivePath.isVersion(steps[next])
        }
        guard let version = known ?? likely else { return nil }
        isKnown = known != nil
        let isTransfer = version > 0 && Self.isTransfer(steps[version - 1])
        let first = isTransfer ? version - 1 : version
        path = "/" + steps[first...].joined(separator: "/")
        resource = steps[(version + 1)...].joined(separator: "/")
        prefix = steps[..<first].map { "/" + $0 }.joined()
        self.query = String(query)
        isTokens = steps.contains { step in
            step.lowercased().filter(\.isLetter).contains("authtoken")
        }
        makesTokens = version + 2 == steps.count && steps[version + 1] == "auth_tokens"
    }

    private static func isTransfer(_ step: Substring) -> Bool {
        step == "upload" || step == "download"
    }

    /// Whether a step names a collection, with or without one of its methods.
    private static func isCollection(_ step: Substring) -> Bool {
        collections.contains(Substring(step.utf8.prefix { $0 != UInt8(ascii: ":") }))
    }

    /// What follows the version in the public APIs of Gemini and Vertex.
    private static let collections: Set<Substring> = [
        "$rpc", "agents", "authTokens", "auth_tokens", "batchPredictionJobs", "batches",
        "cachedContents", "corpora", "dynamic", "endpoints", "fileSearchStores", "files",
        "generatedFiles", "interactions", "locations", "media", "models", "openai", "operations",
        "projects", "publishers", "reasoningEngines", "tunedModels", "tuningJobs",
    ]

    /// Whether this is Google's resource for client tokens, in any spelling that Google or one of
    /// its gateways might accept: as a collection, one of its methods, or a gRPC service
    /// (`$rpc/...AuthTokenService/CreateToken`).
    let isTokens: Bool
    /// Where Google's SDKs request client tokens, with a POST.
    let makesTokens: Bool

    /// Whether every hop reads it as the same path: a condition for sending our credential.
    var isPlain: Bool {
        path.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "/-._~:@+,=$".utf8.contains(byte)
            }
        }
    }
}
