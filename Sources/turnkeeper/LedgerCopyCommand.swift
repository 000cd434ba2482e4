import Ledger
import Manual

extension Commands {
    static func ledger(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        guard arguments.operands == ["copy"] else {
            throw Arguments.Mistake(
                message: "turnkeeper ledger takes copy, not \""
                    + arguments.operands.joined(separator: " ") + "\"",
                hint: "turnkeeper ledger copy --from DIR --to postgres://user@host/database")
        }
        guard let address = try LedgerCommand.postgres(arguments, "to") else {
            throw Arguments.Mistake(
                message: "--to takes postgres://user@host/database or service=NAME"
                    + (arguments["to"].map { ", not \"\($0)\"" } ?? ""),
                hint: "turnkeeper ledger copy --from DIR --to postgres://user@host/database")
        }
        let data = arguments["from"] ?? ".turnkeeper"
        do throws(LedgerError) {
            let found = try LedgerCopy.run(from: data + "/ledger.db", to: address)
            for complaint in found.refused { Output.error("turnkeeper: not copied: \(complaint)") }
            Output.result(
                "copied \(found.sessions) session\(found.sessions == 1 ? "" : "s") "
                    + "to \(address)"
                    + (found.live > 0
                        ? "; \(found.live) that have not ended yet are left to the next time" : ""))
            return found.refused.isEmpty ? 0 : 1
        } catch {
            Output.error("turnkeeper: \(error)")
            Output.error("Try: turnkeeper ledger copy --from DIR, the --data of serve")
            return 1
        }
    }
}
