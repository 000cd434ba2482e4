/// The commands of `turnkeeper`, each from its arguments to its exit status, in separate files.
enum Commands {
    static let overview = """
        turnkeeper supervises Gemini Live sessions: a WebSocket proxy that keeps them legal and alive.

          turnkeeper serve     [--listen HOST:PORT] [--memory SIZE] [--admin HOST:PORT|off]
                               [--tls auto|off|CERT.pem,KEY.pem] [--policies DIR] [--data DIR] [--workers N] [--drain 30s]
                               [--admin-token FILE] [--log-level error|warning|info|debug]
                               [--log-format text|json] [--ledger sqlite|off] [--retention 90d|off]
                               [--balancers ADDRESS/BITS,...]  whose X-Forwarded-For names the client
                               [--take-over]  in place of the server that has --data, without a gap
          turnkeeper simulate  [--listen HOST:PORT] [--scenario FILE|NAME] [--scale N] [--seed N]
                               [--data DIR]  a Gemini Live endpoint that misbehaves on request
          turnkeeper demo      [--scenario NAME] [--scale N]
                               simulator, proxy and a speaking client in one process; the story of a
                               report is played without the proxy and with it, side by side
          turnkeeper check     [--policies DIR] [--strict]
                               validates policies: FILE:LINE:COLUMN: error: ...
          turnkeeper explain   --model M [--tenant T] [--policies DIR] [--json]
                               the effective policy: each value, and the file and line it is from
          turnkeeper sessions  list|show ID|follow [ID]|end ID|drain ID [--tenant T] [--model M] [--outcome O]
                               [--close-code N] [--live] [--trouble] [--search TEXT] [--since T]
                               [--until T] [--sort cost|remedies|first-sound|length] [--limit N]
                               [--width N] [--data DIR] [--json|--csv] [--admin HOST:PORT]
                               [--admin-token FILE]
                               what the ledger says of sessions, as they happen too; ends one
          turnkeeper usage     [--by tenant|model|session|day|month|end-user, joined by +]
                               [--tenant T] [--since today|yesterday|7d|TIME] [--until T]
                               [--data DIR] [--json|--csv]
                               tokens and money
          turnkeeper bundle    ID [--out FILE] [--with-words] [--data DIR] [--policies DIR]
                               one file for a support ticket, without secrets
          turnkeeper replay    FILE [--policies DIR] [--tenant T] [--json]
                               steps a recorded session through the machine again; with policies,
                               prints what they would have done differently
        """

    static func help() -> Int32 {
        Output.result(overview)
        return 0
    }
}
