import Basics
import Usage
import Wire

/// The ledger as JSON, in the formats shared by the command line and `/api`.
public enum ReportJSON {
    /// An array of sessions, each without its parts.
    public static func sessions(_ sessions: [SessionSummary]) -> [UInt8] {
        var json = JSONOutput()
        json.array { json in
            for session in sessions { json.object { heading(session, &$0) } }
        }
        return json.bytes
    }

    /// One session with all its parts; the timeline can be omitted.
    public static func session(_ report: SessionReport, withEvents: Bool = true) -> [UInt8] {
        var json = JSONOutput()
        json.object { json in
            session(report, withEvents, &json)
            json.string("node_page", report.nodePage)
        }
        return json.bytes
    }

    /// One session without its parts.
    public static func summary(_ session: SessionSummary) -> [UInt8] {
        var json = JSONOutput()
        json.object { heading(session, &$0) }
        return json.bytes
    }

    /// An array of sums.
    public static func usage(_ rows: [UsageRow]) -> [UInt8] {
        var json = JSONOutput()
        json.array { json in
            for row in rows { json.object { usage(row, &$0) } }
        }
        return json.bytes
    }

    /// One entry of a timeline; `session` is included if several are mixed.
    public static func event(_ event: TimelineEvent, namingSession: Bool = false) -> [UInt8] {
        var json = JSONOutput()
        json.object { Self.event(event, namingSession, &$0) }
        return json.bytes
    }

    /// An error, in the format of all errors.
    public static func error(_ message: String) -> [UInt8] {
        var json = JSONOutput()
        json.object { $0.string("error", message) }
        return json.bytes + [UInt8(ascii: "\n")]
    }

    /// An order was accepted; `node` if the session is on another node.
    public static func order(_ verb: String, session: String, node: String? = nil) -> [UInt8] {
        var json = JSONOutput()
        json.object { json in
            json.string("id", session)
            json.string("order", verb)
            if let node { json.string("node", node) }
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }

    // MARK: Parts

    static func session(
        _ report: SessionReport, _ withEvents: Bool, _ json: inout JSONOutput
    ) {
        heading(report.summary, &json)
        json.array("connections") { json in
            for connection in report.connections {
                json.object { Self.connection(connection, &$0) }
            }
        }
        json.array("turns") { json in
            for turn in report.turns { json.object { Self.turn(turn, &$0) } }
        }
        json.array("tool_calls") { json in
            for call in report.toolCalls { json.object { toolCall(call, &$0) } }
        }
        guard withEvents else { return }
        json.array("events") { json in
            for event in report.events { json.object { Self.event(event, false, &$0) } }
        }
    }

    static func heading(_ session: SessionSummary, _ json: inout JSONOutput) {
        json.string("id", session.id)
        json.own("tenant", session.tenant)
        json.string("model", session.model)
        json.string("end_user", session.endUser.isEmpty ? nil : session.endUser)
        json.time("started", session.started)
        json.time("ended", session.ended)
        json.string("outcome", session.outcome)
        if let code = session.closeCode {
            json.object("client_close") { json in
                json.integer("code", Int64(code))
                json.string("reason", session.closeReason)
            }
        } else {
            json.raw("client_close", "null")
        }
        if let code = session.geminiCloseCode {
            json.object("gemini_close") { json in
                json.integer("code", Int64(code))
                json.string("reason", session.geminiCloseReason)
            }
        } else {
            json.raw("gemini_close", "null")
        }
        json.string("state", session.state?.rawValue)
        json.time("state_since", session.stateSince)
        json.object("remedies") { json in
            for trouble in session.troubles { json.integer(trouble.what, Int64(trouble.count)) }
        }
        json.integer("connection_count", Int64(session.connections))
        json.integer("turn_count", Int64(session.turns))
        json.dollars("cost_usd", micro: session.cost)
        json.dollars("remedy_cost_usd", micro: session.remedyCost)
        json.string("version", session.version)
        json.string("node", session.node.isEmpty ? nil : session.node)
    }

    static func connection(
        _ connection: SessionReport.Connection, _ json: inout JSONOutput
    ) {
        json.time("opened", connection.opened)
        json.time("closed", connection.closed)
        json.integer("code", connection.code.map(Int64.init))
        json.string("reason", connection.reason)
        json.string("closed_by", connection.closedBy)
        json.flag("resumed", connection.resumed)
        json.string("model", connection.model)
    }

    static func turn(_ turn: SessionReport.Turn, _ json: inout JSONOutput) {
        json.integer("n", Int64(turn.number))
        json.string("input", turn.input)
        json.string("model", turn.model)
        json.time("started", turn.started)
        json.time("ended_input", turn.inputEnded)
        json.time("first_audio", turn.firstAudio)
        json.time("ended", turn.ended)
        json.string("outcome", turn.outcome)
        json.object("transcript") { json in
            json.string("user", turn.userText)
            json.string("model", turn.modelText)
        }
        let usage = turn.usage
        tokens(usage.tokens, &json)
        json.integer("estimated_tokens", usage.estimated.total)
        json.integer("stated_total", usage.statedTotal < 0 ? nil : usage.statedTotal)
        json.dollars("cost_usd", micro: usage.cost)
        json.dollars("remedy_cost_usd", micro: usage.remedyCost)
        json.string("price_date", usage.priceDate)
        json.array("remedies") { json in
            for remedy in turn.remedies { json.string(nil, remedy) }
        }
    }

    static func toolCall(_ call: SessionReport.ToolCall, _ json: inout JSONOutput) {
        json.string("id", call.id)
        json.string("name", call.name)
        json.time("called", call.called)
        json.time("answered", call.answered)
        json.string("outcome", call.outcome)
        json.string("arguments", call.arguments)
        json.string("result", call.result)
    }

    private static func event(
        _ event: TimelineEvent, _ namingSession: Bool, _ json: inout JSONOutput
    ) {
        if namingSession { json.string("session", event.session) }
        json.seconds("t", event.at)
        json.string("what", event.what)
        json.string("lane", event.lane)
        json.string("text", event.text)
    }

    private static func usage(_ row: UsageRow, _ json: inout JSONOutput) {
        for dimension in UsageGrouping.Dimension.allCases {
            if let value = row[dimension] { json.string(dimension.name, value) }
        }
        json.integer("sessions", Int64(row.sessions))
        json.integer("turns", Int64(row.turns))
        json.raw("minutes", Decimal.text(row.lasted.milliseconds / 60, digits: 3))
        tokens(row.reported + row.estimated, &json)
        json.integer("estimated_tokens", row.estimated.total)
        json.dollars("cost_usd", micro: row.cost)
        json.dollars("remedy_cost_usd", micro: row.remedyCost)
        if let budget = row.dayBudget {
            json.dollars("budget_day_usd", micro: budget.most)
            json.dollars("budget_day_used_usd", micro: budget.used)
        }
    }

    private static func tokens(_ tokens: Tokens, _ json: inout JSONOutput) {
        json.object("tokens") { json in
            for (name, counts) in [("prompt", tokens.prompt), ("response", tokens.response)] {
                json.object(name) { json in
                    for modality in Modality.allCases {
                        let isAlwaysThere = modality == .text || modality == .audio
                        if isAlwaysThere || counts[modality] > 0 {
                            json.integer(modality.rawValue, counts[modality])
                        }
                    }
                }
            }
            json.integer("thoughts", tokens.thoughts)
            json.integer("cached", tokens.cached)
            json.integer("tool_use", tokens.toolUse)
            json.integer("total", tokens.total)
        }
    }
}
