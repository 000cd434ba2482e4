import Basics
import WebSocket
import Wire

/// An HTTP answer from the data port itself.
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

    /// In the format of Google's HTTP errors.
    init(status: UInt16, error: String) {
        self.status = status
        body = JSONOutput.object { json in
            json.object("error") { json in
                json.integer("code", status)
                json.string("message", "turnkeeper: \(error)")
                json.string("status", Self.word(status))
            }
        }
        body.append(UInt8(ascii: "\n"))
    }

    static let health = Answer(status: 200, text: "ok")

    static func readiness(isDraining: Bool) -> Answer {
        isDraining ? Answer(status: 503, text: "draining") : Answer(status: 200, text: "ready")
    }

    var headers: [HeaderField] {
        let seconds = retryAfter.map { max(1, ($0.milliseconds + 999) / 1000) }
        return [
            body.isEmpty ? nil : HeaderField("Content-Type", contentType),
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
