import Foundation
import Testing

@Suite struct DocumentTests {
    static let pages = Repository.files(endingIn: ".md")

    @Test("links between pages resolve")
    func links() {
        for page in Self.pages {
            let folder = (page.path as NSString).deletingLastPathComponent
            for match in page.text.matches(of: /\]\(([^)\s]+)\)/) {
                let target = String(match.output.1)
                guard !target.contains("://"), !target.hasPrefix("mailto:") else { continue }
                let parts = target.split(
                    separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                let path =
                    parts[0].isEmpty
                    ? page.path
                    : ((folder as NSString).appendingPathComponent(String(parts[0])) as NSString)
                        .standardizingPath
                #expect(Repository.exists(path), "\(page.path): \(target)")
                if parts.count == 2, path.hasSuffix(".md"), let linked = try? Repository.file(path)
                {
                    #expect(linked.anchors.contains(String(parts[1])), "\(page.path): \(target)")
                }
            }
        }
    }

    @Test("ARCHITECTURE.md has every target of the manifest, in its order, and says which are pure")
    func targets() throws {
        let page = try Repository.file("docs/ARCHITECTURE.md")
        let rows = page.lines.compactMap { $0.firstMatch(of: /^\| ((?:`\w+`(?:, )?)+) \|/) }
        let listed = rows.flatMap { row in
            row.output.1.matches(of: /`(\w+)`/).map { String($0.output.1) }
        }
        #expect(listed == Repository.targets)
        let pure = Repository.pureTargets
        let ends = try #require(page.text.firstMatch(of: /`(\w+)` to `(\w+)` are \*pure\*/))
        #expect(String(ends.output.1) == pure.first && String(ends.output.2) == pure.last)
        let first = try #require(listed.firstIndex(of: String(ends.output.1)))
        #expect(Array(listed[first...].prefix(pure.count)) == pure)
    }

    @Test("every `make` command named on a page exists")
    func commands() throws {
        let makefile = try Repository.file("Makefile")
        let targets = Set(
            makefile.text.matches(of: /(?:^|\n)([a-z][a-z0-9-]*):/).map { String($0.output.1) })
        for page in Self.pages {
            for line in page.codeLines {
                for match in line.matches(of: /(?:^|[`\s(])make ([a-z][a-z-]*)/) {
                    let target = String(match.output.1)
                    #expect(targets.contains(target), "\(page.path): make \(target)")
                }
            }
        }
    }

    @Test("every repository path named on a page exists")
    func paths() {
        let pattern = /`((?:Sources|Tests|docs|Policies|Fuzz|Examples|Benchmarks)\/[\w.\/-]+)`/
        for page in Self.pages {
            for match in page.text.matches(of: pattern) {
                let path = String(match.output.1)
                // What only a pattern or a run can name is not there to be found.
                guard !path.contains("NNNN"), !path.contains("/.") else { continue }
                #expect(Repository.exists(path), "\(page.path): \(path)")
            }
        }
    }

    /// A test in Swift by its suite, in Python by its file or its function, an attack or a fuzzer by its
    /// name.
    @Test("every test that the threat model names exists")
    func evidence() throws {
        let tests = Repository.files(in: "Tests").filter {
            $0.path != "Tests/TidyTests/DocumentTests.swift"
        }
        let targets = Set(tests.compactMap { $0.path.split(separator: "/").dropFirst().first })
        let suites = Set(
            tests.flatMap { $0.text.matches(of: /(?:struct|class|enum) (\w+)/).map { $0.output.1 } }
        )
        let functions = Set(
            tests.flatMap { $0.text.matches(of: /\ndef (\w+)\(/).map { $0.output.1 } })
        let files = Set(tests.compactMap { $0.path.split(separator: "/").last })
        let commands = try Repository.file("Makefile").text
        var named = 0
        for line in try Repository.file("docs/SECURITY.md").lines where line.hasPrefix("| ") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3, cells[2] != "shown by", !cells[2].hasPrefix("---") else {
                continue
            }
            for match in cells[2].matches(of: /`([^`]+)`/) {
                let name = match.output.1
                named += 1
                let exists =
                    name.hasPrefix("make ")
                    ? commands.contains("\n\(name.dropFirst(5)):")
                    : suites.contains(name) || targets.contains(name) || functions.contains(name)
                        || files.contains(name) || Repository.exists("Fuzz/\(name)")
                #expect(exists, "no test is called \(name)")
            }
            let isShown = cells[2].contains(/`|\]\(|every attack/)
            #expect(isShown, "nothing shows: \(cells[0])")
        }
        #expect(named > 60)
    }

    @Test("every decision has its number, its title and its status")
    func decisions() {
        var numbers: Set<Int> = []
        for page in Repository.files(in: "docs/decisions", endingIn: ".md") {
            let name = (page.path as NSString).lastPathComponent
            guard let match = name.firstMatch(of: /^(\d{4})-[a-z0-9-]+\.md$/),
                let number = Int(match.output.1)
            else {
                Issue.record("\(name) is not named NNNN-what-was-decided.md")
                continue
            }
            #expect(numbers.insert(number).inserted, "two decisions have the number \(number)")
            let hasTitle = page.text.hasPrefix("# \(number). ")
            let hasStatus = page.text.contains(/\nStatus: \w/)
            #expect(hasTitle && hasStatus, "\(name)")
        }
        #expect(!numbers.isEmpty)
    }

    @Test("the main pages exist")
    func firstPages() {
        for page in [
            "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/ARCHITECTURE.md", "docs/STYLE.md",
            "LICENSE", "SECURITY.md",
        ] {
            #expect(Repository.exists(page), "\(page)")
        }
    }

    @Test("the version is that of the changelog's newest section, or the next one")
    func version() throws {
        let source = try Repository.file("Sources/Proxy/Version.swift").text
        let version = try #require(source.firstMatch(of: /text = "([^"]+)"/)?.output.1)
        #expect(version.contains(/^\d+\.\d+\.\d+(-dev)?$/))
        let changelog = try Repository.file("CHANGELOG.md").text
        let newest = try #require(changelog.firstMatch(of: /\n## (\S+)/)?.output.1)
        #expect(version.hasSuffix("-dev") ? newest == "Unreleased" : newest == "[\(version)]")
    }
}

extension File {
    /// What GitHub makes of the headings, for links into a page.
    var anchors: Set<String> {
        Set(
            lines.filter { $0.hasPrefix("#") }.map { line in
                String(
                    line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces).lowercased()
                        .filter {
                            $0.isLetter || $0.isNumber || $0 == "-" || $0 == " " || $0 == "_"
                        }
                        .map { $0 == " " ? "-" : $0 })
            })
    }

    /// Lines inside fences, and the inline code of the others.
    var codeLines: [String] {
        var isFenced = false
        var found: [String] = []
        for line in lines {
            if line.hasPrefix("```") {
                isFenced.toggle()
            } else if isFenced {
                found.append(String(line))
            } else {
                found += line.matches(of: /`([^`]+)`/).map { String($0.output.1) }
            }
        }
        return found
    }
}
