import Admin
import Basics
import Inspector
import Ledger
import Synchronization
import Transport

/// The admin port: metrics collected from the workers by mail, health, and the inspector, which
/// reads the ledger. It accesses no session.
final class AdminPlane: Sendable {
    let address: SocketAddress
    private let server: AdminServer
    private let inspector: Inspector

    private init(_ address: SocketAddress, _ server: AdminServer, _ inspector: Inspector) {
        self.address = address
        self.server = server
        self.inspector = inspector
    }

    /// Checks the options before anything is taken over.
    static func check(_ options: ServerOptions) throws(StartFailure) {
        guard let wanted = options.admin else { return }
        _ = try token(options, for: wanted)
        _ = try tls(options, for: wanted)
    }

    /// `nil` if no admin port is configured.
    static func start(
        _ options: ServerOptions, mailboxes: [Transport.Mailbox], shared: Shared
    ) throws(StartFailure) -> AdminPlane? {
        guard let wanted = options.admin else { return nil }
        let token = try token(options, for: wanted)
        if let token { shared.learn(own: token) }
        let tls = try tls(options, for: wanted)
        let inspector = try inspector(options, shared)
        let scrape = Scrape(
            mailboxes: mailboxes, shared: shared, inspector: inspector)
        do {
            let server = try AdminServer.start(
                host: wanted.host, port: Int(wanted.port), token: token, tls: tls,
                routes: [
                    .metrics(contentType: Scrape.contentType) { scrape.run($0) },
                    .health,
                    .readiness(
                        note: {
                            let ledger = shared.ledger?.condition
                            let troubles = [
                                ledger?.trouble.map { _ in
                                    "; the ledger cannot be written: records wait"
                                },
                                ledger?.outage.map { _ in
                                    "; the ledger's database cannot be written"
                                },
                                shared.node?.state.outage.map { _ in
                                    "; cut off from what nodes share"
                                },
                            ].compactMap(\.self)
                            // For one, the ledger's file is gone: the log says what it is.
                            if troubles.isEmpty, !shared.isLedgerWell {
                                return "; the ledger is in trouble: see the log"
                            }
                            return troubles.joined()
                        }, { !shared.isDraining }),
                    UpstreamReport.route(shared),
                ] + SessionOrder.routes(mailboxes, shared, inspector) + inspector.routes)
            var address = wanted
            address.port = UInt16(exactly: server.port) ?? wanted.port
            return AdminPlane(address, server, inspector)
        } catch {
            inspector.stop()
            throw StartFailure(["turnkeeper: admin port: \(error)"])
        }
    }

    private static func inspector(
        _ options: ServerOptions, _ shared: Shared
    ) throws(StartFailure) -> Inspector {
        let ledger = shared.ledger
        do throws(SystemError) {
            return try Inspector(
                ledger: ledger == nil ? nil : options.ledgerPlace,
                recordings: options.data + "/recordings", version: Version.text,
                words: TimelineWord.allCases.map(\.form) + TimelineEntryForm.rules,
                condition: { ledger?.condition ?? Ledger.Condition() },
                scrub: { shared.redaction })
        } catch {
            throw StartFailure(["turnkeeper: admin port: \(error)"])
        }
    }

    /// The certificate of `--tls`; plaintext is accepted as well, but on loopback only, because
    /// elsewhere anybody could read the token.
    private static func tls(
        _ options: ServerOptions, for address: SocketAddress
    ) throws(StartFailure) -> TLS? {
        if case .files(let certificate, let key) = options.tls {
            return TLS(certificate: certificate, key: key, takesPlain: address.isLoopback)
        }
        guard address.isLoopback else {
            throw StartFailure(
                [
                    "turnkeeper: the admin token would be sent to \(address) unencrypted",
                    "Try: --tls CERT.pem,KEY.pem, or --admin on an address of this machine alone",
                ], isMistake: true)
        }
        return nil
    }

    func readCertificateAgain() { server.readCertificateAgain() }

    func stop() {
        // Streams must end before the server that carries them.
        inspector.stop()
        server.stop()
    }

    /// The token that requests must send; required if other machines can reach the port.
    private static func token(
        _ options: ServerOptions, for address: SocketAddress
    ) throws(StartFailure) -> String? {
        guard let path = options.adminToken else {
            guard !address.isLoopback else { return nil }
            throw StartFailure(
                [
                    "turnkeeper: the admin port on \(address) can be reached from other machines, "
                        + "so it requires a token",
                    "Try: --admin-token FILE, or an address of this machine alone",
                ], isMistake: true)
        }
        if let complaint = KeyFiles.complaint(path) {
            throw StartFailure(["turnkeeper: --admin-token: \(complaint.message)"], isMistake: true)
        }
        guard let bytes = File.read(path, limit: 4096) else {
            let why = File.obstacle(toReading: path) ?? "it is no file"
            throw StartFailure(
                [
                    "turnkeeper: --admin-token: \(path) cannot be read: \(why)",
                    "Try: openssl rand -hex 16 > FILE; chmod 600 FILE, and --admin-token FILE",
                ], isMistake: true)
        }
        let token = String(decoding: bytes, as: UTF8.self).prefix { !$0.isWhitespace }
        guard token.utf8.count >= Self.shortestToken else {
            throw StartFailure(
                [
                    "turnkeeper: --admin-token: \(path) holds fewer than \(Self.shortestToken) "
                        + "characters",
                    "Try: openssl rand -hex 16 > \(path)",
                ], isMistake: true)
        }
        return String(token)
    }

    /// Sixteen hex characters are 64 bits, which cannot be guessed over a network.
    private static let shortestToken = 16
}
