import Basics
public import Transport

/// The certificate that the data port presents to clients, as `--tls` specifies.
public enum Certificates {
    static func security(_ options: ServerOptions) throws(StartFailure) -> ListenerSecurity {
        switch options.tls {
        case .off:
            return .plaintext
        case .files(let certificate, let key):
            return .tls(try context(certificate: certificate, key: key))
        case .automatic:
            guard options.listen.isLoopback else {
                throw StartFailure(
                    [
                        "turnkeeper: \(options.listen) is not a loopback address, and a development "
                            + "certificate is only trusted on loopback",
                        "Try: --tls CERT.pem,KEY.pem, or --tls off behind something that terminates TLS",
                    ], isMistake: true)
            }
            return .either(try development(in: options.data).tls)
        }
    }

    /// Created once in the data directory, for loopback.
    public static func development(
        in directory: String
    ) throws(StartFailure) -> DevelopmentCA {
        if let obstacle = DataDirectory.obstacle(to: directory) {
            throw StartFailure(["turnkeeper: \(obstacle)"])
        }
        do {
            return try DevelopmentCA.prepare(in: directory)
        } catch {
            throw StartFailure(["turnkeeper: development certificate in --data: \(error)"])
        }
    }

    private static func context(
        certificate: String, key: String
    ) throws(StartFailure) -> ServerTLS {
        for (what, path) in [("certificate", certificate), ("key", key)] {
            if let why = File.obstacle(toReading: path) {
                throw StartFailure(
                    [
                        "turnkeeper: --tls: the \(what) \(path) cannot be read: \(why); give two files "
                            + "that this user may read: --tls CERT.pem,KEY.pem"
                    ], isMistake: true)
            }
        }
        if let complaint = KeyFiles.complaint(key) {
            throw StartFailure(["turnkeeper: --tls: \(complaint.message)"], isMistake: true)
        }
        guard !isEncrypted(key) else {
            throw StartFailure(
                [
                    "turnkeeper: --tls: the key \(key) is encrypted, and nobody is asked for its pass "
                        + "phrase; decrypt it: openssl pkey -in \(key) -out KEY.pem && chmod 600 KEY.pem"
                ], isMistake: true)
        }
        do throws(TLSError) {
            return try ServerTLS(certificate: certificate, key: key)
        } catch {
            throw StartFailure([
                "turnkeeper: --tls: \(error); give the chain, the server's certificate first, and the "
                    + "key that belongs to it: --tls CERT.pem,KEY.pem"
            ])
        }
    }

    /// Recognises both of PEM's forms (RFC 5958, RFC 1421).
    private static func isEncrypted(_ key: String) -> Bool {
        let text = File.read(key, limit: 64 << 10).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.contains("BEGIN ENCRYPTED PRIVATE KEY")
            || text.contains("Proc-Type: 4,ENCRYPTED")
    }
}
