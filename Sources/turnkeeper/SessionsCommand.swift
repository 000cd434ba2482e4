import Basics
import CLinux
import Ledger
import Manual
import Sessions

extension Commands {
    static func sessions(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        let query = try query(arguments)
        let width = try arguments.integer("width", in: 60...400) ?? 120
        let isJSON = arguments.has("json")
        switch (arguments.operands.first, arguments.operands.count) {
        case ("list", 1), (nil, 0):
            return try LedgerCommand.read(arguments) { reader throws(LedgerError) in
                let found = try reader.sessions(query).sessions
                if isJSON {
                    Output.result(String(decoding: ReportJSON.sessions(found), as: UTF8.self))
                } else {
                    let lines =
                        arguments.has("csv")
                        ? ReportText.sessionsCSV(found) : ReportText.sessions(found)
                    for line in lines { Output.result(line) }
                }
                return 0
            }
        case ("show", 2):
            let id = arguments.operands[1]
            return try LedgerCommand.read(arguments) { reader throws(LedgerError) in
                guard let report = try reader.session(id) else {
                    return try LedgerCommand.unknown(id, reader)
                }
                if isJSON {
                    Output.result(String(decoding: ReportJSON.session(report), as: UTF8.self))
                } else {
                    let drawing = TimelineDrawing(width: width)
                    for line in drawing.lines(report) { Output.result(line) }
                }
                return 0
            }
        case ("follow", 1...2):
            let id = arguments.operands.dropFirst().first
            return try LedgerCommand.read(arguments) { reader throws(LedgerError) in
                try follow(reader, id, isJSON: isJSON, width: width)
            }
        case ("end", 2), ("drain", 2):
            return try order(arguments)
        case ("show", 1), ("end", 1), ("drain", 1):
            let what = arguments.operands[0]
            throw Arguments.Mistake(
                message:
                    "turnkeeper sessions \(what) takes the ID of a session, as turnkeeper sessions "
                    + "list prints it",
                hint: "turnkeeper sessions list\(what == "show" ? "" : " --live")")
        default:
            throw Arguments.Mistake(
                message:
                    "turnkeeper sessions takes list, show ID, follow [ID], end ID or drain ID, not \""
                    + arguments.operands.joined(separator: " ") + "\"",
                hint: "turnkeeper sessions list")
        }
    }

    /// The query of `list`.
    private static func query(_ arguments: Arguments) throws(Arguments.Mistake) -> SessionQuery {
        var query = SessionQuery()
        query.limit = try arguments.integer("limit", in: 1...1_000_000) ?? 50
        query.text = arguments["search"]
        query.words = arguments["words"]
        query.tenant = arguments["tenant"]
        query.model = arguments["model"]
        query.outcome = try outcome(arguments)
        query.order = try arguments.word("sort").flatMap(SessionQuery.Order.init)
        query.closeCode = try arguments.integer("close-code", in: 0...65_535)
        query.isLive = arguments.has("live") ? true : nil
        query.wasInTrouble = arguments.has("trouble") ? true : nil
        query.since = try moment(arguments, "since")
        query.until = try moment(arguments, "until")
        if arguments.has("json"), arguments.has("csv") {
            throw Arguments.Mistake(
                message: "--json and --csv exclude each other",
                hint: "turnkeeper sessions list --csv")
        }
        return query
    }

    /// One of those that sessions have; with `*` at its end, all that begin so.
    private static func outcome(_ arguments: Arguments) throws(Arguments.Mistake) -> String? {
        guard let text = arguments["outcome"] else { return nil }
        // Two are the ledger's own: a session that is not over, and one whose server died.
        let known = SessionOutcome.allCases.map(\.rawValue) + ["unfinished", "live"]
        let isKnown =
            text.hasSuffix("*")
            ? known.contains { $0.hasPrefix(text.dropLast()) } : known.contains(text)
        guard isKnown else {
            throw Arguments.Mistake(
                message: "--outcome takes \(known.joined(separator: ", ")), not \"\(text)\"",
                hint:
                    "turnkeeper sessions list --outcome \(guess(for: text, among: known) ?? known[0])"
            )
        }
        return text
    }

    /// Prints entries as they reach the ledger, within about a second; until interrupted, or until
    /// the followed session ends.
    private static func follow(
        _ reader: LedgerReader, _ id: String?, isJSON: Bool, width: Int
    ) throws(LedgerError) -> Int32 {
        var session: String?
        if let id {
            guard let report = try reader.session(id) else {
                return try LedgerCommand.unknown(id, reader)
            }
            session = report.summary.id
        }
        var last = session == nil ? try reader.newestEvent() : -1
        var printer = FollowPrinter(width: width, namesSessions: session == nil)
        if !isJSON { printer.begin() }
        while true {
            // Checked before reading: entries written along with the end are read afterwards.
            let hasEnded = try session.map { (id) throws(LedgerError) in
                try reader.session(id, withEvents: false)?.summary.ended != nil
            }
            let events = try reader.events(after: last, session: session)
            for event in events {
                last = event.number
                if isJSON {
                    let line = ReportJSON.event(event, namingSession: session == nil)
                    Output.result(String(decoding: line, as: UTF8.self))
                } else {
                    try printer.show(event, reader)
                }
            }
            let isOver = hasEnded == true && events.isEmpty
            if !isJSON { try printer.settle(reader, isOver: isOver) }
            if isOver { return 0 }
            usleep(250_000)
        }
    }
}

