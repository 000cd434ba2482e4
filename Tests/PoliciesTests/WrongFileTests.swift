import Basics
import Foundation
import Policies
import Testing
import YAML

/// Every kind of mistake an operator can make, with the very lines they will read. The cases live in
/// `Fixtures/wrong.txt`: a title, files, and what is printed. `UPDATE=1` rewrites the printed lines.
@Suite("Wrong files")
struct WrongFileTests {
    struct Case {
        var title: String
        var files: [(name: String, text: String)] = []
        var printed: [String] = []
    }

    static let fixture = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Fixtures/wrong.txt")

    @Test("print exactly these lines")
    func golden() throws {
        var cases = try Self.cases()
        #expect(cases.count >= 60)
        for index in cases.indices {
            let lines = complaints(read(cases[index].files))
            if ProcessInfo.processInfo.environment["UPDATE"] == "1" {
                cases[index].printed = lines
            }
            #expect(lines == cases[index].printed, "\(cases[index].title)")
            #expect(!lines.isEmpty, "\(cases[index].title)")
            #expect(!lines.joined().contains("AIza"), "\(cases[index].title): a secret is printed")
        }
        if ProcessInfo.processInfo.environment["UPDATE"] == "1" {
            try Self.render(cases).write(to: Self.fixture, atomically: true, encoding: .utf8)
        }
    }

    /// `== title`, `-- file`, its lines, `>> printed line`.
    static func cases() throws -> [Case] {
        var cases: [Case] = []
        let text = try String(contentsOf: fixture, encoding: .utf8)
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard !cases.isEmpty || line.hasPrefix("== ") else { continue }
            if line.hasPrefix("== ") {
                cases.append(Case(title: String(line.dropFirst(3))))
            } else if line.hasPrefix("-- ") {
                cases[cases.count - 1].files.append((String(line.dropFirst(3)), ""))
            } else if line.hasPrefix(">> ") {
                cases[cases.count - 1].printed.append(String(line.dropFirst(3)))
            } else if !line.isEmpty, !cases[cases.count - 1].files.isEmpty {
                let last = cases[cases.count - 1].files.count - 1
                cases[cases.count - 1].files[last].text += line + "\n"
            }
        }
        return cases
    }

    static func render(_ cases: [Case]) -> String {
        cases.map { item in
            "== \(item.title)\n"
                + item.files.map { "-- \($0.name)\n\($0.text)" }.joined()
                + item.printed.map { ">> \($0)\n" }.joined()
        }.joined(separator: "\n")
    }
}
