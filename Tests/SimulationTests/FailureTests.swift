import Foundation
import SimulatedGemini
import Testing

/// `docs/FAILURES.md` says what becomes of each failure of the catalogue, and which test shows it.
/// It is generated from `Failing.groups`: `UPDATE=1 swift test --filter FailureTests` rewrites it.
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

    @Test("everything that the table refers to exists")
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

    /// Faults without an entry: only the wire reference mentions `in-progress-stuck`.
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
        case .drawn(let kind):
            let url = Self.root.appending(path: "Tests/Adversary/adversary/kinds.py")
            let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
            #expect(text.contains("    \"\(kind)\": "), "\(entry.number) names '\(kind)'")
        case .kept(let plan):
            #expect(exists("Tests/Adversary/kept/\(plan).json"), "\(entry.number) names \(plan)")
        case .swift(let file):
            #expect(exists("Tests/\(file)"), "\(entry.number) names \(file)")
        case .healthy:
            #expect(exists("Tests/SimulationTests/HealthyTests.swift"))
        }
    }

    @Test("entries called recovered are played, or shown over real sockets")
    func recovered() {
        for entry in Self.entries where entry.fate == .recovered {
            let isShown = entry.evidence.contains { evidence in
                switch evidence {
                case .clients, .adversary, .drawn, .kept: true
                case .played(let name):
                    Trial.all.contains { trial in
                        trial.name == name
                            && trial.faults.contains { entry.faults.contains($0.name) }
                    }
                case .story, .swift, .healthy: false
                }
            }
            #expect(isShown, "\(entry.number) is called recovered, but no test shows it")
        }
    }

    /// What the adversary cannot do, and why.
    private static let notByAdversary: [String: String] = [
        "noise-burst-wait-state": "its model does not distinguish noise from silence"
    ]

    @Test("entries called recovered are shown by the adversary as well")
    func byAdversary() {
        var excused = Set(Self.notByAdversary.keys)
        for entry in Self.entries where entry.fate == .recovered {
            let isShown = entry.evidence.contains { evidence in
                switch evidence {
                case .adversary, .drawn, .kept: true
                case .played, .story, .clients, .swift, .healthy: false
                }
            }
            let isExcused = excused.remove(entry.title) != nil
            #expect(isShown != isExcused, "\(entry.number) \(entry.title)")
        }
        #expect(excused.isEmpty, "no entry called recovered has this title")
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

            Generated by `UPDATE=1 swift test --filter FailureTests`. The numbers are those of the failure catalogue: 99 failures of
            Gemini Live that were reported or documented until November 2026. Section 12 adds 13 defects of client libraries, section 16 adds
            20 failures found since: 132 in all.

            * **prevented**: it does not happen to a client behind turnkeeper.
            * **recovered**: it happens, and the client still gets the same turns in the same order as from a healthy service.
            * **detected**: it happens, and is reported, counted or limited, but the client may notice.
            * **out of reach**: it passes through. The proxy cannot distinguish it from intended behaviour, or cannot undo it.
            * **not yet**: known, and not fixed.

            | | |
            |---|---|

            """
        for fate in Failing.Fate.allCases {
            page += "| \(fate.rawValue) | \(entries.count { $0.fate == fate }) |\n"
        }
        page += "| total | \(entries.count) |\n"
        page += """

            "Played" refers to `Tests/SimulationTests/SceneTests.swift`: a fixed conversation over every model family that
            can have the fault, with manual and automatic detection, once with a healthy service and once with the faulty one. Turns, words, sound and
            tool calls are compared, and the time from trouble to the model's next output is printed. Faults are those
            of `turnkeeper simulate` ([SIMULATOR.md](SIMULATOR.md)); rules and stalls are those of
            [session-machine.md](session-machine.md) and the metrics; stories are in `Tests/SessionsTests/Stories`.
            "Adversary" refers to the random sessions of `Tests/Adversary`, which `make test` plays over real sockets.

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
        case .drawn(let kind):
            "[adversary](../Tests/Adversary/adversary/kinds.py): \(kind)"
        case .kept(let plan): "[\(plan)](../Tests/Adversary/kept/\(plan).json)"
        case .swift(let file):
            "[\(file.split(separator: "/").last ?? "")](../Tests/\(file))"
        case .healthy: "[HealthyTests.swift](../Tests/SimulationTests/HealthyTests.swift)"
        }
    }
}