/// Prints a growing timeline: whole utterances, with the session if there are several.
private struct FollowPrinter {
    private let drawing: TimelineDrawing
    private let namesSessions: Bool
    private var utterances = Utterances()
    private var told: String?

    init(width: Int, namesSessions: Bool) {
        drawing = TimelineDrawing(width: width)
        self.namesSessions = namesSessions
    }

    func begin() { for line in drawing.header { Output.result(line) } }

    mutating func show(_ event: TimelineEvent, _ reader: LedgerReader) throws(LedgerError) {
        for whole in utterances.add(event, at: Instant(nanoseconds: tk_now())) {
            try print(whole, reader)
        }
    }

    mutating func settle(_ reader: LedgerReader, isOver: Bool) throws(LedgerError) {
        let now = isOver ? nil : Instant(nanoseconds: tk_now())
        for whole in utterances.settled(at: now) { try print(whole, reader) }
    }

    private mutating func print(
        _ event: TimelineEvent, _ reader: LedgerReader
    ) throws(LedgerError) {
        if namesSessions, event.session != told {
            let session = try reader.sessions([event.session]).first
            Output.result(
                ReportText.plain(
                    "\(session?.tenant ?? "?")  \(session?.model ?? "")  \(event.session)"))
        }
        told = event.session
        for line in drawing.lines(event) { Output.result(line) }
    }
}

/// How commands open the ledger.
enum LedgerCommand {
    static func read(
        _ arguments: Arguments, _ body: (LedgerReader) throws(LedgerError) -> Int32
    ) throws(Arguments.Mistake) -> Int32 {
        let data = arguments["data"] ?? ".turnkeeper"
        let address = try postgres(arguments, "ledger")
        if address == nil, let text = arguments["ledger"], text != "sqlite" {
            throw Arguments.Mistake(
                message: "--ledger takes sqlite or postgres://user@host/database, "
                    + "not \"\(text)\"",
                hint: "turnkeeper \(arguments.command.name) --ledger sqlite")
        }
        do throws(LedgerError) {
            let place = address.map { LedgerPlace.postgres($0) } ?? .file(data + "/ledger.db")
            return try body(try LedgerReader(place))
        } catch {
            Output.error("turnkeeper: \(error)")
            if address == nil, error.isOfADamagedFile {
                Output.error(
                    "Try: mv \(data)/ledger.db \(data)/ledger.db.damaged; the next serve begins a new one"
                )
            } else if address == nil, !error.isOfAnotherUser {
                Output.error(
                    "Try: turnkeeper \(arguments.command.name) --data DIR, the --data of serve")
            }
            return 1
        }
    }

    /// The PostgreSQL that an option names; nil if it names none.
    static func postgres(
        _ arguments: Arguments, _ option: String
    ) throws(Arguments.Mistake) -> PostgresAddress? {
        guard let text = arguments[option], PostgresAddress.isMeant(by: text) else {
            if arguments.has("ledger-password-file") {
                throw needsPostgres("ledger-password-file", arguments, by: option)
            }
            return nil
        }
        do throws(LedgerError) {
            return try PostgresAddress(text, passwordFile: arguments["ledger-password-file"])
        } catch {
            // Without the text, which may hold a password.
            throw Arguments.Mistake(
                message: "--\(option): \(error.message)",
                hint: "turnkeeper \(arguments.command.name) --\(option) "
                    + "postgres://user@host/database")
        }
    }

    /// It would be ignored, and its user believe otherwise.
    static func needsPostgres(
        _ option: String, _ arguments: Arguments, by ledger: String = "ledger"
    ) -> Arguments.Mistake {
        Arguments.Mistake(
            message: "--\(option) means nothing without --\(ledger) postgres://...",
            hint: "turnkeeper \(arguments.command.name) --\(ledger) postgres://user@host/database, "
                + "or no --\(option)")
    }

    static func unknown(_ id: String, _ reader: LedgerReader) throws(LedgerError) -> Int32 {
        if try reader.matches(id) > 1 {
            Output.error("turnkeeper: several sessions begin with \(id): give more of the id")
            Output.error("Try: turnkeeper sessions list --search \(id)")
        } else {
            Output.error(
                "turnkeeper: the ledger has no session \(id); of a client that was refused, only "
                    + "the log knows")
            Output.error("Try: turnkeeper sessions list")
        }
        return 1
    }
}
