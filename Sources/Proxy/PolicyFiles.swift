import Basics
import CLinux
import Policies
import Transport

/// The files that policies name besides those with one secret.
extension PolicySet {
    /// Why gemini could not be reached with them, whoever asked: no policy is put in force with them.
    var unusableFiles: [Complaint] {
        all.flatMap { tenant -> [Complaint?] in
            let upstream = tenant.policy.upstream
            var found: [Complaint?] = []
            if let path = upstream.caFile, let why = Self.obstacle(toTrusting: path) {
                found.append(tenant.complaint("upstream.ca_file", why))
            }
            if case .file(let path) = upstream.credentials, File.obstacle(toReading: path) == nil,
                let why = ServiceAccount.obstacle(toUsing: path)
            {
                found.append(tenant.complaint("upstream.credentials", why))
            }
            return found
        }.compactMap { $0 }
    }

    /// Credentials that are not there, or not for this user; like other secrets they may come later.
    var missingCredentials: [Complaint] {
        all.compactMap { tenant in
            guard case .file(let path) = tenant.policy.upstream.credentials,
                let why = File.obstacle(toReading: path)
            else { return nil }
            return tenant.complaint("upstream.credentials", "\(path) cannot be read: \(why)")
        }
    }

    private static func obstacle(toTrusting path: String) -> String? {
        if let why = File.obstacle(toReading: path) { return "\(path) cannot be read: \(why)" }
        // SAFETY: the path is read during the call. Whoever reads a pipe would wait.
        guard unsafe tk_is_file_or_missing(path) != 0 else { return "\(path) is no file" }
        do throws(TLSError) {
            _ = try ClientTLS(authorities: path)
            return nil
        } catch {
            return "\(error); it must hold certificates (PEM)"
        }
    }
}
