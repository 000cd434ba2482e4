import CLinux
import Glibc
import YAML

/// A number that changes when a policy directory changes, or a file that policies name: computed
/// from names, sizes and times, including the time of the last change of owner or permissions.
/// Polled once a second: simple, and correct on every file system, including mounted config maps.
enum Fingerprint {
    static func of(files: some Sequence<String>) -> [String: UInt64] {
        var found: [String: UInt64] = [:]
        for file in files { found[file] = of(file: file, named: file) }
        return found
    }

    static func of(directory path: String) -> UInt64 {
        // SAFETY: the stream belongs to this call, is read to its end and closed; entries are
        // copied before the next one is requested.
        guard let stream = unsafe opendir(path) else { return 0 }
        defer { unsafe _ = closedir(stream) }
        var sum: UInt64 = 1
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard PolicyDirectory.kind(of: name) != .other else { continue }
            // A sum, because the order of directory entries does not matter.
            sum &+= of(file: "\(path)/\(name)", named: name)
        }
        return sum
    }

    /// 0 if there is nothing to watch.
    static func of(certificates tls: ServerOptions.TLS) -> UInt64 {
        guard case .files(let certificate, let key) = tls else { return 0 }
        return of(file: certificate, named: "certificate") &+ of(file: key, named: "key")
    }

    private static func of(file path: String, named name: String) -> UInt64 {
        var status = stat()
        // A link that leads nowhere is an entry that cannot be read.
        // SAFETY: reads the path and writes the local variable, both during the call.
        guard unsafe stat(path, &status) == 0 || lstat(path, &status) == 0 else { return 0 }
        return mix(
            name,
            [
                UInt64(bitPattern: Int64(status.st_size)), UInt64(status.st_ino),
                UInt64(bitPattern: Int64(status.st_mtim.tv_sec)),
                UInt64(bitPattern: Int64(status.st_mtim.tv_nsec)),
                UInt64(bitPattern: Int64(status.st_ctim.tv_sec)),
                UInt64(bitPattern: Int64(status.st_ctim.tv_nsec)),
            ])
    }

    /// FNV-1a.
    private static func mix(_ name: String, _ numbers: [UInt64]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        for number in numbers { hash = (hash ^ number) &* 0x100_0000_01B3 }
        return hash
    }
}
