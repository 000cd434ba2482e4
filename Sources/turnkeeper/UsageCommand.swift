import Basics
import CLinux
import Ledger
import Manual

extension Commands {
    static func usage(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        if arguments.has("json"), arguments.has("csv") {
            throw Arguments.Mistake(
                message: "--json and --csv exclude each other",
                hint: "turnkeeper usage --csv")
        }
        let grouping = try grouping(arguments)
        let since = try moment(arguments, "since")
        let until = try moment(arguments, "until")
        return try LedgerCommand.read(arguments) { reader throws(LedgerError) in
            let rows = try reader.usage(
                grouping, since: since, until: until, tenant: arguments["tenant"],
                at: WallTime(nanoseconds: tk_wall()))
            if arguments.has("json") {
                Output.result(String(decoding: ReportJSON.usage(rows), as: UTF8.self))
            } else {
                let isCSV = arguments.has("csv")
                let lines = isCSV ? ReportText.usageCSV(rows) : ReportText.usage(rows)
                for line in lines { Output.result(line) }
            }
            return 0
        }
    }

    private static func grouping(
        _ arguments: Arguments
    ) throws(Arguments.Mistake) -> UsageGrouping {
        guard let text = arguments["by"] else { return .tenantAndModel }
        if let grouping = UsageGrouping(text) { return grouping }
        let words = UsageGrouping.Dimension.allCases.map(\.rawValue).joined(separator: ", ")
        throw Arguments.Mistake(
            message: "--by takes one or more of \(words), joined by +, not \"\(text)\"",
            hint: "turnkeeper usage --by tenant+model")
    }

    /// A day, a time, or an age: `2026-11-21`, `2026-11-21T08:30`, `today`, `24h`, `7d`.
    static func moment(
        _ arguments: Arguments, _ name: String
    ) throws(Arguments.Mistake) -> WallTime? {
        guard let text = arguments[name] else { return nil }
        let now = WallTime(nanoseconds: tk_wall())
        if let moment = WallTime(text, before: now) { return moment }
        throw Arguments.Mistake(
            message: "--\(name) takes a day, a time in UTC or an age, not \"\(text)\"",
            hint:
                "turnkeeper \(arguments.command.name) --\(name) 2026-11-21T08:30, --\(name) today or "
                + "--\(name) 7d")
    }
}
