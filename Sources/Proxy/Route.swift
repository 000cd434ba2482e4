import Policies
import WebSocket
import Wire

/// An HTTP answer of the data port's own.
struct Answer {
    var status: UInt16
    var contentType = "application/json"
    var body: [UInt8]

    init(status: UInt16, text: String) {
        self.status = status
        contentType = "text/plain"
        body = Array((text + "\n").utf8)
    }

    /// In the shape the vendor's own HTTP errors have.
    init(status: UInt16, error: String) {
        self.status = status
        body = Array(#"{"error":{"code":\#(status),"message":"#.utf8)
        JSONText.append("turnkeeper: \(error)", to: &body)
        body.append(contentsOf: "}}\n".utf8)
    }

    /// Why a client is turned away before anything is dialed.
    init(_ refusal: Policies.Refusal) {
        let why =
            switch refusal {
            case .noKey: "an API key is needed"
            case .unknownKey: "the API key is no tenant's"
            case .origin: "pages of this origin are not let in"
            }
        self.init(status: UInt16(refusal.status), error: why)
    }

    static let notFound = Answer(
        status: 404,
        error: "this port carries Gemini Live WebSocket sessions (/ws/google.ai... and "
            + "/ws/google.cloud.aiplatform...), /healthz and /readyz; nothing else is served")

    var headers: [HeaderField] { [HeaderField("Content-Type", contentType)].compactMap { $0 } }
}

/// What a request target on the data port asks for.
enum Route {
    /// A Gemini API or Vertex Live path: `/ws/` somewhere in it, so that doubled slashes and a
    /// client's own prefix pass.
    static func isLive(_ target: String) -> Bool { path(target).contains("/ws/") }

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
