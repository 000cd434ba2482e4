import Basics
import Transport

/// The data port's certificate, according to `--tls`.
enum Certificates {
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
            do {
                return .either(try DevelopmentCA.prepare(in: options.data).tls)
            } catch {
                throw StartFailure(["turnkeeper: development certificate: \(error)"])
            }
        }
    }

    private static func context(
        certificate: String, key: String
    ) throws(StartFailure) -> ServerTLS {
        if let complaint = KeyFiles.complaint(key) {
            throw StartFailure(["turnkeeper: --tls: \(complaint.message)"], isMistake: true)
        }
        do throws(TLSError) {
            return try ServerTLS(certificate: certificate, key: key)
        } catch {
            throw StartFailure(["turnkeeper: \(error)"])
        }
    }
}
