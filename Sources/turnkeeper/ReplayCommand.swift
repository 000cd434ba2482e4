import Basics
import CLinux
import Manual
import Policies
import Proxy
import Recording
import YAML

extension Commands {
    /// Runs a recorded session through the machine; with policies, also what they would have done.
    static func replay(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        guard let path = arguments.operands.first, arguments.operands.count == 1 else {
            throw Arguments.Mistake(
                message: "turnkeeper replay takes one recording",
                hint: "turnkeeper replay .turnkeeper/recordings/ID.jsonl")
        }
        // SAFETY: the path is read during the call. A device has no end, and a pipe may not begin.
        guard unsafe tk_is_file_or_missing(path) != 0 else {
            Output.error("turnkeeper: \(path) is no regular file, so it is no recording")
            return 1
        }
        guard let bytes = Input.file(path, limit: 2 << 30) else {
            Output.error("turnkeeper: \(path) cannot be read")
            Output.error("Try: ls DATA/recordings, the --data of serve")
            return 1
        }
        let recording: Recording
        do throws(Recording.Unreadable) {
            recording = try Recording.read(bytes, documents: Rehearsed.policies)
        } catch {
            for (line, message) in error.complaints {
                Output.error("\(path):\(line): error: \(message)")
            }
            return 1
        }
        let again = Replay.run(
            recording, policy: recording.policy, profiles: recording.profiles, clock: .recorded,
            narrator: Rehearsed.narrator(recording.policy))
        var comparison: Comparison?
        if let directory = arguments["policies"] {
            guard
                let other = try policies(directory, arguments["tenant"] ?? recording.header.tenant)
            else { return 2 }
            comparison = Rehearsed.compare(recording, other)
        }
        if arguments.has("json") {
            let document = ReplayJSON.document(again, recording, comparison)
            Output.result(String(decoding: document, as: UTF8.self))
        } else {
            show(again, recording, comparison)
        }
        return again.difference == nil ? 0 : 1
    }

    /// A tenant's policy in a directory, with its profiles; nil if the files are wrong.
    private static func policies(
        _ directory: String, _ tenant: String
    ) throws(Arguments.Mistake) -> (policy: Policy, profiles: Profiles)? {
        switch PolicyDirectory.load(directory) {
        case .failure(let complaints):
            for complaint in complaints.list { Output.error(complaint.description) }
            return nil
        case .success(let set):
            guard let found = set.tenant(named: tenant) else {
                throw Arguments.Mistake(
                    message: "there is no tenant \"\(tenant)\" in \(directory)",
                    hint: "turnkeeper replay FILE --policies \(directory) --tenant NAME")
            }
            return (found.policy, set.profiles)
        }
    }

    private static func show(_ again: Replay, _ recording: Recording, _ comparison: Comparison?) {
        let header = recording.header
        Output.result(
            "session \(header.session), tenant \(header.tenant), \(recording.model), began "
                + "\(header.began), recorded by turnkeeper \(header.version)\n")
        var lines = comparison == nil ? ReplayText.timeline(again) + [""] : []
        lines += ReplayText.verdict(again, recording, version: Version.text)
        if let comparison { lines += [""] + ReplayText.comparison(comparison) }
        for line in lines { Output.result(line) }
    }
}

/// Inputs of a replay from outside the recording.
private enum Rehearsed {
    static func policies(
        _ policy: String, _ models: String
    ) -> Result<PolicySet, Complaints> {
        do throws(Complaints) {
            var files: [PolicyFile] = []
            for (name, text) in [("default.yaml", policy), ("models.yaml", models)] {
                let tree = try TreeReader.read(Array(text.utf8), file: name)
                files.append(PolicyFile(path: name, content: .success(tree)))
            }
            return .success(try PolicyReader.read(files))
        } catch {
            return .failure(error)
        }
    }

    static func narrator(_ policy: Policy) -> Replay.Narrator {
        { fact, payload in
            FactDescription.describe(fact, payload: payload, transcripts: policy.log.transcripts)
                .map {
                    ($0.what, $0.lane.rawValue, $0.text)
                }
        }
    }

    /// Both with their own deadlines, so that a late timer makes no difference.
    static func compare(
        _ recording: Recording, _ other: (policy: Policy, profiles: Profiles)
    ) -> Comparison {
        let own = (policy: recording.policy, profiles: recording.profiles)
        func run(
            _ side: (policy: Policy, profiles: Profiles), against baseline: Replay?
        ) -> Replay {
            Replay.run(
                recording, policy: side.policy, profiles: side.profiles, clock: .deadlines,
                against: baseline, narrator: narrator(recording.policy))
        }
        let was = run(own, against: nil)
        return Comparison(
            was, own, run(other, against: was), other, model: recording.model)
    }
}

/// The program's input.
private enum Input {
    /// A whole file; nil if it cannot be read, or is larger.
    static func file(_ path: String, limit: Int) -> [UInt8]? {
        // SAFETY: the path and the array outlive the calls, which write within it.
        let descriptor = unsafe tk_open(path)
        guard descriptor >= 0 else { return nil }
        defer { tk_close(descriptor, 0) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        while bytes.count < limit {
            let count = unsafe piece.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, tk_errno() == EINTR { continue }
            if count < 0 { return nil }
            if count == 0 { return bytes }
            bytes += piece.prefix(count)
        }
        return nil
    }
}
