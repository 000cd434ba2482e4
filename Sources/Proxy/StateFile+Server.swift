import Basics
import CLinux
import Ledger

extension StateFile {
    /// Of a server.
    static func of(_ options: ServerOptions, _ log: Log) -> StateFile {
        StateFile(options.data + "/state.db") { what, why in
            log.write(.error, what, [("why", .string(why))])
        }
    }

    /// What still counts.
    func readToday() -> Contents {
        read(on: Account.today, at: WallTime(nanoseconds: tk_wall()))
    }
}
