import Manual
import Proxy
import Transport

/// What is printed once connections are accepted: how to point a client here.
enum Welcome {
    /// - Parameter key: What google-genai may show as its API key; `nil` if that is up to the
    ///   policies.
    static func show(_ server: Server, key: String? = nil) {
        Output.result("listening on \(server.listening)")
        if let admin = server.administering { Output.result("admin on \(admin)") }
        let lines = clients(server, key) + page(server)
        for line in lines { Output.result(line) }
    }

    /// For users without any policy, wherever it was looked for; otherwise empty.
    static func firstSteps(_ server: Server) -> [String] {
        guard !server.hasPolicies else { return [] }
        let key = Environment.key == nil ? "" : ", and \(Environment.keyName) is not used"
        let options = server.options
        let (place, directory) =
            options.policiesAreNamed
            ? ("in \(options.policies)", " --policies \(options.policies)") : ("here", "")
        return [
            "",
            "There are no policies \(place): each client's own API key is passed on to gemini\(key).",
            "  turnkeeper quickstart\(directory)    writes one, for a key that clients never see",
            "  turnkeeper try           needs no key: a simulated gemini answers",
        ]
    }

    /// Only what works as it stands: an address that stands for all is none to dial, and
    /// google-genai speaks TLS whatever the URL says.
    private static func clients(_ server: Server, _ key: String?) -> [String] {
        let address = server.listening
        let keyLine =
            "  export GOOGLE_API_KEY="
            + (key.map { "\($0)    # google-genai wants one, and any will do here" }
                ?? "KEY    # the key that your policy asks for; without one, gemini's")
        switch server.options.tls {
        case .automatic:
            return [
                "", "Point a client here:", "",
                "  export SSL_CERT_FILE=\(Machine.absolute(server.options.data))/ca.pem",
                "  export GOOGLE_GEMINI_BASE_URL=https://\(address)    # google-genai",
                keyLine,
                raw(address),
            ]
        case .files:
            return [
                "", "Point a client here; NAME is a name in the certificate:", "",
                "  export GOOGLE_GEMINI_BASE_URL=https://NAME:\(address.port)    # google-genai",
                keyLine,
            ]
        case .off:
            guard !address.isUnspecified else { return [] }
            return ["", "Point a client here:", "", raw(address)]
        }
    }

    private static func raw(_ address: SocketAddress) -> String {
        "  ws://\(address)/ws/google.ai...    # raw clients: scheme, host, port only"
    }

    /// Where the inspector is.
    private static func page(_ server: Server) -> [String] {
        guard let address = server.administering, !address.isUnspecified else { return [] }
        // Beyond this machine the port speaks TLS only.
        let scheme = address.isLoopback ? "http" : "https"
        return ["", "Watch its sessions: \(scheme)://\(address)/ui"]
    }
}
