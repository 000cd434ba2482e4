import WebSocket

/// Answers for pages of other origins (CORS, the Fetch standard).
enum CrossOrigin {
    /// Empty if the request is not from a page.
    static func answer(to headers: HeaderFields) -> [HeaderField] {
        guard let origin = headers.first("origin"), !origin.isEmpty else { return [] }
        return [
            HeaderField("Access-Control-Allow-Origin", origin),
            HeaderField(
                "Access-Control-Expose-Headers",
                "x-turnkeeper-session, x-goog-upload-status, x-goog-upload-url, retry-after"),
            HeaderField("Vary", "Origin"),
        ].compactMap { $0 }
    }

    static func preflight(_ headers: HeaderFields) -> [HeaderField] {
        let wanted = headers.first("access-control-request-headers") ?? "content-type"
        return answer(to: headers)
            + [
                HeaderField(
                    "Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE"),
                // Each one is later dropped or passed on separately.
                HeaderField("Access-Control-Allow-Headers", wanted),
                HeaderField("Access-Control-Max-Age", "600"),
            ].compactMap { $0 }
    }
}
