public import Admin
import Basics
import CLinux
public import Ledger
import Recording
public import Transport

/// The inspector: a page at `/ui`, and its API, which programs can use as well.
public final class Inspector: Sendable {
    private let queries: LedgerQueries?
    /// Whether other nodes keep their ledger in the same place.
    private let isShared: Bool
    private let events: EventStream?
    /// On a thread of its own: recordings are long, and other queries should not wait for them.
    private let sounds: LedgerQueries?
    private let recordings: String
    private let dictionary: [UInt8]
    private let scrub: @Sendable () -> Redaction
    private let version: String

    /// - Parameters:
    ///   - place: The ledger's; nil without a ledger, which the API then reports.
    ///   - recordings: The folder of recorded sessions.
    ///   - words: The dictionary of timelines, for the page.
    ///   - version: This program's, for bundles.
    ///   - condition: The ledger's health.
    ///   - scrub: Values that no bundle may contain, requested each time, because secrets change.
    public init(
        ledger place: LedgerPlace?, recordings: String = "", version: String,
        words: [TimelineEntryForm] = TimelineWord.allCases.map(\.form),
        condition: @escaping @Sendable () -> Ledger.Condition,
        scrub: @escaping @Sendable () -> Redaction
    ) throws(SystemError) {
        self.version = version
        self.scrub = scrub
        self.recordings = recordings
        dictionary = Dictionaries.script(words)
        isShared = if case .postgres = place { true } else { false }
        if let place {
            queries = try LedgerQueries.start(place)
            events = try EventStream.start(place, condition: condition)
            sounds = try LedgerQueries.start(place, "sound")
        } else {
            queries = nil
            sounds = nil
            events = nil
        }
    }

    /// Ends all streams and both threads.
    public func stop() {
        events?.stop()
        queries?.stop()
        sounds?.stop()
    }

    /// The number of readers that follow events, and how many were dropped for being too slow.
    public var readers: (now: Int, dropped: Int) { events?.figures ?? (0, 0) }

    public var routes: [Route] {
        [
            // A browser that opens the port wants the page.
            Route("/", isOpen: true) { _, _, reply in reply.send(.redirect(to: "ui")) },
            Route("/ui/dictionary.js", isOpen: true) { [self] _, _, reply in
                reply.send(Page.script(dictionary))
            },
            Route("/ui/*", isOpen: true) { request, parameters, reply in
                let name = parameters["*"] ?? ""
                // The page names its files relative to `/ui`, so that it works behind a prefix.
                let isSlashed = name.isEmpty && request.path.hasSuffix("/")
                reply.send(isSlashed ? .redirect(to: "../ui") : Page.answer(name))
            },
            Route("/api/sessions") { [self] request, _, reply in sessions(request, reply) },
            Route("/api/sessions/{id}") { [self] _, parameters, reply in
                session(parameters["id"] ?? "", reply)
            },
            Route("/api/sessions/{id}/events") { [self] request, parameters, reply in
                follow(parameters["id"] ?? "", request, reply)
            },
            Route("/api/sessions/{id}/bundle") { [self] request, parameters, reply in
                bundle(parameters["id"] ?? "", request, reply)
            },
            Route("/api/sessions/{id}/sound") { [self] _, parameters, reply in
                sound(parameters["id"] ?? "", nil, reply)
            },
            Route("/api/sessions/{id}/sound.wav") { [self] request, parameters, reply in
                switch Sound.window(request) {
                case .success(let window): sound(parameters["id"] ?? "", window, reply)
                case .failure(let mistake): reply.send(.problem(400, mistake.message))
                }
            },
            Route("/api/events") { [self] request, _, reply in
                guard let events else { return reply.send(Self.noLedger) }
                events.subscribe(reply, to: .fleet(after: Questions.lastEvent(request)))
            },
            Route("/api/usage") { [self] request, _, reply in usage(request, reply) },
            Route("/api/nodes") { [self] _, _, reply in nodes(reply) },
        ]
    }

    /// The whole of an id that may be abbreviated; nil if no session, or several, may be meant.
    /// - Parameter receive: Is called, on any thread, unless the ledger cannot be read, which is
    ///   then the answer.
    public func complete(
        _ id: String, _ reply: Reply, then receive: @escaping @Sendable (String?) -> Void
    ) {
        guard let queries else { return receive(nil) }
        queries.ask(reply) { reader throws(LedgerError) in
            receive(try reader.session(id, withEvents: false)?.summary.id)
            return nil
        }
    }

