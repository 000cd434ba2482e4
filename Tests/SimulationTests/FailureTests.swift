import Foundation
import SimulatedGemini
import Testing

/// `docs/FAILURES.md` says of every failure of the catalogue what becomes of it, and which test
/// shows that. It is made of `Failing.groups`; `UPDATE=1 swift test --filter FailureTests` rewrites
/// it.
@Suite struct FailureTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let entries = Failing.groups.flatMap(\.entries)

    @Test("every entry of the catalogue is there, once, in order")
    func entries() {
        let counts = [14, 10, 6, 10, 15, 10, 10, 9, 5, 5, 5]
        let expected = counts.enumerated().flatMap { group, count in
            (1...count).map { "\(group + 1).\($0)" }
        }
        #expect(expected.count == 99)
        let clients = [String](repeating: "12", count: 13)
        let since = (1...20).map { "16.\($0)" }
        #expect(Self.entries.map(\.number) == expected + clients + since)
        #expect(Set(Self.entries.map(\.title)).count == 132)
    }

    @Test("what the table names exists")
    func names() {
        let faults = Set(Scenario.faultCatalogue.map(\.name))
        for entry in Self.entries {
            for fault in entry.faults {
                #expect(faults.contains(fault), "\(entry.number) names the fault \(fault)")
            }
            for evidence in entry.evidence { check(evidence, of: entry) }
            let isPassive = entry.fate == .outOfReach || entry.fate == .notYet
            #expect(isPassive || !entry.evidence.isEmpty, "\(entry.number)")
        }
        let named = Set(Self.entries.flatMap(\.faults))
        #expect(faults.subtracting(named) == Self.unlisted, "faults no entry names")
    }

    /// Faults of no entry: `in-progress-stuck` is told of in the wire reference only.
    private static let unlisted: Set<String> = ["in-progress-stuck"]

    private func check(_ evidence: Failing.Evidence, of entry: Failing) {
        func exists(_ path: String) -> Bool {
            FileManager.default.fileExists(atPath: Self.root.appending(path: path).path)
        }
        switch evidence {
        case .played(let name):
            #expect(
                Trial.all.contains { $0.name == name }, "\(entry.number) names the play \(name)")
        case .story(let name):
            let path = "Tests/SessionsTests/Stories/\(name).story"
            #expect(exists(path), "\(entry.number) names the story \(name)")
        case .clients(let file, let test):
            let url = Self.root.appending(path: "Tests/Clients/\(file)")
            let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
            #expect(text.contains("def \(test)("), "\(entry.number) names \(test) of \(file)")
        case .adversary(let file, let test):
            let url = Self.root.appending(path: "Tests/Adversary/\(file).py")
            let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
            #expect(text.contains("def \(test)("), "\(entry.number) names \(test) of \(file)")
        case .swift(let file):
            #expect(exists("Tests/\(file)"), "\(entry.number) names \(file)")
        case .healthy:
            #expect(exists("Tests/SimulationTests/HealthyTests.swift"))
        }
    }

    @Test("what is called recovered is played, or shown over real sockets")
    func recovered() {
        for entry in Self.entries where entry.fate == .recovered {
            let isShown = entry.evidence.contains { evidence in
                switch evidence {
                case .clients, .adversary: true
                case .played(let name):
                    Trial.all.contains { trial in
                        trial.name == name
                            && trial.faults.contains { entry.faults.contains($0.name) }
                    }
                case .story, .swift, .healthy: false
                }
            }
            #expect(isShown, "\(entry.number) is called recovered, and nobody shows it")
        }
    }

    @Test("the document says what the table says")
    func document() throws {
        let url = Self.root.appending(path: "docs/FAILURES.md")
        if ProcessInfo.processInfo.environment["UPDATE"] == "1" {
            try Self.page.write(to: url, atomically: true, encoding: .utf8)
        }
        let written = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
        #expect(written == Self.page, "UPDATE=1 swift test --filter FailureTests rewrites it")
    }

    // MARK: The page

    private static var page: String {
        var page = """
            # Known failures, and what becomes of them

            Made by `UPDATE=1 swift test --filter FailureTests`. The numbers are those of the failure catalogue, ninety-nine
            failures of Gemini Live that were reported or documented until November 2026; what clients' libraries do
            wrong stands after them, and what was met since at the end.

            * **prevented**: it does not happen to a client behind turnkeeper.
            * **recovered**: it happens, and the client gets the same turns in the same order as from a healthy service.
            * **detected**: it happens, and is told, counted or bounded, but the client may notice.
            * **out of reach**: it passes through. Nothing here could tell it from what is meant, or undo it.
            * **not yet**: it is known, and not mended.

            | | |
            |---|---|

            """
        for fate in Failing.Fate.allCases {
            page += "| \(fate.rawValue) | \(entries.count { $0.fate == fate }) |\n"
        }
        page += """

            "Played" is `Tests/SimulationTests/SceneTests.swift`: one fixed conversation, over every family of models that
            can have the fault, in manual and in automatic detection, over a healthy service and over the sick one; turns, words, sound and tool
            calls are compared, and the time from trouble seen to the model's next output is printed. Faults are those
            of `turnkeeper simulate` ([SIMULATOR.md](SIMULATOR.md)), rules and stalls those of
            [session-machine.md](session-machine.md) and the metrics; stories are in `Tests/SessionsTests/Stories`.

            """
        for group in Failing.groups {
            page += "\n## \(group.title)\n\n"
            page +=
                "| | failure | fate | fault | what is done | shown by |\n|---|---|---|---|---|---|\n"
            for entry in group.entries { page += row(entry) }
        }
        return page
    }

    private static func row(_ entry: Failing) -> String {
        let faults = entry.faults.map { "`\($0)`" }.joined(separator: ", ")
        let named =
            entry.rules.map { "rule `\($0.rawValue)`" }
            + entry.stalls.map { "stall `\($0.rawValue)`" }
        let suffix = named.isEmpty ? "" : " (\(named.joined(separator: ", ")))"
        let tests = entry.evidence.map { words(for: $0) }.joined(separator: ", ")
        return "| \(entry.number) | \(entry.title) | \(entry.fate.rawValue) | \(faults) | "
            + "\(entry.what)\(suffix) | \(tests) |\n"
    }

    private static func words(for evidence: Failing.Evidence) -> String {
        switch evidence {
        case .played(let name): "played: \(name)"
        case .story(let name): "story [\(name)](../Tests/SessionsTests/Stories/\(name).story)"
        case .clients(let file, let test): "[\(test)](../Tests/Clients/\(file))"
        case .adversary(let file, let test): "[\(test)](../Tests/Adversary/\(file).py)"
        case .swift(let file):
            "[\(file.split(separator: "/").last ?? "")](../Tests/\(file))"
        case .healthy: "[HealthyTests.swift](../Tests/SimulationTests/HealthyTests.swift)"
        }
    }
}
