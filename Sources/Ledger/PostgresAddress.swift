import CLinux

/// Where a PostgreSQL is, and where its password is. Contains no password itself, so it may be
/// shown.
public struct PostgresAddress: Equatable, Sendable, CustomStringConvertible {
    /// `postgres://user@host:port/database?...`, or `service=NAME`.
    public let text: String
    /// A file whose first line is the password; read again for every connection.
    public let passwordFile: String?
    /// Whether every server that libpq may contact through it is on this machine.
    public let isLocal: Bool
    private let choosesTLS: Bool
    /// An entry of `pg_service.conf` has the rest.
    let usesService: Bool

    public var description: String {
        // A reader of logs does not need the parameters.
        String(text.prefix { $0 != "?" })
    }

    /// Whether `text` means PostgreSQL at all.
    public static func isMeant(by text: String) -> Bool {
        ["postgres://", "postgresql://", "service="].contains { text.hasPrefix($0) }
    }

    /// - Parameter environment: Where libpq looks for what the address omits (`PGHOST`).
    /// - Throws: What is wrong with it, in a sentence.
    public init(
        _ text: String, passwordFile: String? = nil,
        environment: (String) -> String? = Self.variable
    ) throws(LedgerError) {
        self.text = text
        self.passwordFile = passwordFile
        // In any spelling and place where libpq would find it.
        guard !Self.unescaped(text).lowercased().contains("password=") else {
            throw Self.showsPassword
        }
        if text.hasPrefix("service=") {
            guard text.count > 8, !text.contains(where: \.isWhitespace) else {
                throw LedgerError("--ledger", "service=NAME takes one name of pg_service.conf")
            }
            (isLocal, choosesTLS, usesService) = (false, false, true)
            return
        }
        guard let scheme = ["postgres://", "postgresql://"].first(where: { text.hasPrefix($0) })
        else {
            throw LedgerError("--ledger", "takes postgres://user@host/database or service=NAME")
        }
        let parts = text.dropFirst(scheme.count).split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let authority = parts[0].prefix { $0 != "/" }
        let parameters = (parts.count > 1 ? parts[1] : "").split(separator: "&")
        let user = authority.lastIndex(of: "@").map { authority[..<$0] } ?? ""
        guard !user.contains(":") else { throw Self.showsPassword }
        guard !text.contains(where: \.isWhitespace) else {
            throw LedgerError("--ledger", "an address contains no space")
        }
        var named: [String: String] = [:]
        let server = authority.dropFirst(user.isEmpty ? 0 : user.count + 1)
        if !server.isEmpty { named["host"] = String(server) }
        for parameter in parameters {
            let pair = parameter.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { continue }
            named[Self.unescaped(String(pair[0]))] = Self.unescaped(String(pair[1]))
        }
        usesService = (named["service"] ?? environment("PGSERVICE")) != nil
        choosesTLS = named["sslmode"] != nil
        let hosts = [
            named["host"] ?? environment("PGHOST"), named["hostaddr"] ?? environment("PGHOSTADDR"),
        ]
        isLocal =
            !usesService
            && hosts.allSatisfy { $0?.split(separator: ",").allSatisfy(Self.isLocal) ?? true }
    }

    /// A variable of this process; nil if it is empty.
    public static func variable(_ name: String) -> String? {
        // SAFETY: both texts are read during the calls.
        let value = unsafe getenv(name).map { unsafe String(cString: $0) }
        return value?.isEmpty == true ? nil : value
    }

    private static var showsPassword: LedgerError {
        LedgerError(
            "--ledger",
            "a password here can be read by everybody on this machine; use "
                + "--ledger-password-file, or PGPASSFILE")
    }

    /// `%70` is a `p`; invalid escapes stay.
    private static func unescaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Substring(text)
        while let first = rest.popFirst() {
            if first == "%", rest.count >= 2, let byte = UInt8(rest.prefix(2), radix: 16) {
                bytes.append(byte)
                rest = rest.dropFirst(2)
            } else {
                bytes += Array(String(first).utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A host, perhaps with a port, of a URL: a socket's directory, or loopback.
    private static func isLocal(_ host: Substring) -> Bool {
        if host.hasPrefix("/") || host.lowercased().hasPrefix("%2f") { return true }
        let name =
            host.hasPrefix("[")
            ? host.dropFirst().prefix { $0 != "]" }
            : host.filter({ $0 == ":" }).count > 1 ? host : host.prefix { $0 != ":" }
        var address = tk_address()
        // SAFETY: the text is read, and the local variable written, during the call.
        guard unsafe tk_parse_address(String(name), &address) == 1 else {
            return name.isEmpty || name.lowercased() == "localhost"
        }
        return address.is_ipv6 == 0
            ? address.low >> 24 == 127 : address.high == 0 && address.low == 1
    }

    /// Parameters of a connection in libpq's words. Those before `dbname` are replaced by those in
    /// the address. Off this machine the server must prove its name with its certificate; in a
    /// service file, the file decides.
    func parameters(password: String?) -> [(name: String, value: String)] {
        var found = [
            ("connect_timeout", "5"), ("keepalives_idle", "10"), ("keepalives_interval", "5"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "15000"),
            ("fallback_application_name", "turnkeeper"),
        ]
        if !isLocal, !choosesTLS, !usesService {
            found.append(("sslmode", "verify-full"))
            found.append(("sslrootcert", Self.publicRoots))
        }
        found.append(("dbname", text))
        found.append(("client_encoding", "UTF8"))
        if let password { found.append(("password", password)) }
        return found
    }

    /// The public roots, where Debian keeps them; an address may name others (`sslrootcert`).
    static let publicRoots = "/etc/ssl/certs/ca-certificates.crt"
}
