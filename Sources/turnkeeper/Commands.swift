import Basics
import CLinux
import Policies
import Proxy
import YAML

/// The commands of `turnkeeper`, each from its arguments to its exit status.
enum Commands {
    static let overview = """
        turnkeeper supervises Gemini Live sessions: a WebSocket proxy that keeps them legal and alive.

          turnkeeper serve     [--listen HOST:PORT] [--admin HOST:PORT|off] [--tls auto|off|CERT.pem,KEY.pem]
                               [--policies DIR] [--data DIR] [--workers N] [--drain 30s]
                               [--log-level error|warning|info|debug] [--log-format text|json]
          turnkeeper simulate  [--listen HOST:PORT] [--scenario FILE|NAME] [--seed N]
                               a Gemini Live endpoint that misbehaves on request
          turnkeeper demo      [--scenario NAME]
                               simulator, proxy and a speaking client in one process
          turnkeeper check     [--policies DIR]
                               validates policies: FILE:LINE:COLUMN: error: ...
        """

    static func serve(_ words: [String]) throws(Arguments.Mistake) -> Int32 {
        let arguments = try Arguments(
            verb: "serve", words: words,
            accepted: [
                "listen": true, "admin": true, "tls": true, "policies": true, "data": true,
                "admin-token": true, "workers": true, "drain": true, "log-level": true, "log-format": true,
                "help": false,
            ])
        if arguments.has("help") { return help() }
        try arguments.takesNoPositional()
        let options = try ServeOptions(arguments).options
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

    static func check(_ words: [String]) throws(Arguments.Mistake) -> Int32 {
        let arguments = try Arguments(
            verb: "check", words: words, accepted: ["policies": true, "help": false])
        if arguments.has("help") { return help() }
        try arguments.takesNoPositional()
        let report = Check.run(
            arguments["policies"] ?? "Policies", isDefault: arguments["policies"] == nil)
        for line in report.lines { Output.result(line) }
        return report.exitCode
    }

    static func help() -> Int32 {
        Output.result(overview)
        return 0
    }
}
