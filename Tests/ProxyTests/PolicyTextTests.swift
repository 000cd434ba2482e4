import Basics
import Policies
import Testing
import YAML

@testable import Proxy

@Suite("What nodes and ledgers say about policies")
struct PolicyTextTests {
    private func read(_ models: String) throws -> PolicySet {
        var files: [PolicyFile] = []
        for (name, text) in [
            ("default.yaml", "limits: { sessions: 3 }\n"), ("models.yaml", models),
        ]
        where !text.isEmpty {
            let tree = try TreeReader.read(Array(text.utf8), file: name)
            files.append(PolicyFile(path: name, content: .success(tree)))
        }
        return try PolicyReader.read(files)
    }

    private let changed = "families:\n  gemini-3.1: { hard: 19s }\n"
    private let added = "families:\n  ours: { like: gemini-3.1, models: [\"ours-*\"] }\n"

    @Test("equal policies have equal digests, and families of models are policies")
    func digests() throws {
        let none = try read("").digest
        #expect(try read("").digest == none && none.count == 12)
        #expect(try read(changed).digest != none)
        #expect(try read(added).digest != none)
        #expect(try read(changed.replacing("19s", with: "18s")).digest != read(changed).digest)
    }

    @Test("the ledger has what a file says about families, and no more of them")
    func texts() throws {
        #expect(try read("").text(for: "default").contains("limits.sessions: 3  # default.yaml:1"))
        #expect(try read("").changedFamilies.isEmpty)
        let changed = try read(changed).changedFamilies
        #expect(changed.contains("families.gemini-3.1.hard: 19s  # models.yaml:2"))
        let lines = changed.split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("families.") && $0.contains(".models: ") } == 1)
        // A new one with all of its values: what it is like is another's.
        let added = try read(added).changedFamilies
        #expect(added.contains("families.ours.models: "))
        #expect(added.contains("families.ours.hard: "))
        #expect(!added.contains("families.gemini"))
    }
}
