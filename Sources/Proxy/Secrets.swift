import Basics
import CLinux
import COpenSSL
import Policies
import Synchronization

/// Reads the secrets that policies refer to. Values are never logged, and never stored in policies.
final class Secrets: Sendable {
    /// Files are read once, and again after a reload, not for each session.
    private let files = Mutex<[String: String]>([:])

    func value(of secret: Secret) -> Result<String, Complaint> {
        switch secret {
        case .environment(let name):
            // SAFETY: the C string belongs to the environment, which is not changed here; it is
            // copied at once.
            guard let value = unsafe getenv(name) else {
                return .failure(
                    .here("environment variable \(name) is not set: export it first"))
            }
            return Self.credential(
                unsafe String(cString: value), from: "environment variable \(name)")
        case .file(let path):
            if let known = files.withLock({ $0[path] }) { return .success(known) }
            if let complaint = KeyFiles.complaint(path) { return .failure(complaint) }
            guard let bytes = File.read(path, limit: 64 << 10) else {
                let why = File.obstacle(toReading: path) ?? "it is no file"
                return .failure(.here("\(path) cannot be read: \(why)"))
            }
            let value = Self.credential(String(decoding: bytes, as: UTF8.self), from: path)
            if case .success(let text) = value { files.withLock { $0[path] = text } }
            return value
        case .sha256:
            return .failure(.here("a digest has no value"))
        }
    }

    /// Removes white space added by editors and shells. Rejects a value that no header can carry:
    /// it would be omitted, and gemini dialed without a credential. Also rejects a value that was
    /// pasted with something around it, which gemini would call an invalid key.
    private static func credential(
        _ text: String, from place: String
    ) -> Result<String, Complaint> {
        let text = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
        var line = text.drop { $0.isWhitespace }
        while line.last?.isWhitespace == true { line.removeLast() }
        guard !line.isEmpty else { return .failure(.here("\(place) is empty")) }
        guard !line.contains(where: \.isNewline) else {
            return .failure(.here("\(place) has more than one line: a credential is one"))
        }
        for quote in ["\"", "'"] where line.hasPrefix(quote) || line.hasSuffix(quote) {
            return .failure(.here("\(place) is in quotes, which are no part of a credential"))
        }
        let isPrintable = line.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard isPrintable else {
            return .failure(
                .here("\(place) contains a character that no credential has"))
        }
        return .success(String(line))
    }

    /// nil if the reference cannot be resolved.
    func text(of secret: Secret) -> String? {
        switch value(of: secret) {
        case .success(let text): text
        case .failure: nil
        }
    }

    /// Why the reference cannot be resolved; nil if it can.
    func complaint(of secret: Secret) -> String? {
        switch value(of: secret) {
        case .success: nil
        case .failure(let complaint): complaint.message
        }
    }

    /// The SHA-256 of the referenced value, by which clients' keys are found.
    func digest(of secret: Secret) -> Digest? {
        switch value(of: secret) {
        case .success(let text): Digest.sha256(Array(text.utf8))
        case .failure: nil
        }
    }

    func forget() { files.withLock { $0 = [:] } }
}

extension Complaint {
    /// A complaint without a document.
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

    /// Does not reveal how much of a guess was right: the digests are compared byte by byte.
    static func areEqual(_ a: String, _ b: String) -> Bool {
        guard let one = sha256(Array(a.utf8)), let other = sha256(Array(b.utf8)) else {
            return false
        }
        return one == other
    }
}
