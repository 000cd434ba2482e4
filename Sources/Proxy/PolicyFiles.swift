import Basics
import CLinux
import Policies
import Transport

/// The files that policies name, apart from those with one secret.
extension PolicySet {
    /// Why no client could reach gemini with these files: no policy that names them is put in
    /// force.
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

    /// Credentials that are missing, or not readable by this user; like other secrets they may
    /// appear later.
    var missingCredentials: [Complaint] {
        all.compactMap { tenant in
            guard case .file(let path) = tenant.policy.upstream.credentials,
                let why = File.obstacle(toReading: path)
            else { return nil }
            return tenant.complaint("upstream.credentials", "\(path) cannot be read: \(why)")
        }
    }

    /// Why reports could not be delivered: sessions are served all the same.
    var unusableReceivers: [Complaint] {
        all.compactMap { tenant in
            let notify = tenant.policy.notify
            guard notify.url?.hasPrefix("https://") == true, let path = notify.caFile,
                let why = Self.obstacle(toTrusting: path)
            else { return nil }
            return tenant.complaint("notify.ca_file", why)
        }
    }

    private static func obstacle(toTrusting path: String) -> String? {
        if let why = File.obstacle(toReading: path) { return "\(path) cannot be read: \(why)" }
        // SAFETY: the path is read during the call. Reading a pipe would block.
        guard unsafe tk_is_file_or_missing(path) != 0 else { return "\(path) is no file" }
        do throws(TLSError) {
            _ = try ClientTLS(authorities: path)
            return nil
        } catch {
            return "\(error); it must hold certificates (PEM)"
        }
    }
}
