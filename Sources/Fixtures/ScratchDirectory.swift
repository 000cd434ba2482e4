import CLinux
import Glibc

/// A directory that exists while it is referenced. Holds plain files, and a server's recordings.
public final class ScratchDirectory: Sendable {
    public let path: String

    public init() throws {
        // SAFETY: the environment does not change in this program; the value is copied at once.
        let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/turnkeeper-XXXXXX".utf8CString)
        // SAFETY: writes the name into the array, within its length.
        let isMade = unsafe template.withUnsafeMutableBufferPointer {
            guard let start = $0.baseAddress else { return false }
            return unsafe mkdtemp(start) != nil
        }
        guard isMade else {
            throw ProxyFixture.Failure(
                description: "making a directory in \(parent): error \(errno)")
        }
        path = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Writes a whole file, replacing an existing one.
    public func write(_ name: String, _ text: String) throws {
        let file = unsafe creat("\(path)/\(name).new", 0o600)
        guard file >= 0 else {
            throw ProxyFixture.Failure(description: "writing \(path)/\(name): error \(errno)")
        }
        defer { _ = Glibc.close(file) }
        let bytes = Array(text.utf8)
        // SAFETY: the array outlives the call, which reads it.
        let count = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.write(file, $0.baseAddress, $0.count)
        }
        // Renamed, so that no reader sees half of it.
        guard count == bytes.count,
            unsafe rename("\(path)/\(name).new", "\(path)/\(name)") == 0
        else { throw ProxyFixture.Failure(description: "writing \(path)/\(name): error \(errno)") }
    }

    deinit {
        Self.remove(path + "/recordings")
        Self.remove(path)
    }

    private static func remove(_ path: String) {
        // SAFETY: the stream belongs to this call; entries are copied before the next is requested.
        if let stream = unsafe opendir(path) {
            while let entry = unsafe readdir(stream) {
                let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { unsafe unlink("\(path)/\(name)") }
            }
            unsafe closedir(stream)
        }
        _ = unsafe rmdir(path)
    }
}
