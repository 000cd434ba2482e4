import Basics
import CLinux
import Policies
import Synchronization

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

    func forget() { files.withLock { $0 = [:] } }
}

extension Complaint {
    /// One that no document is to blame for.
    static func here(_ message: String) -> Complaint {
        Complaint(Place(file: "turnkeeper", line: 0, column: 0), message)
    }
}

/// Whole files, small ones.
enum File {
    static func read(_ path: String, limit: Int) -> [UInt8]? {
        // SAFETY: the path's bytes outlive the call.
        let descriptor = unsafe CLinux.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { _ = CLinux.close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limit)
        var count = 0
        while count < limit {
            // SAFETY: writes behind what was read, within the array.
            let got = unsafe bytes.withUnsafeMutableBytes {
                unsafe CLinux.read(descriptor, $0.baseAddress.map { $0 + count }, limit - count)
            }
            if got < 0, tk_errno() == EINTR { continue }
            if got < 0 { return nil }
            if got == 0 { break }
            count += got
        }
        return Array(bytes.prefix(count))
    }
}
