public import Basics
import Glibc
public import Policies

/// A directory of policy files on disk.
public enum PolicyDirectory {
    /// Reads every `*.yaml` in `path`. A missing directory is an error, because it was requested.
    public static func load(_ path: String) -> Result<PolicySet, Complaints> {
        read(path, absentIsEmpty: false)
    }

    /// The same for a default directory: if it is missing, the built-in defaults serve everyone.
    public static func loadIfPresent(_ path: String) -> Result<PolicySet, Complaints> {
        read(path, absentIsEmpty: true)
    }

    /// What a file in the directory is, by its name.
    public enum Kind {
        case policy
        /// Its author meant a policy, so it is not passed over in silence.
        case misnamed
        case other
    }

    public static func kind(of name: String) -> Kind {
        // Hidden names are left over from editors or belong to mounted config maps.
        if name.hasPrefix(".") { return .other }
        if name.hasSuffix(".yaml") { return .policy }
        let ending = name.suffix(5).lowercased()
        return ending == ".yaml" || ending.hasSuffix(".yml") ? .misnamed : .other
    }

    static func exists(_ path: String) -> Bool {
        // SAFETY: the path lives for the call.
        unsafe access(path, F_OK) == 0 || errno != ENOENT
    }

    private static func read(_ path: String, absentIsEmpty: Bool) -> Result<PolicySet, Complaints> {
        let names: [String]
        switch fileNames(in: path) {
        case .success(let found): names = found
        case .failure(let failure) where absentIsEmpty && failure.code == ENOENT:
            return .success(.builtIn)
        case .failure(let failure):
            let cure =
                failure.code == ENOENT
                ? "make it, or use another: --policies DIR"
                : "use a directory that this user may read: --policies DIR"
            // It is not about a line of a file, so it has no position.
            let place = Place(file: path, line: 0, column: 0)
            return .failure(
                Complaints([
                    Complaint(
                        place,
                        "turnkeeper: policy directory \(path) cannot be read: \(failure.words); \(cure)"
                    )
                ]))
        }
        var files: [PolicyFile] = []
        for name in names.sorted() {
            let file = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
            switch kind(of: name) {
            case .policy:
                files.append(PolicyFile(path: file, content: TreeReader.read(file: file)))
            case .misnamed:
                let place = Place(file: file, line: 1, column: 1)
                let complaint = Complaint(place, "policy files end in .yaml; rename this one")
                files.append(PolicyFile(path: file, content: .failure(Complaints([complaint]))))
            case .other: break
            }
        }
        do throws(Complaints) {
            return .success(try PolicyReader.read(files))
        } catch {
            return .failure(error)
        }
    }
}

extension TreeReader {
    /// The document in a regular file of at most `maxBytes`.
    public static func read(file: String) -> Result<Tree, Complaints> {
        switch contents(of: file, limit: TreeReader.maxBytes + 1) {
        case .success(let bytes):
            do throws(Complaints) {
                return .success(try TreeReader.read(bytes, file: file))
            } catch {
                return .failure(error)
            }
        case .failure(let failure):
            let place = Place(file: file, line: 1, column: 1)
            return .failure(Complaints([Complaint(place, "cannot read: \(failure.words)")]))
        }
    }
}

/// A system error number.
struct SystemFailure: Error {
    var code: Int32

    /// The system's message.
    var words: String {
        // SAFETY: glibc returns a constant, or a thread-local buffer that is valid until the next
        // call; it is copied at once.
        guard let words = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: words)
    }
}

private func fileNames(in path: String) -> Result<[String], SystemFailure> {
    // SAFETY: `directory` is closed before this function returns and never leaves it; an entry is
    // read before the next `readdir` may overwrite it. `errno` is the thread's own.
    guard let directory = unsafe opendir(path) else { return .failure(SystemFailure(code: errno)) }
    defer { _ = unsafe closedir(directory) }
    var names: [String] = []
    while true {
        errno = 0
        guard let entry = unsafe readdir(directory) else {
            return errno == 0 ? .success(names) : .failure(SystemFailure(code: errno))
        }
        let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        names.append(name)
    }
}

/// At most `limit` bytes of a regular file; never blocks, as a named pipe would.
private func contents(of path: String, limit: Int) -> Result<[UInt8], SystemFailure> {
    // SAFETY: the path lives through the call.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return .failure(SystemFailure(code: errno)) }
    defer { close(descriptor) }
    var status = stat()
    // SAFETY: `status` belongs to this frame and is filled by the call.
    guard unsafe fstat(descriptor, &status) == 0 else {
        return .failure(SystemFailure(code: errno))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
        return .failure(SystemFailure(code: status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL))
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while bytes.count < limit {
        // SAFETY: the chunk belongs to this frame, and its length is passed along.
        let count = unsafe chunk.withUnsafeMutableBytes {
            unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
        }
        if count == 0 { break }
        if count < 0 {
            if errno == EINTR { continue }
            return .failure(SystemFailure(code: errno))
        }
        bytes += chunk.prefix(count)
    }
    return .success(bytes)
}
