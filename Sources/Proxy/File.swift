import CLinux
import Glibc
import Transport

/// Reads and writes small files as a whole.
public enum File {
    /// Replaces a file atomically: written under another name, then renamed. Creates a missing
    /// directory, which is this user's alone. Returns false on failure, with the reason in `errno`.
    public static func replace(_ path: String, with bytes: [UInt8], mode: UInt32) -> Bool {
        let made = path + ".new"
        var obstacle = ENOENT
        // SAFETY, to the end: strings and bytes outlive the calls that read them.
        if let slash = path.lastIndex(of: "/"),
            unsafe mkdir(String(path[..<slash]), 0o700) != 0
        {
            obstacle = errno
        }
        _ = unsafe unlink(made)
        let descriptor = unsafe Glibc.open(made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else {
            // The directory is missing because creating it failed with this error.
            if errno == ENOENT { errno = obstacle }
            return false
        }
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(
                    descriptor, $0.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { break }
            written += count
        }
        let isWhole = written == bytes.count && fsync(descriptor) == 0
        guard Glibc.close(descriptor) == 0, isWhole else { return false }
        return unsafe rename(made, path) == 0
    }

    /// Creates a directory, with those above it, as `mkdir -p` does: the umask says who may read
    /// it. Returns false on failure, with the reason in `errno`.
    public static func makeDirectory(_ path: String) -> Bool {
        // SAFETY, to the end: the paths are read during the calls.
        for slash in path.indices.dropFirst() where path[slash] == "/" {
            _ = unsafe mkdir(String(path[..<slash]), 0o777)
        }
        return unsafe mkdir(path, 0o777) == 0 || errno == EEXIST
    }

    /// Larger than any certificate chain, key or policy.
    private static let largest = 4 << 20

    /// Why a file cannot be read; nil if it can. Opening a pipe without `O_NONBLOCK` would wait for
    /// its writer, perhaps for ever.
    static func obstacle(toReading path: String) -> String? {
        // SAFETY: the path's bytes outlive the call, and the status is written during its own.
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return SystemError.text(errno) }
        defer { _ = Glibc.close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return SystemError.text(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { return "it is no file" }
        return status.st_size > largest ? "it has more than \(largest >> 20) MiB" : nil
    }

    /// At most `limit` bytes; nil if the file cannot be read. Does not block on a pipe.
    public static func read(_ path: String, limit: Int) -> [UInt8]? {
        // SAFETY: the path's bytes outlive the call.
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { _ = Glibc.close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: min(limit, 64 << 10))
        var count = 0
        while count < limit {
            if count == bytes.count {
                bytes += [UInt8](repeating: 0, count: min(count, limit - count))
            }
            let room = bytes.count - count
            // SAFETY: writes after what was read, within the array.
            let got = unsafe bytes.withUnsafeMutableBytes {
                unsafe Glibc.read(descriptor, $0.baseAddress?.advanced(by: count), room)
            }
            if got < 0, errno == EINTR { continue }
            if got < 0 { return nil }
            if got == 0 { break }
            count += got
        }
        return Array(bytes.prefix(count))
    }
}
