import CLinux
import COpenSSL

/// A certificate authority for this machine only, so that clients which insist on `wss://` can be
/// served on loopback. Created once in the data directory:
///
///     ca.pem           10 years; may sign for localhost and loopback addresses only
///     ca-key.pem       mode 0600; signs the next server certificate
///     server.pem       localhost, 127.0.0.1 and ::1; 397 days, renewed 30 days before its end
///     server-key.pem   mode 0600
public struct DevelopmentCA: Sendable {
    /// The certificate that clients must trust.
    public let authorityFile: String
    public let tls: ServerTLS

    private static let authorityDays = 3650
    /// The longest that clients accept from public authorities; some apply it to private ones.
    private static let serverDays = 397
    /// Renewed this long before its end, so that it does not expire in a proxy that runs for weeks.
    private static let spareDays: Int32 = 30

    /// Creates what is missing, expired or unreadable, and the directory. Two processes may do so
    /// at once. Throws `TLSError` or `SystemError`.
    public static func prepare(in directory: String) throws -> DevelopmentCA {
        let files = Files(directory: directory)
        // If this fails, the lock below reports why.
        _ = unsafe mkdir(directory, 0o700)
        // SAFETY: the string is valid during the call.
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

        // SAFETY, for all of this type: it owns both objects and frees them.
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

        /// nil if the files are missing, do not match, or expire too soon.
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
        // SAFETY: as above; the authority's objects are valid during the call.
        let key = unsafe tk_new_key()
        let certificate = unsafe tk_new_certificate(
            key, "localhost", serverDays, authority.certificate, authority.key)
        guard let server = unsafe Signed(certificate, key) else {
            throw TLSError(doing: "making a server certificate")
        }
        try write(server, files.server, files.serverKey)
    }

    /// Key first: a certificate without its key is renewed, a key alone does no harm.
    private static func write(_ pair: Signed, _ certificate: String, _ key: String) throws {
        // SAFETY: the pair's objects are valid during the calls.
        try put(key) { unsafe tk_write_pem($0, 0o600, nil, pair.key) }
        try put(certificate) { unsafe tk_write_pem($0, 0o600, pair.certificate, nil) }
    }

    /// Writes to a temporary file and renames it, so that no reader sees half of one.
    private static func put(_ path: String, _ write: (String) -> Int32) throws {
        let temporary = "\(path).new"
        let failure = write(temporary)
        guard failure == 0 else { throw SystemError("writing \(temporary)", -failure) }
        // SAFETY: the strings are valid during the call.
        guard unsafe rename(temporary, path) == 0 else {
            throw SystemError("renaming \(temporary)", tk_errno())
        }
    }
}
