import Basics
import Policies
import WebSocket
import Wire

/// An HTTP answer of the data port's own.
struct Answer {
    var status: UInt16
    var contentType = "application/json"
    var body: [UInt8]
    var retryAfter: Interval?

    init(status: UInt16, text: String) {
        self.status = status
        contentType = "text/plain"
        body = Array((text + "\n").utf8)
    }

    init(json: String) {
        status = 200
        body = Array(json.utf8)
    }

    /// In the shape the vendor's own HTTP errors have.
    init(status: UInt16, error: String) {
        self.status = status
        body = Array(#"{"error":{"code":\#(status),"message":"#.utf8)
        JSONText.append("turnkeeper: \(error)", to: &body)
        body.append(contentsOf: #","status":"\#(Self.word(status))"}}"#.utf8)
        body.append(UInt8(ascii: "\n"))
    }

    /// Why a client is turned away before anything is dialed.
    init(_ refusal: Policies.Refusal) {
        let why =
            switch refusal {
            case .noKey: "an API key is needed"
            case .unknownKey: "the API key is no tenant's, or the token has been used up"
            case .origin: "pages of this origin are not let in"
            case .token:
                "a client token is good for Live sessions on the path "
                    + "...GenerativeService.BidiGenerateContentConstrained only"
            }
        self.init(status: UInt16(refusal.status), error: why)
    }

    static let noREST = Answer(
        status: 403,
        error: "this tenant has Live sessions only: its policy does not pass REST requests on "
            + "(upstream.rest)")

    static let notFound = Answer(
        status: 404,
        error: "this port carries Gemini Live WebSocket sessions (/ws/google.ai... and "
            + "/ws/google.cloud.aiplatform...), /healthz and /readyz, and the vendor's REST paths where the "
            + "policy passes them on; nothing else is served")

    var headers: [HeaderField] {
        let seconds = retryAfter.map { max(1, ($0.milliseconds + 999) / 1000) }
        return [
            HeaderField("Content-Type", contentType),
            seconds.flatMap { HeaderField("Retry-After", "\($0)") },
        ].compactMap { $0 }
    }

    /// `google.rpc.Code`, which SDKs show.
    private static func word(_ status: UInt16) -> String {
        switch status {
        case 400: "INVALID_ARGUMENT"
        case 401: "UNAUTHENTICATED"
        case 403: "PERMISSION_DENIED"
        case 404, 405: "NOT_FOUND"
        case 408, 504: "DEADLINE_EXCEEDED"
        case 429: "RESOURCE_EXHAUSTED"
        case 501: "UNIMPLEMENTED"
        case 502, 503: "UNAVAILABLE"
        default: status < 500 ? "FAILED_PRECONDITION" : "INTERNAL"
        }
    }
}

/// What a request target on the data port asks for.
enum Route {
    /// A Gemini API or Vertex Live path: `/ws/` somewhere in it, so that doubled slashes and a
    /// client's own prefix pass.
    static func isLive(_ target: String) -> Bool { path(target).contains("/ws/") }

    /// Where the vendor's SDKs have client tokens made.
    static func makesToken(_ head: RequestHead) -> Bool {
        head.method == "POST" && isREST(head.target) && path(head.target).hasSuffix("/auth_tokens")
    }

    private static let constrained = "BidiGenerateContentConstrained"

    /// The path that takes tokens and no keys.
    private static func isConstrained(_ target: String) -> Bool {
        path(target).hasSuffix(constrained)
    }

    /// On Vertex there is one path for both.
    static func takesTokens(_ target: String) -> Bool {
        isConstrained(target) || path(target).contains("/ws/google.cloud.aiplatform.")
    }

    /// The same on the path that takes keys.
    static func unconstrained(_ target: String) -> String {
        let path = path(target)
        guard path.hasSuffix(constrained) else { return target }
        return String(path.dropLast("Constrained".count) + target.dropFirst(path.count))
    }

    /// A path of the vendor's REST API: `/v1beta/...`, `/v1alpha/...`, or one of those behind
    /// `/upload` or `/download`.
    static func isREST(_ target: String) -> Bool {
        var steps = path(target).split(separator: "/")[...]
        if let first = steps.first, first == "upload" || first == "download" {
            steps = steps.dropFirst()
        }
        guard let version = steps.first, version.hasPrefix("v"), steps.count > 1 else {
            return false
        }
        var rest = version.dropFirst().utf8[...]
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        rest = rest.dropFirst(digits.count)
        for stage in ["alpha", "beta"] where rest.starts(with: stage.utf8) {
            rest = rest.dropFirst(stage.utf8.count)
            rest = rest.drop { (0x30...0x39).contains($0) }
        }
        return !digits.isEmpty && rest.isEmpty
    }

    static func answer(to target: String, isDraining: Bool) -> Answer {
        switch path(target) {
        case "/healthz": Answer(status: 200, text: "ok")
        case "/readyz":
            isDraining
                ? Answer(status: 503, text: "draining") : Answer(status: 200, text: "ready")
        default: .notFound
        }
    }

    private static func path(_ target: String) -> Substring { target.prefix { $0 != "?" } }
}
