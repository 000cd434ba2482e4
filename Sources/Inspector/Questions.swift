import Admin
import Basics
import Ledger

/// Reads requests' query parameters. An unknown or invalid parameter is an error with a message:
/// answering a different question would be worse than no answer.
enum Questions {
    struct Mistake: Error {
        var message: String
    }

    struct Usage: Equatable {
        var grouping = UsageGrouping.tenantAndModel
        var since: WallTime?
        var until: WallTime?
        var tenant: String?
    }

    /// A page shows no more sessions at once; a program may request more.
    private static let mostSessions = 1000

    static func sessions(_ request: Request, now: WallTime) -> Result<SessionQuery, Mistake> {
        var query = SessionQuery()
        do throws(Mistake) {
            for (name, value) in pairs(request) where !value.isEmpty {
                switch name {
                case "q": query.text = value
                case "tenant": query.tenant = value
                case "model": query.model = value
                case "outcome": query.outcome = value
                case "state":
                    guard ["live", "ended"].contains(value) else {
                        throw Mistake(message: "state is live or ended, not \(value)")
                    }
                    query.isLive = value == "live"
                case "trouble": query.wasInTrouble = try flag(name, value)
                case "words": query.words = value
                case "close_code" where value.last == "*":
                    query.closeCodeStart = String(
                        try number(name, String(value.dropLast()), in: 0...65_535))
                case "close_code": query.closeCode = try number(name, value, in: 0...65_535)
                case "limit": query.limit = try number(name, value, in: 1...mostSessions)
                case "since": query.since = try moment(name, value, now)
                case "until": query.until = try moment(name, value, now)
                case "sort":
                    guard let order = SessionQuery.Order(rawValue: value) else {
                        let words = SessionQuery.Order.allCases.map(\.rawValue)
                        throw Mistake(
                            message: "sort is one of \(words.joined(separator: ", ")), not "
                                + value)
                    }
                    query.order = order
                case "after":
                    guard let cursor = SessionQuery.Cursor(value) else {
                        throw Mistake(message: "after must be a value from a Link header")
                    }
                    query.after = cursor
                default: throw Mistake(message: "unknown parameter \(name)")
                }
            }
            return .success(query)
        } catch {
            return .failure(error)
        }
    }

    static func usage(_ request: Request, now: WallTime) -> Result<Usage, Mistake> {
        var query = Usage()
        do throws(Mistake) {
            for (name, value) in pairs(request) where !value.isEmpty {
                switch name {
                case "by":
                    // A plus sign in a query may mean a space.
                    let word = value.split(separator: " ").joined(separator: "+")
                    guard let grouping = UsageGrouping(word) else {
                        let words = UsageGrouping.Dimension.allCases.map(\.rawValue)
                        throw Mistake(
                            message: "by is one of "
                                + "\(words.joined(separator: ", ")), or several joined by +, not \(value)"
                        )
                    }
                    query.grouping = grouping
                case "since": query.since = try moment(name, value, now)
                case "until": query.until = try moment(name, value, now)
                case "tenant": query.tenant = value
                default: throw Mistake(message: "unknown parameter \(name)")
                }
            }
            return .success(query)
        } catch {
            return .failure(error)
        }
    }

    /// The event after which a reader wants to continue: the header that browsers send when they
    /// reconnect, or `after`.
    static func lastEvent(_ request: Request) -> Int64? {
        Int64(request.header("last-event-id")) ?? request.parameter("after").flatMap { Int64($0) }
    }

    /// The same query for the page that begins after `cursor`.
    static func link(_ request: Request, to cursor: SessionQuery.Cursor) -> String {
        let kept = request.query.filter { !$0.hasPrefix("after=") }
        // Without a path it is relative to the request, whatever prefix a proxy added.
        return Request.encode(path: "", query: kept + ["after=\(cursor.description)"])
    }

    // MARK: Values

    private static func pairs(_ request: Request) -> [(name: String, value: String)] {
        request.query.map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
    }

    private static func number(
        _ name: String, _ text: String, in range: ClosedRange<Int>
    ) throws(Mistake) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw Mistake(
                message: "\(name) is a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func flag(_ name: String, _ text: String) throws(Mistake) -> Bool {
        switch text {
        case "1", "true": return true
        case "0", "false": return false
        default: throw Mistake(message: "\(name) is 1 or 0")
        }
    }

    private static func moment(
        _ name: String, _ text: String, _ now: WallTime
    ) throws(Mistake) -> WallTime {
        guard let moment = WallTime(text, before: now) else {
            throw Mistake(
                message: "\(name) is a day, a time in UTC or an age: 2026-11-21, "
                    + "2026-11-21T08:30, today, yesterday, 24h, 7d")
        }
        return moment
    }
}
