import Policies

/// A generated key for clients.
public enum ClientKey {
    /// The key, and its SHA-256 in the form for policies.
    public static func make() -> (key: String, digest: String) {
        let key = "tk_" + Identifier.secret()
        guard let digest = Digest.sha256(Array(key.utf8)) else { preconditionFailure("32 bytes") }
        return (key, digest.hex)
    }
}
