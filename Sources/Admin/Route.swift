public import Libwebsockets

/// A path and its handler. The handler runs on the admin thread and must return at once; the answer
/// may come later from any thread, in one piece or as a stream. After 10 s without one the client
/// gets 503.
public struct Route: Sendable {
    /// The parts of the path that match `{...}` in the pattern, by name; the rest of the path under
    /// `*`.
    public typealias Parameters = [String: String]
    public typealias Handler = @Sendable (Request, Parameters, Reply) -> Void

    /// `/api/sessions/{id}/events`, or `/ui/*` for everything below (and `/ui` itself).
    public let pattern: String
    /// Served without the admin token.
    public let isOpen: Bool
    /// Changes something, so it requires POST, and no page of another site may call it.
    public let isOrder: Bool
    let handler: Handler
    private let segments: [Segment]

    private enum Segment {
        case literal(Substring)
        case parameter(String)
        case rest
    }

    public init(
        _ pattern: String, isOpen: Bool = false, isOrder: Bool = false,
        handler: @escaping Handler
    ) {
        self.pattern = pattern
        self.isOpen = isOpen
        self.isOrder = isOrder
        self.handler = handler
        segments = pattern.split(separator: "/").map { part in
            if part == "*" { return .rest }
            if part.hasPrefix("{"), part.hasSuffix("}") {
                return .parameter(String(part.dropFirst().dropLast()))
            }
            return .literal(part)
        }
    }

    /// nil if the path does not match. A trailing slash makes no difference.
    func match(_ path: String) -> Parameters? {
        var parts = path.split(separator: "/")[...]
        var parameters: Parameters = [:]
        for segment in segments {
            switch segment {
            case .rest:
                parameters["*"] = parts.joined(separator: "/")
                return parameters
            case .literal(let text):
                guard parts.popFirst() == text else { return nil }
            case .parameter(let name):
                guard let part = parts.popFirst() else { return nil }
                parameters[name] = String(part)
            }
        }
        return parts.isEmpty ? parameters : nil
    }
}

extension Route {
    /// `/metrics`: `scrape` collects the text and passes it to `done`, once, from any thread.
    public static func metrics(
        contentType: String,
        scrape: @escaping @Sendable (_ done: @escaping @Sendable ([UInt8]) -> Void) -> Void
    ) -> Route {
        Route("/metrics") { _, _, reply in
            scrape { reply.send(Response(contentType: contentType, body: $0)) }
        }
    }

    /// `/healthz`: 200 for as long as the admin thread lives.
    public static let health = Route("/healthz", isOpen: true) { _, _, reply in
        reply.send(.text("ok\n"))
    }

    /// `/readyz`: 200 while new sessions are accepted, else 503.
    /// - Parameter note: Added to the body for people; the status, which balancers read, is the
    ///   same.
    public static func readiness(
        note: @escaping @Sendable () -> String = { "" }, _ isReady: @escaping @Sendable () -> Bool
    ) -> Route {
        Route("/readyz", isOpen: true) { _, _, reply in
            let note = note()
            reply.send(
                isReady() ? .text("ready\(note)\n") : .text("not ready\(note)\n", status: 503))
        }
    }
}
