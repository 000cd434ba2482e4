import Basics
import CLinux
import COpenSSL
public import Ledger
import Policies
import Synchronization
import YAML

/// Reads secrets where policies say they are. Values are never logged, and never kept by policies.
final class Secrets: Sendable {
    /// Files are read once and again after a reload, not per session.
    private let files = Mutex<[String: String]>([:])

    func value(of secret: Secret) -> Result<String, Complaint> {
        switch secret {
        case .environment(let name):
            // SAFETY: the C string belongs to the environment, which nothing here changes; it is
            // copied at once.
            guard let value = unsafe getenv(name) else {
                return .failure(.here("the environment has no \(name)"))
            }
            return .success(unsafe String(cString: value))
        case .file(let path):
            if let known = files.withLock({ $0[path] }) { return .success(known) }
            if let complaint = KeyFiles.complaint(path) { return .failure(complaint) }
            guard let bytes = File.read(path, limit: 64 << 10) else {
                return .failure(.here("\(path) cannot be read"))
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let value = String(text.prefix { !$0.isNewline })
            files.withLock { $0[path] = value }
            return .success(value)
        case .sha256:
            return .failure(.here("a digest stands for no value"))
        }
    }

    /// nil where the reference leads nowhere.
    func text(of secret: Secret) -> String? {
        switch value(of: secret) {
        case .success(let text): text
        case .failure: nil
        }
    }

    /// The SHA-256 of what a reference holds, by which clients' keys are found.
    func digest(of secret: Secret) -> Digest? {
        switch value(of: secret) {
        case .success(let text): Digest.sha256(Array(text.utf8))
        case .failure: nil
        }
    }

    func forget() { files.withLock { $0 = [:] } }
}

extension PolicySet {
    /// Every secret that a policy refers to.
    var secrets: [Secret] {
        (tenants + (stranger.map { [$0] } ?? [])).flatMap { tenant in
            tenant.policy.match.keys + (tenant.policy.upstream.key.map { [$0] } ?? [])
        }
    }
}

extension Redaction {
    /// One that knows the secrets of the policies in a directory.
    public static func knowing(policies directory: String) -> Result<Redaction, StartFailure> {
        switch PolicyDirectory.loadIfPresent(directory) {
        case .failure(let complaints):
            return .failure(StartFailure(complaints.list.map(\.description)))
        case .success(let policies):
            let secrets = Secrets()
            return .success(
                Redaction(secrets: policies.secrets.compactMap { secrets.text(of: $0) }))
        }
    }
}

extension Complaint {
    /// One that no document is to blame for.
    static func here(_ message: String) -> Complaint {
        Complaint(Place(file: "turnkeeper", line: 0, column: 0), message)
    }
}

extension Digest {
    static func sha256(_ bytes: [UInt8]) -> Digest? {
        var digest = [UInt8](repeating: 0, count: 32)
        // SAFETY: reads `bytes` and writes 32 bytes, both during the call.
        unsafe _ = SHA256(bytes, bytes.count, &digest)
        return Digest(bytes: digest)
    }
}
