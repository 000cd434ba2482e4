import Basics
import CLinux
import Glibc
import Policies
import Recording
import Sessions

/// The recordings in progress. Belongs to `RecordingWriter`'s thread.
struct RecordingFiles {
    private struct File {
        var descriptor: Int32
        var redraft: Redraft
        /// Bytes that are not written yet.
        var pending: [UInt8] = []
        var size = 0
        var lost = 0
        /// The policy no longer records the session.
        var isOver = false
    }

    let directory: String
    let log: Log
    private let isShared: Bool
    private var files: [String: File] = [:]
    private var isInTrouble = false

    /// A session of two hours without audio has a tenth of this.
    private static let largest = 512 << 20
    /// Written early, so that a busy batch does not use much memory.
    private static let large = 1 << 20

    /// - Parameter isShared: Other nodes may continue the conversations recorded here.
    init(directory: String, log: Log, isShared: Bool = false) {
        self.directory = directory
        self.isShared = isShared
        self.log = log
    }

    mutating func append(_ item: RecordingWriter.Item, _ scrubber: Scrubber) {
        switch item {
        case .begin(let session, let policy, let profiles, let began):
            guard let descriptor = open(session) else { return }
            files[session] = File(descriptor: descriptor, redraft: Self.redraft(policy))
            var header = Header(
                version: Version.text, session: session, began: began, policy: policy,
                profiles: profiles)
            header.replacesHandles = true
            header.isShared = isShared
            add(header.line, to: session, scrubber)
        case .step(let session, let at, let event, let payload, let actions):
            guard files[session]?.isOver == false, let redraft = files[session]?.redraft else {
                return
            }
            let step = Step(at: at, event: event, payload: payload, deeds: actions.map(\.words))
            add(step.line(redraft), to: session, scrubber)
            if case .policyChanged(let shared) = event {
                let policy = shared.value
                files[session]?.redraft.keepsWords = policy.log.transcripts
                files[session]?.redraft.keepsArguments = policy.log.toolArguments
                files[session]?.redraft.keepsAudio = policy.log.record == .audio
                files[session]?.isOver = policy.log.record == .off
            }
        case .end(let session):
            guard let file = files[session] else { return }
            let why = file.isOver ? "log.record" : "session"
            add(Array(#"{"end":"\#(why)"}"#.utf8), to: session, Scrubber())
            write(session)
            if let file = files.removeValue(forKey: session) { _ = Glibc.close(file.descriptor) }
        }
    }

    /// Lines that did not fit.
    mutating func lose(_ session: String, _ count: Int) { files[session]?.lost += count }

    mutating func flush() { for session in Array(files.keys) { write(session) } }

    mutating func closeAll() {
        flush()
        for file in files.values { _ = Glibc.close(file.descriptor) }
        files = [:]
    }

    private static func redraft(_ policy: Policy) -> Redraft {
        var random = SystemRandomNumberGenerator()
        return Redraft(
            keepsWords: policy.log.transcripts, keepsArguments: policy.log.toolArguments,
            keepsAudio: policy.log.record == .audio, salt: random.next())
    }

    private mutating func open(_ session: String) -> Int32? {
        // SAFETY: the path is read during the call.
        let descriptor = unsafe Glibc.open(
            "\(directory)/\(session).jsonl", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        // On a full disk a file can be made, and not be written.
        if descriptor < 0 { setWorking(false) }
        return descriptor >= 0 ? descriptor : nil
    }

    private mutating func add(_ line: [UInt8], to session: String, _ scrubber: Scrubber) {
        guard var file = files.removeValue(forKey: session) else { return }
        if file.size + line.count > Self.largest {
            file.lost += 1
        } else {
            if file.lost > 0 {
                file.pending += #"{"lost":\#(file.lost)}"#.utf8
                file.pending.append(UInt8(ascii: "\n"))
                file.lost = 0
            }
            var line = line
            Credentials.blank(&line, scrubber)
            file.pending += line
            file.pending.append(UInt8(ascii: "\n"))
            file.size += line.count + 1
        }
        let isLarge = file.pending.count > Self.large
        files[session] = file
        if isLarge { write(session) }
    }

    /// After a failed write, truncates the file to whole lines.
    private mutating func write(_ session: String) {
        guard var file = files.removeValue(forKey: session) else { return }
        if file.lost > 0, file.pending.isEmpty, file.size < Self.largest {
            file.pending += Array(#"{"lost":\#(file.lost)}"#.utf8) + [UInt8(ascii: "\n")]
            file.lost = 0
        }
        if !file.pending.isEmpty {
            let before = lseek(file.descriptor, 0, SEEK_END)
            if Self.write(file.descriptor, file.pending) {
                setWorking(true)
            } else {
                if before >= 0 { _ = ftruncate(file.descriptor, before) }
                file.lost += file.pending.count { $0 == UInt8(ascii: "\n") }
                setWorking(false)
            }
            file.pending = []
        }
        files[session] = file
    }

    private static func write(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
        var written = 0
        while written < bytes.count {
            // SAFETY: the array outlives the call, which reads from within it.
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(
                    descriptor, $0.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return false }
            written += count
        }
        return true
    }

    /// Reported once when it begins, and once when it is over.
    private mutating func setWorking(_ isGood: Bool) {
        guard isGood == isInTrouble else { return }
        isInTrouble = !isGood
        if isGood { return log.write(.info, "recordings are written again") }
        log.write(.error, "recordings cannot be written", [("directory", .string(directory))])
    }

    /// Deletes recordings that were last written before `moment`.
    static func forget(in directory: String, before moment: WallTime) {
        // SAFETY: the stream is this call's own; a name is copied before the next is requested, and
        // the paths are read during the calls.
        guard let stream = unsafe opendir(directory) else { return }
        defer { _ = unsafe closedir(stream) }
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasSuffix(".jsonl") else { continue }
            var status = stat()
            guard unsafe lstat("\(directory)/\(name)", &status) == 0,
                Int64(status.st_mtim.tv_sec) < moment.nanoseconds / 1_000_000_000
            else { continue }
            _ = unsafe unlink("\(directory)/\(name)")
        }
    }
}
