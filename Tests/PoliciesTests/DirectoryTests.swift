import Foundation
import Policies
import Testing
import YAML

/// Policies on disk, in one directory per test.
@Suite("A directory of policies")
struct DirectoryTests {
    private func inDirectory(
        _ files: [String: String], _ body: (String) throws -> Void
    ) throws {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "policies-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (name, text) in files {
            try Data(text.utf8).write(to: directory.appending(path: name))
        }
        try body(directory.path(percentEncoded: false))
    }

    @Test("every .yaml file counts; hidden files, READMEs and other files do not")
    func files() throws {
        try inDirectory([
            "default.yaml": "turns: { dead_air: 2s }", "acme.yaml": "match: { keys: [env:A] }",
            ".acme.yaml.swp": "garbage: [", ".hidden.yaml": "garbage: [", "README.md": "# no",
        ]) { path in
            let set = try PolicyDirectory.load(path).get()
            #expect(set.tenants.map(\.policy.tenant) == ["acme"])
            #expect(set.defaultTenant?.policy.turns.deadAir == .seconds(2))
            #expect(Check.run(path).exitCode == 0)
            #expect(
                Check.run(path).lines == ["2 policies ok: default, acme", "7 model families ok"])
        }
    }

    @Test("errors name the file by its path; check prints them all and exits with 2")
    func complaintsNamePaths() throws {
        try inDirectory([
            "b.yaml": "turns: [", "a.yaml": "match: { keys: [env:A] }\nturn: 1", "c.yml": "",
        ]) { path in
            let (lines, exitCode) = Check.run(path)
            #expect(exitCode == 2)
            #expect(
                lines == [
                    "\(path)/a.yaml:2:1: error: unknown key \"turn\"; did you mean \"turns\"?",
                    "\(path)/b.yaml:2:1: error: while parsing a flow node: did not find expected "
                        + "node content",
                    "\(path)/c.yml:1:1: error: policy files end in .yaml; rename this one",
                ])
        }
    }

    @Test("a given directory must exist; the default one need not")
    func absent() throws {
        let path = "/nonexistent/policies"
        #expect(
            Check.run(path).lines == [
                "turnkeeper: policy directory \(path) cannot be read: No such file or directory; make "
                    + "it, or use another: --policies DIR"
            ])
        #expect(Check.run(path).exitCode == 2)
        #expect(try PolicyDirectory.loadIfPresent(path).get() == .builtIn)
        let unmade = Check.run(path, isDefault: true)
        #expect(
            unmade.exitCode == 0 && unmade.lines[0].hasPrefix("there is no directory \(path): "))
        #expect(Check.run(path, isDefault: true, isStrict: true).exitCode == 2)
        #expect(Check.run("/dev/null", isDefault: true).exitCode == 2)
    }

    @Test("an empty directory serves everyone; one with only tenants reports that it does not")
    func everyone() throws {
        try inDirectory([:]) { path in
            let set = try PolicyDirectory.load(path).get()
            #expect(set == .builtIn)
            #expect(
                Check.run(path).lines == ["1 policy ok: default", "7 model families ok"])
        }
        try inDirectory(["acme.yaml": "match: { keys: [env:A] }"]) { path in
            #expect(
                Check.run(path).lines.last
                    == "no default.yaml: a client without a tenant's key is refused: a WebSocket is "
                    + "closed with 1007, REST gets 401")
        }
    }

    @Test(
        "links are followed, as mounted config maps need; pipes, directories and dead links refused"
    )
    func oddFiles() throws {
        try inDirectory(["real": "match: { keys: [env:A] }"]) { path in
            let manager = FileManager.default
            try manager.createSymbolicLink(
                atPath: "\(path)/linked.yaml", withDestinationPath: "real")
            let set = try PolicyDirectory.load(path).get()
            #expect(set.tenants.count == 1)
            try manager.createSymbolicLink(atPath: "\(path)/dead.yaml", withDestinationPath: "gone")
            try manager.createDirectory(
                atPath: "\(path)/folder.yaml", withIntermediateDirectories: false)
            #expect(mkfifo("\(path)/pipe.yaml", 0o600) == 0)
            #expect(
                complaints(PolicyDirectory.load(path)) == [
                    "\(path)/dead.yaml:1:1: error: cannot read: No such file or directory",
                    "\(path)/folder.yaml:1:1: error: cannot read: Is a directory",
                    "\(path)/pipe.yaml:1:1: error: cannot read: Invalid argument",
                ])
        }
    }

    @Test("a failed reload reports errors and leaves the policies in force unchanged")
    func reload() throws {
        try inDirectory(["default.yaml": "turns: { dead_air: 2s }"]) { path in
            var inForce = try PolicyDirectory.load(path).get()
            let before = inForce
            try Data("turns: { dead_air: 2 }".utf8)
                .write(to: URL(filePath: path).appending(path: "default.yaml"))
            if case .success(let set) = PolicyDirectory.load(path) { inForce = set }
            #expect(inForce == before)
            try Data("turns: { dead_air: 3s }".utf8)
                .write(to: URL(filePath: path).appending(path: "default.yaml"))
            if case .success(let set) = PolicyDirectory.load(path) { inForce = set }
            #expect(inForce.defaultTenant?.policy.turns.deadAir == .seconds(3))
        }
    }

    @Test("the policies in this repository are the built-in ones")
    func shipped() throws {
        let path = DocumentTests.policies.path(percentEncoded: false)
        let set = try PolicyDirectory.load(path).get()
        #expect(set.defaultTenant?.policy == PolicySet.builtIn.defaultTenant?.policy)
        #expect(
            set.profiles.families.map(\.value) == Profiles.builtIn.families.map(\.value))
    }
}
