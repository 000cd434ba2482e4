import Basics
import CLinux
import Ledger

extension StateFile {
    /// The file of a server.
    static func of(_ options: ServerOptions, _ log: Log) -> StateFile {
        StateFile(options.data + "/state.db") { what, why in
            log.write(.error, what, [("why", .string(why))])
        }
    }

    /// The contents that still count today.
    func readToday() -> Contents {
        read(on: Account.today, at: WallTime(nanoseconds: tk_wall()))
    }
}
