import Foundation
import Testing

/// The history is read by whoever looks for the reason of a line: a subject is a short sentence.
@Suite struct HistoryTests {
    /// What is wrong with a commit's subject; nil if nothing is.
    private static func fault(in subject: String) -> String? {
        let words = subject.split(separator: " ")
        if subject.count > 72 { return "it has \(subject.count) characters, more than 72" }
        if words.count < 2 { return "it is no sentence" }
        let first = words[0].lowercased().filter { $0.isLetter || $0 == "!" }
        let unfinished = ["wip", "tmp", "temp", "fixup!", "squash!", "amend!", "x", "xx", "xxx"]
        return unfinished.contains(first) ? "it is no description of a change" : nil
    }

    @Test("a subject is a sentence of at most 72 characters")
    func subjects() {
        let good = [
            "The gate opens after ten seconds", "Merge: nodes that catch up",
            String(repeating: "a ", count: 36),
        ]
        let bad = [
            "", "x", "wip", "WIP", "wip: the gate", "fix", "fixup! The gate opens", "tmp commit",
            String(repeating: "a ", count: 36) + "b",
        ]
        #expect(good.allSatisfy { Self.fault(in: $0) == nil })
        for subject in bad { #expect(Self.fault(in: subject) != nil, "\(subject)") }
    }

    @Test(
        "so is that of the newest commit",
        .enabled(if: Repository.exists(".git"), "an archive has no history"))
    func newest() throws {
        let git = Process()
        git.executableURL = URL(filePath: "/usr/bin/env")
        git.arguments = ["git", "-C", Repository.root.path, "log", "-1", "--format=%s"]
        let output = Pipe()
        (git.standardOutput, git.standardError) = (output, Pipe())
        try git.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        git.waitUntilExit()
        // Another user's checkout is not read by git, and a clone may be empty.
        guard git.terminationStatus == 0 else { return }
        let subject = String(decoding: text, as: UTF8.self).trimmingCharacters(in: .newlines)
        // A merge that a forge made to test a change is named after two commits.
        if subject.contains(/^Merge [0-9a-f]{40} into [0-9a-f]{40}$/) { return }
        #expect(Self.fault(in: subject) == nil, "\(subject)")
    }
}
