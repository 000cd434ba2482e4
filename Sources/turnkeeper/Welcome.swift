import Manual
import Proxy

/// What is printed once connections are accepted: how to point a client here.
enum Welcome {
    static func show(_ server: Server) {
        Output.result("listening on \(server.listening)")
        if let admin = server.administering { Output.result("admin on \(admin)") }
        Output.result(text(server))
    }

    /// For users without any configuration; otherwise empty.
    static func firstSteps(_ options: ServerOptions) -> [String] {
        guard !options.policiesAreNamed, !Machine.has(options.policies) else { return [] }
        let key = Environment.key == nil ? "" : ", and \(Environment.keyName) is not used"
        return [
            "",
            "There are no policies here: each client's own API key is passed on to gemini\(key).",
            "  turnkeeper quickstart    writes one, for a key that clients never see",
            "  turnkeeper try           needs no key: a simulated gemini answers",
        ]
    }

    private static func text(_ server: Server) -> String {
        let address = server.listening
        let plain = server.options.tls == .off
        let scheme = plain ? "http" : "https"
        var lines = ["", "Point a client here:", ""]
        if server.options.tls == .automatic {
            lines.append("  export SSL_CERT_FILE=\(Machine.absolute(server.options.data))/ca.pem")
        }
        lines.append("  export GOOGLE_GEMINI_BASE_URL=\(scheme)://\(address)    # google-genai")
        if server.options.tls == .automatic || plain {
            lines.append(
                "  ws://\(address)/ws/google.ai...                   # raw clients: scheme, host, port only"
            )
        }
        return lines.joined(separator: "\n")
    }
}
