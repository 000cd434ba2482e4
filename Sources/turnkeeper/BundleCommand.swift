import Basics
import CLinux
import Ledger
import Manual
import Proxy

extension Commands {
    static func bundle(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        guard let id = arguments.operands.first, arguments.operands.count == 1 else {
            throw Arguments.Mistake(
                message: "turnkeeper bundle takes the id of one session",
                hint: "turnkeeper sessions list, then turnkeeper bundle ID")
        }
        let redaction: Redaction
        switch Redaction.knowing(policies: arguments["policies"] ?? "Policies") {
        case .success(let found): redaction = found
        case .failure(let failure):
            for line in failure.lines { Output.error(line) }
            Output.error("turnkeeper: without its policies a bundle could hold their secrets")
            Output.error("Try: turnkeeper bundle \(id) --policies DIR, the --policies of serve")
            return 1
        }
        return try LedgerCommand.read(arguments) { reader throws(LedgerError) in
            guard
                let bundle = try SupportBundle(
                    id, from: reader, keepsWords: arguments.has("with-words"),
                    redaction: redaction)
            else { return try LedgerCommand.unknown(id, reader) }
            let json = bundle.json(
                version: Version.text, made: WallTime(nanoseconds: tk_wall()))
            let path = arguments["out"] ?? "turnkeeper-\(bundle.fileName).json"
            guard Output.file(path, json) else {
                Output.error("turnkeeper: \(path) cannot be written")
                return 1
            }
            if path != "-" { Output.result(path) }
            return 0
        }
    }
}

extension Output {
    /// Whether `file` could write it as things are; nothing is created.
    static func canWrite(_ path: String) -> Bool {
        if path == "-" { return true }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        // SAFETY: the C strings are valid during the calls.
        if unsafe access(path, F_OK) == 0 { return unsafe access(path, W_OK) == 0 }
        return unsafe access(folder, W_OK | X_OK) == 0
    }

    /// Creates a private file; `false` if it cannot be written. `-` is stdout.
    static func file(_ path: String, _ bytes: [UInt8]) -> Bool {
        // SAFETY: the C string is valid during the call.
        let fd = path == "-" ? 1 : unsafe tk_create(path)
        guard fd >= 0 else { return false }
        defer { if fd != 1 { tk_close(fd, 0) } }
        fchmod(fd, fd == 1 ? 0o644 : 0o600)
        var rest = bytes[...]
        while !rest.isEmpty {
            // SAFETY: the slice outlives the call, which only reads it.
            let written = unsafe rest.withUnsafeBytes {
                unsafe CLinux.write(fd, $0.baseAddress, $0.count)
            }
            if written < 0, tk_errno() == EINTR { continue }
            if written <= 0 { return false }
            rest = rest.dropFirst(written)
        }
        return true
    }
}
