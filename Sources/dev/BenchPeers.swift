/// Where the benchmark finds and leaves things, all below the repository.
struct BenchPlaces {
    let root: String
    var benchmarks: String { root + "/Benchmarks" }
    var out: String { benchmarks + "/out" }
    /// Turnkeeper's.
    var policies: String { out + "/policies" }
    var python: String { benchmarks + "/.venv/bin/python" }
    var authority: String { out + "/ca.pem" }
    var certificate: String { out + "/server.pem" }
    var key: String { out + "/server-key.pem" }

    /// The repository above the folder that the program was built in.
    init() throws {
        var folder = Files.executable[...]
        while let slash = folder.lastIndex(of: "/") {
            folder = folder[..<slash]
            if Files.exists(folder + "/Package.swift") {
                root = String(folder)
                Files.makeFolder(root + "/Benchmarks/out")
                return
            }
        }
        throw BenchError("dev bench must run from where it was built, inside the repository")
    }

    /// The program that is measured, built beside this one.
    var turnkeeper: String {
        String(Files.executable.dropLast("dev".count)) + "turnkeeper"
    }

    /// Makes a certificate authority and a certificate for localhost, once.
    func makeCertificates() throws {
        guard !Files.exists(certificate) else { return }
        func openssl(_ arguments: [String]) throws {
            let log = out + "/openssl.log"
            guard
                try Child.run(["openssl"] + arguments, seconds: 30, output: log) != nil
            else { throw BenchError("openssl failed: \(Files.read(log) ?? "")") }
        }
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        let request = out + "/request.pem"
        let names = out + "/names.cnf"
        try Files.write(names, "subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        try openssl(
            ["req", "-x509"] + curve + [
                "-keyout", out + "/ca-key.pem", "-out", authority, "-days", "30",
                "-subj", "/CN=Benchmark authority",
            ])
        try openssl(
            ["req", "-new"] + curve + ["-keyout", key, "-out", request, "-subj", "/CN=localhost"])
        try openssl([
            "x509", "-req", "-in", request, "-CA", authority, "-CAkey", out + "/ca-key.pem",
            "-CAcreateserial", "-out", certificate, "-days", "30", "-extfile", names,
        ])
    }
}

/// What stands between the clients and the upstream in one row of the tables.
enum BenchPeer: String, CaseIterable {
    case direct, relay, haproxy, nginx, envoy, python, turnkeeper
    case turnkeeper2 = "turnkeeper-2"

    var title: String {
        switch self {
        case .direct: "no proxy"
        case .relay: "bare TCP relay"
        case .haproxy: "HAProxy"
        case .nginx: "nginx"
        case .envoy: "Envoy"
        case .python: "Python websockets relay"
        case .turnkeeper: "Turnkeeper"
        case .turnkeeper2: "Turnkeeper, 2 workers"
        }
    }

    /// Whether it can speak TLS to the upstream.
    var speaksTLS: Bool { self != .direct && self != .relay }

    var isOurs: Bool { self == .turnkeeper || self == .turnkeeper2 }

    /// One CPU for every proxy; two workers may use both.
    var cpu: Int? { self == .turnkeeper2 ? nil : 0 }

    /// Everything needed to start it once.
    struct Place {
        let places: BenchPlaces
        let port: UInt16
        let upstream: UInt16
        let tls: Bool
        /// Where its metrics are; nil: nowhere.
        var admin: UInt16?
        /// No pings, and nothing after a pause: where visits or sessions are counted, time costs nothing.
        var isSilent = false
        var log = "error"
    }

    /// Whether it is there, by asking it for its version; nil when it is not.
    func version(_ places: BenchPlaces) throws -> String? {
        func ask(_ command: [String]) throws -> String? {
            try Child.run(command, seconds: 30, output: places.out + "/version.log")
        }
        switch self {
        case .direct, .relay: return "this repository's"
        case .haproxy:
            return try ask(["haproxy", "-v"])?.split(separator: " ").dropFirst(2).first.map(
                String.init)
        case .nginx: return try ask(["nginx", "-v"])?.split(separator: "/").last.map(trimmed)
        case .envoy:
            // "PATH version: COMMIT/VERSION/..."
            let words = try ask([envoy(places), "--version"])?.split(separator: " ")
            return words?.last?.split(separator: "/").dropFirst().first.map(String.init)
        case .python:
            let program =
                "import sys, websockets, uvloop; print(websockets.__version__, 'on uvloop',"
                + " uvloop.__version__, 'and Python', sys.version.split()[0])"
            return try ask([places.python, "-c", program]).map { trimmed($0[...]) }
        case .turnkeeper, .turnkeeper2:
            guard Files.exists(places.turnkeeper) else { return nil }
            let commit = try ask(["git", "-C", places.root, "rev-parse", "--short", "HEAD"])
            return "commit " + trimmed((commit ?? "unknown")[...])
        }
    }

