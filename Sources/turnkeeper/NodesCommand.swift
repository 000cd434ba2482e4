import Ledger
import Manual

extension Commands {
    static func nodes(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        guard try LedgerCommand.postgres(arguments, "ledger") != nil else {
            throw Arguments.Mistake(
                message: "turnkeeper nodes needs the PostgreSQL that the nodes share",
                hint: "turnkeeper nodes --ledger postgres://user@host/database")
        }
        return try LedgerCommand.read(arguments) { reader throws(LedgerError) in
            let nodes = try reader.nodes()
            if arguments.has("json") {
                Output.result(String(decoding: ReportJSON.nodes(nodes), as: UTF8.self))
            } else {
                for line in ReportText.nodes(nodes) { Output.result(line) }
            }
            return 0
        }
    }
}
