import Basics
import CLinux
import Manual
import Policies
import Proxy
import Transport
import YAML

extension Commands {
    static func quickstart(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        let directory = arguments["policies"] ?? "Policies"
        // Before anything is asked: where the default answers would go.
        let isOpen = try arguments.word("clients") == "anyone" || arguments["key"] == "client"
        let usual = isOpen ? "default.yaml" : "app.yaml"
        guard isFree(directory + "/" + usual) else { return 1 }
        guard let key = try FirstAnswers.key(arguments),
            let clients = try FirstAnswers.clients(arguments, key)
        else {
            Output.mistake(
                "there was no answer to a question",
                hint: "turnkeeper quickstart --key env:\(Environment.keyName) --clients key")
            return 2
        }
        let mine = ClientKey.make()
        let policy = StarterPolicy(
            key: key, clients: clients == "key" ? .holders(digest: mine.digest) : .anyone)
        let path = directory + "/" + policy.fileName
        guard isFree(path) else { return 1 }
        // They contain no secret, and the server may run as another user.
        umask(Machine.umaskOfUser)
        guard File.makeDirectory(directory),
            File.replace(path, with: Array(policy.text.utf8), mode: 0o644)
        else {
            Output.error(
                "turnkeeper: \(path) cannot be written: \(SystemError.text(tk_errno())); use a directory that "
                    + "this user may write: --policies DIR")
            return 1
        }
        // SAFETY: here and below, the strings live for the calls; the environment is only read.
        _ = unsafe chmod(path, 0o644)
        let shown = policy.clients == .anyone ? nil : mine.key
        for line in nextSteps(policy, in: directory, path, shown) { Output.result(line) }
        return 0
    }

    /// Whether a policy may be written there; says so if not.
    private static func isFree(_ path: String) -> Bool {
        guard Machine.has(path) else { return true }
        Output.error(
            "turnkeeper: \(path) exists and is not replaced; edit it, or use another directory: "
                + "--policies DIR")
        return false
    }

    private static func nextSteps(
        _ policy: StarterPolicy, in directory: String, _ path: String, _ key: String?
    ) -> [String] {
        var lines = ["\(path) is written."]
        if let key { lines.append("Clients use this key, which is not stored: \(key)") }
        lines += ["", "Next:"]
        switch policy.key {
        case .secret(.environment(let name)) where unsafe getenv(name) == nil:
            lines.append("  export \(name)=...")
        case .simulator: lines.append("  turnkeeper simulate    # in another terminal")
        default: break
        }
        lines.append(
            "  turnkeeper serve" + (directory == "Policies" ? "" : " --policies \(directory)"))
        if case .success(let set) = PolicyDirectory.load(directory),
            let wider = set.passesWrongKeysOn
        {
            lines += ["", "\(wider.message)."]
        }
        return lines
    }
}

/// The two questions; nil if there is nobody to answer.
private enum FirstAnswers {
    static func key(_ arguments: Arguments) throws(Arguments.Mistake) -> StarterPolicy.Key? {
        if let given = arguments["key"] {
            guard let key = key(given) else {
                throw Arguments.Mistake(
                    message:
                        "--key takes env:NAME, file:PATH, client or simulator, not \"\(given)\"",
                    hint: "turnkeeper quickstart --key env:\(Environment.keyName)")
            }
            return key
        }
        let question = """
            Which API key does gemini see?
              1  the proxy's, from the environment variable \(Environment.keyName) (default)
              2  each client's own; then everyone may use it who has one
              3  none: turnkeeper simulate answers
              or env:NAME, file:PATH
            """
        let words = ["1": "env:\(Environment.keyName)", "2": "client", "3": "simulator"]
        return ask(question) { key(words[$0] ?? $0) }
    }

    /// A client shows one key, so it cannot show us another where gemini sees its own.
    static func clients(
        _ arguments: Arguments, _ key: StarterPolicy.Key
    ) throws(Arguments.Mistake) -> String? {
        if let given = try arguments.word("clients") {
            guard key != .clients || given == "anyone" else {
                throw Arguments.Mistake(
                    message:
                        "a client shows one key, and gemini sees it if --key is client, so that "
                        + "there is none to know holders by",
                    hint: "turnkeeper quickstart --key client --clients anyone")
            }
            return given
        }
        guard key != .clients else { return "anyone" }
        let question = """
            Who may use it?
              1  holders of a key, which is generated now (default)
              2  everyone who reaches the port
            """
        // Enter alone must not give a key of ours to everybody.
        let words = ["1": "key", "2": "anyone"]
        return ask(question) { words[$0] ?? (words.values.contains($0) ? $0 : nil) }
    }

    /// The server may be started in another directory, so a file's path is made absolute.
    private static func key(_ word: String) -> StarterPolicy.Key? {
        switch StarterPolicy.Key(word) {
        case .secret(.file(let path)): .secret(.file(Machine.absolute(path)))
        case let key: key
        }
    }

    /// Asks until the answer is valid; an empty one means 1.
    private static func ask<Answer>(
        _ question: String, _ read: (String) -> Answer?
    ) -> Answer? {
        Output.result(question)
        for _ in 0..<10 {
            guard let line = readLine() else { return nil }
            let word = line.filter { !$0.isWhitespace }
            if let answer = read(word.isEmpty ? "1" : word) { return answer }
            Output.result("Please answer with one of these.")
        }
        return nil
    }
}
