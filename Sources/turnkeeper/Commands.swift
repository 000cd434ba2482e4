/// The commands of `turnkeeper`, each from its arguments to its exit status, in a file of its own.
enum Commands {
    static let overview = """
        turnkeeper supervises Gemini Live sessions: a WebSocket proxy that keeps them legal and alive.

          turnkeeper serve     [--listen HOST:PORT] [--admin HOST:PORT|off] [--tls auto|off|CERT.pem,KEY.pem]
                               [--policies DIR] [--data DIR] [--workers N] [--drain 30s]
                               [--admin-token FILE] [--log-level error|warning|info|debug]
                               [--log-format text|json]
          turnkeeper simulate  [--listen HOST:PORT] [--scenario FILE|NAME] [--seed N] [--data DIR]
                               a Gemini Live endpoint that misbehaves on request
          turnkeeper demo      [--scenario NAME]
                               simulator, proxy and a speaking client in one process
          turnkeeper check     [--policies DIR]
                               validates policies: FILE:LINE:COLUMN: error: ...
        """

    static func help() -> Int32 {
        Output.result(overview)
        return 0
    }
}