    // MARK: Answers

    private static let noLedger = Response.problem(
        503, "this server keeps no ledger (--ledger off)")

    private func sessions(_ request: Request, _ reply: Reply) {
        guard let queries else { return reply.send(Self.noLedger) }
        let query: SessionQuery
        switch Questions.sessions(request, now: Self.now) {
        case .success(let asked): query = asked
        case .failure(let mistake): return reply.send(.problem(400, mistake.message))
        }
        queries.ask(reply) { reader throws(LedgerError) in
            let page = try reader.sessions(query)
            var headers: [(name: String, value: String)] = []
            if let next = page.next {
                let link = Questions.link(request, to: next)
                headers.append(("Link", "<\(link)>; rel=\"next\""))
            }
            return .report(ReportJSON.sessions(page.sessions), headers: headers)
        }
    }

    private func session(_ id: String, _ reply: Reply) {
        guard let queries else { return reply.send(Self.noLedger) }
        queries.ask(reply) { reader throws(LedgerError) in
            guard let report = try reader.session(id) else { return Self.unknown }
            return .report(ReportJSON.session(report))
        }
    }

    private func follow(_ id: String, _ request: Request, _ reply: Reply) {
        guard let queries, let events else { return reply.send(Self.noLedger) }
        let last = Questions.lastEvent(request) ?? -1
        queries.ask(reply) { reader throws(LedgerError) in
            guard let found = try reader.session(id, withEvents: false) else {
                return Self.unknown
            }
            events.subscribe(reply, to: .session(found.summary.id, after: last))
            return nil
        }
    }

    private func bundle(_ id: String, _ request: Request, _ reply: Reply) {
        guard let queries else { return reply.send(Self.noLedger) }
        let keepsWords = request.parameter("words") == "1"
        let (scrub, version) = (scrub, version)
        queries.ask(reply) { reader throws(LedgerError) in
            guard
                let bundle = try SupportBundle(
                    id, from: reader, keepsWords: keepsWords, redaction: scrub())
            else { return Self.unknown }
            return .report(
                bundle.json(version: version, made: Self.now),
                headers: [
                    (
                        "Content-Disposition",
                        "attachment; filename=\"turnkeeper-\(bundle.fileName).json\""
                    )
                ])
        }
    }

    private func sound(_ id: String, _ window: Sound.Window?, _ reply: Reply) {
        guard let sounds else { return reply.send(Self.noLedger) }
        let recordings = recordings
        sounds.ask(reply) { reader throws(LedgerError) in
            guard let found = try reader.session(id, withEvents: false) else { return Self.unknown }
            var track = Soundtrack(window: window.map { $0.from..<$0.from + $0.seconds })
            Sound.read(found.summary.id, in: recordings, into: &track)
            guard let window else { return .report(Sound.json(track)) }
            return Response(contentType: "audio/wav", body: Sound.wav(track, window.side))
        }
    }

    private func usage(_ request: Request, _ reply: Reply) {
        guard let queries else { return reply.send(Self.noLedger) }
        let query: Questions.Usage
        switch Questions.usage(request, now: Self.now) {
        case .success(let asked): query = asked
        case .failure(let mistake): return reply.send(.problem(400, mistake.message))
        }
        queries.ask(reply) { reader throws(LedgerError) in
            let rows = try reader.usage(
                query.grouping, since: query.since, until: query.until, tenant: query.tenant,
                at: Self.now)
            return .report(ReportJSON.usage(rows))
        }
    }

    private func nodes(_ reply: Reply) {
        guard let queries else { return reply.send(Self.noLedger) }
        guard isShared else { return reply.send(.report(ReportJSON.nodes([]))) }
        queries.ask(reply) { reader throws(LedgerError) in
            .report(ReportJSON.nodes(try reader.nodes()))
        }
    }

    private static let unknown = Response.problem(404, "the ledger has no such session, or several")

    private static var now: WallTime { WallTime(nanoseconds: tk_wall()) }
}

extension Response {
    fileprivate static func redirect(to location: String) -> Response {
        Response(
            status: 302, contentType: "text/plain; charset=utf-8",
            headers: [("Location", location), ("Cache-Control", "no-cache")],
            body: Array("the inspector is at \(location)\n".utf8))
    }
}
