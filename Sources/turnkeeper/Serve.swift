import CLinux
import Proxy

extension Commands {
    static func serve(_ words: [String]) throws(Arguments.Mistake) -> Int32 {
        let arguments = try Arguments(
            verb: "serve", words: words,
            accepted: [
                "listen": true, "admin": true, "tls": true, "policies": true, "data": true,
                "admin-token": true, "workers": true, "drain": true, "log-level": true,
                "log-format": true, "ledger": true, "retention": true, "balancers": true,
                "memory": true,
                "take-over": false,
                "help": false,
            ])
        if arguments.has("help") { return help() }
        try arguments.takesNoPositional()
        let options = try ServeOptions(arguments).options
        tk_keep_memory_private()
        Signals.block()
        switch Server.start(options) {
        case .failure(let failure):
            for line in failure.lines { Output.error(line) }
            return failure.isMistake ? 2 : 1
        case .success(let server):
            Output.result("listening on \(server.listening)")
            if let admin = server.administering { Output.result("admin on \(admin)") }
            Output.result(Welcome.text(server))
            return server.serveUntilSignal()
        }
    }
}
