import Basics
import CLinux
import Glibc
public import Policies

/// Who else may access the files that hold keys.
public enum KeyFiles {
    /// Why a file is not used: anyone who can write it decides whose key is spent.
    static func complaint(_ path: String) -> Complaint? {
        guard exposure(path).isWritable else { return nil }
        return .here("\(path) can be written by group or others: chmod go-w")
    }

    /// Whether others may write a file, and whether everybody may read it.
    static func exposure(_ path: String) -> (isWritable: Bool, isReadable: Bool) {
        var status = stat()
        // SAFETY: reads the path and writes the local variable, both during the call.
        guard unsafe stat(path, &status) == 0 else { return (false, false) }
        return (status.st_mode & 0o022 != 0, status.st_mode & 0o004 != 0)
    }

    /// Files that everybody on the machine can read. Kubernetes mounts secrets this way, so they
    /// are used anyway.
    public static func readable(_ set: PolicySet) -> [String] {
        readable(set.secretFiles)
    }

    /// The same for the program's own files: the key of `--tls`, and the admin port's token.
    static func readable(_ options: ServerOptions) -> [String] {
        var files: [String] = []
        if case .files(_, let key) = options.tls { files.append(key) }
        if options.admin != nil, let token = options.adminToken { files.append(token) }
        return readable(files)
    }

    private static func readable(_ files: [String]) -> [String] {
        files.filter { exposure($0).isReadable }.map {
            "\($0) can be read by everybody on this machine: chmod o-r"
        }
    }
}