    private func trimmed(_ text: Substring) -> String {
        String(text.prefix { $0 != "\n" })
    }

    private func envoy(_ places: BenchPlaces) throws -> String {
        let find = "import envoy, os; print(os.path.dirname(envoy.__file__))"
        let found = try Child.run(
            [places.python, "-c", find], seconds: 30, output: places.out + "/envoy-path.log")
        return trimmed((found ?? "")[...]) + "/_bin/envoy"
    }

    /// The command that starts it; its configuration is written first.
    func command(_ place: Place) throws -> [String] {
        let places = place.places
        let scheme = place.tls ? "wss" : "ws"
        switch self {
        case .direct: return []
        case .relay:
            return [
                Files.executable, "bench-relay", "--port", String(place.port), "--upstream",
                String(place.upstream),
            ]
        case .haproxy: return ["haproxy", "-db", "-f", try configuration("haproxy.cfg", place)]
        case .nginx: return ["nginx", "-c", try configuration("nginx.conf", place)]
        case .envoy:
            return [
                try envoy(places), "-c", try configuration("envoy.yaml", place), "--concurrency",
                "1", "--log-level", "error", "--use-dynamic-base-id",
            ]
        case .python:
            return [
                places.python, places.benchmarks + "/peers/relay.py", String(place.port),
                "\(scheme)://localhost:\(place.upstream)",
            ] + (place.tls ? [places.authority] : [])
        case .turnkeeper, .turnkeeper2:
            Files.makeFolder(places.policies)
            try Files.write(
                places.policies + "/default.yaml",
                """
                upstream:
                  url: \(scheme)://localhost:\(place.upstream)
                  ca_file: \(place.tls ? places.authority : "null")
                  connect: 60s
                  setup: 60s
                limits: { sessions: 20000, messages_per_second: 1000000 }
                \(place.isSilent ? "turns: { rules: { keepalive: off, stream_end_on_pause: off } }" : "")

                """)
            return [
                places.turnkeeper, "serve", "--listen", "127.0.0.1:\(place.port)", "--admin",
                place.admin.map { "127.0.0.1:\($0)" } ?? "off", "--ledger", "off", "--tls", "off",
                "--policies", places.policies, "--data",
                places.out + "/data",
                "--workers", self == .turnkeeper ? "1" : "2", "--log-level", place.log,
            ]
        }
    }

    /// Fills in a peer's configuration and gives its path.
    private func configuration(_ name: String, _ place: Place) throws -> String {
        let places = place.places
        let authority = places.authority
        let tls =
            switch self {
            case .haproxy:
                "ssl verify required ca-file \(authority) sni str(localhost) verifyhost localhost"
            case .envoy:
                """
                transport_socket: {name: envoy.transport_sockets.tls, typed_config: {\
                "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.\
                UpstreamTlsContext, sni: localhost, common_tls_context: {validation_context: \
                {trusted_ca: {filename: "\(authority)"}, match_typed_subject_alt_names: \
                [{san_type: DNS, matcher: {exact: localhost}}]}}}}
                """
            case .direct, .relay, .nginx, .python, .turnkeeper, .turnkeeper2: ""
            }
        let values = [
            ("PORT", String(place.port)), ("UPSTREAM", String(place.upstream)),
            ("TLS", place.tls ? tls : ""), ("SCHEME", place.tls ? "https" : "http"),
            ("CA", authority), ("FOLDER", places.out),
        ]
        guard let template = Files.read(places.benchmarks + "/peers/" + name) else {
            throw BenchError("no configuration for \(name)")
        }
        var text = template
        for (key, value) in values { text = text.replacing("@\(key)@", with: value) }
        let path = places.out + "/" + name
        try Files.write(path, text)
        return path
    }
}
