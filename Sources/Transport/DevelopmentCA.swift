import CLinux
import COpenSSL

/// A certificate authority for this machine alone, so that clients which insist on `wss://` can
/// be served on loopback. Made once in the data directory:
///
///     ca.pem           10 years; may sign for localhost and loopback addresses only
///     ca-key.pem       mode 0600; signs the next server certificate
///     server.pem       localhost, 127.0.0.1 and ::1; 397 days, remade 30 days before its end
///     server-key.pem   mode 0600
public struct DevelopmentCA: Sendable {
    /// What clients are to trust.
    public let authorityFile: String
    public let tls: ServerTLS

    private static let authorityDays = 3650
    /// The longest that clients accept from public authorities; some hold private ones to it.
    private static let serverDays = 397
    /// Remade this long before its end, so that a proxy which runs for weeks does not outlive it.
    private static let spareDays: Int32 = 30

    /// Makes what is missing, expired or unreadable, and the directory. Two processes may do so at
    /// once. Throws `TLSError` or `SystemError`.
    public static func prepare(in directory: String) throws -> DevelopmentCA {
        let files = Files(directory: directory)
        // Where this fails, the lock below says why.
        _ = unsafe mkdir(directory, 0o700)
        // SAFETY: the string lives for the call.
        let lock = unsafe tk_lock_file("\(directory)/tls.lock")
        guard lock >= 0 else { throw SystemError("locking \(directory)/tls.lock", -lock) }
        defer { tk_close(lock, 0) }
        let authority =
            try Signed.read(files.authority, files.authorityKey, by: nil) ?? makeAuthority(files)
        if Signed.read(files.server, files.serverKey, by: authority) == nil {
            try makeServer(files, authority)
        }
        return DevelopmentCA(
            authorityFile: files.authority,
            tls: try ServerTLS(certificate: files.server, key: files.serverKey))
    }

    private struct Files {
        let directory: String
        var authority: String { "\(directory)/ca.pem" }
        var authorityKey: String { "\(directory)/ca-key.pem" }
        var server: String { "\(directory)/server.pem" }
        var serverKey: String { "\(directory)/server-key.pem" }
    }

    /// A certificate with its key.
    @safe
    private final class Signed {
        let certificate: OpaquePointer
        let key: OpaquePointer

        // SAFETY, for all of this type: both objects are its own and freed with it.
        init?(_ certificate: OpaquePointer?, _ key: OpaquePointer?) {
            guard let certificate = unsafe certificate, let key = unsafe key else {
                unsafe X509_free(certificate)
                unsafe EVP_PKEY_free(key)
                return nil
            }
            unsafe self.certificate = certificate
            unsafe self.key = key
        }

        deinit {
            unsafe X509_free(certificate)
            unsafe EVP_PKEY_free(key)
        }

        /// nil where the files are missing, do not fit together, or end too soon.
        static func read(_ certificate: String, _ key: String, by issuer: Signed?) -> Signed? {
            guard let pair = unsafe Signed(tk_read_certificate(certificate), tk_read_key(key)),
                unsafe tk_certificate_serves(
                    pair.certificate, pair.key, (issuer ?? pair).certificate, spareDays) == 1
            else { return nil }
            return pair
        }
    }

    private static func makeAuthority(_ files: Files) throws -> Signed {
        // SAFETY: `Signed` takes over both objects.
        let key = unsafe tk_new_key()
        let certificate = unsafe tk_new_certificate(
            key, "Turnkeeper development CA", authorityDays, nil, nil)
        guard let authority = unsafe Signed(certificate, key) else {
            throw TLSError(doing: "making a development CA")
        }
        try write(authority, files.authority, files.authorityKey)
        return authority
    }

    private static func makeServer(_ files: Files, _ authority: Signed) throws {
        // SAFETY: as above; the authority's objects live for the call.
        let key = unsafe tk_new_key()
        let certificate = unsafe tk_new_certificate(
            key, "localhost", serverDays, authority.certificate, authority.key)
        guard let server = unsafe Signed(certificate, key) else {
            throw TLSError(doing: "making a server certificate")
        }
        try write(server, files.server, files.serverKey)
    }

    /// Key first: a certificate without its key is remade, a key alone harms nobody.
    private static func write(_ pair: Signed, _ certificate: String, _ key: String) throws {
        // SAFETY: the pair's objects live for the calls.
        try put(key) { unsafe tk_write_pem($0, 0o600, nil, pair.key) }
        try put(certificate) { unsafe tk_write_pem($0, 0o600, pair.certificate, nil) }
    }

    /// Writes beside the file and renames, so that no reader meets half of one.
    private static func put(_ path: String, _ write: (String) -> Int32) throws {
        let temporary = "\(path).new"
        let failure = write(temporary)
        guard failure == 0 else { throw SystemError("writing \(temporary)", -failure) }
        // SAFETY: the strings live for the call.
        guard unsafe rename(temporary, path) == 0 else {
            throw SystemError("renaming \(temporary)", tk_errno())
        }
    }
}
