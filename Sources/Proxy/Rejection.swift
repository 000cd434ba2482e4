import Basics
import Policies
import WebSocket

/// Why a client is refused: for its close or its answer, for the log and for the metric.
struct Rejection {
    /// The metric's label: a key of the policy, or one word.
    let reason: String
    /// Gemini's close code in such cases; 0 if the upgrade is not accepted.
    let code: UInt16
    let words: String
    /// The status of the answer to a request other than an upgrade.
    let status: UInt16
    var retryAfter: Interval?

    init(_ refusal: Policies.Refusal) {
        status = UInt16(refusal.status)
        switch refusal {
        case .noKey:
            (reason, code) = ("no_key", 1008)
            words = "no API key was sent"
        case .unknownKey:
            (reason, code) = ("key", 1007)
            words = "API key not valid: it belongs to no tenant, or is a token that is used up"
        case .origin:
            // Browsers hide both from a page, so the upgrade is refused.
            (reason, code) = ("origin", 0)
            words = "pages from this origin are not permitted"
        case .token:
            (reason, code) = ("token", 1007)
            words = "a client token is for ...GenerativeService.BidiGenerateContentConstrained"
        }
    }

    /// Names the limit that the tenant has reached; other tenants are not affected.
    init(_ limit: Limit) {
        if limit == .waiting || limit == .memory {
            // Another node may have room; a client with too many idle connections does not get
            // another.
            self.init(
                limit.rawValue, 503,
                limit == .memory
                    ? "this server is short of memory"
                    : "too many connections wait without a setup",
                after: .seconds(2))
            return
        }
        if limit == .endUser {
            self.init(
                limit.rawValue, 403,
                "no end user is named (\(limit.rawValue))", code: 1008)
            return
        }
        let isPersonal = limit == .endUserUSD || limit == .endUserMinutes
        let isDay = limit == .dayUSD || isPersonal
        // Sessions end all the time; budgets are renewed every day.
        self.init(
            limit.rawValue, 429,
            "\(limit.rawValue) of this \(isPersonal ? "end user" : "tenant") "
                + (isDay ? "is used up until 00:00 UTC" : "is reached"),
            after: isDay ? Account.untilTomorrow : .seconds(5), code: 1008)
    }

    /// Code and reason of every expected refusal, so that each counter starts at zero.
    static let expected: Set<[String]> = {
        let all =
            [.noKey, .unknownKey, .origin, .token].map { Rejection($0 as Policies.Refusal) }
            + [.sessions, .dayUSD, .endUserUSD, .endUserMinutes, .endUser, .waiting, .memory].map {
                Rejection($0 as Limit)
            }
            + [
                draining, cutOff, notKept, elsewhere, starts, path, unknown, rest, music, project,
                model, link, endUserName,
            ]
        let sessions = [
            ["1007", "setup"], ["1008", Limit.setup.rawValue], ["1008", Limit.model.rawValue],
            ["1008", Limit.waiting.rawValue],
            // Music that has its 101.
            ["1013", Limit.waiting.rawValue], ["1013", Limit.memory.rawValue],
            ["1001", draining.reason],
        ]
        let requests = HeadError.statuses.map { [String($0), method.reason] }
        return Set(
            all.flatMap { rejection in
                [rejection.code, rejection.status].filter { $0 > 0 }.map {
                    [String($0), rejection.reason]
                }
            } + sessions + requests)
    }()

    private init(
        _ reason: String, _ status: UInt16, _ words: String, after: Interval? = nil,
        code: UInt16 = 0
    ) {
        self.reason = reason
        self.status = status
        self.words = words
        self.code = code
        retryAfter = after
    }

    /// A request that no Gemini client sends: it is unreadable, or could be read in two ways.
    init(_ error: HeadError) { self.init("request", error.status, error.reason) }

    static func twice(_ header: String) -> Rejection {
        Rejection(HeadError(400, "several \(header) headers"))
    }

    static let method = Rejection(
        HeadError(405, "this port accepts GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS"))

    /// Another node can serve the client, so the answer is HTTP, for a balancer.
    static let draining = Rejection(
        "draining", 503, "this server is going away", after: .seconds(1))
    static let cutOff = Rejection(
        "database", 503, "this server cannot reach the client token database",
        after: .seconds(2))
    /// Another node, or this one in a moment, may have room on its disk.
    static let notKept = Rejection(
        "disk", 503, "this server cannot record the use of a client token at the moment",
        after: .seconds(2))
    /// The client's, or its tenant's, last starts are too recent. Another node may permit one.
    static let starts = Rejection(
        "session.starts", 503,
        "too many sessions begin at once: limits.sessions sets how many may", after: .seconds(2))
    /// For a client that has waited for a place to move here.
    static let elsewhere = Rejection(
        Limit.sessions.rawValue, 503,
        "other nodes hold this tenant's remaining places (limits.sessions)",
        after: .seconds(1), code: 1013)
    static let silent = Rejection(
        Limit.setup.rawValue, 408, "no setup arrived within client.setup", code: 1008)
    static let path = Rejection(
        "path", 400, "a path with dots, escapes or backslashes is ambiguous")
    static let unknown = Rejection(
        "path", 404,
        "this port carries Gemini Live WebSocket sessions (/ws/google.ai... and "
            + "/ws/google.cloud.aiplatform...), /healthz and /readyz, and the vendor's REST paths where the "
            + "policy passes them on; nothing else is served")
    static let rest = Rejection(
        "upstream.rest", 403,
        "this tenant has Live sessions only: its policy does not pass REST requests on "
            + "(upstream.rest)")
    static let music = Rejection(
        "upstream.rest", 403,
        "music is billed and not counted here: it passes only with upstream.rest: pass", code: 1008)
    static let endUserName = Rejection(
        "end_users.header", 403,
        "the end user's name is not one line of 1 to \(Policy.EndUsers.longestName) bytes "
            + "(end_users.header)", code: 1008)
    private static let project = Rejection(
        "upstream.project", 403, "the request names a project that is not this tenant's")
    private static let model = Rejection(
        "models.allow", 403,
        "the request names a model that models.allow does not have, or names it in its body only, "
            + "which takes models.allow: [\"*\"]")
    private static let resource = Rejection(
        "path", 404,
        "beside this tenant's credential only publishers' models, endpoints, cachedContents and "
            + "operations of its project's locations are served")

    init(_ obstacle: ResourceObstacle) {
        switch obstacle {
        case .model: self = .model
        case .project: self = .project
        case .unknown: self = .resource
        }
    }

    /// The vendor too answers 410 if an upload must be started again.
    static let link = Rejection(
        "upload", 410, "this upload address has expired, or was altered: begin the upload again")

    func answer(_ id: String) -> Answer {
        var answer = Answer(status: status, error: "\(words) (session \(id))")
        answer.retryAfter = retryAfter
        return answer
    }
}
