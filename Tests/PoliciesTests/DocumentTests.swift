import Basics
import Foundation
import Testing
import YAML

@testable import Policies

/// The shipped files say what the code says, byte for byte. `UPDATE=1` rewrites them.
@Suite("The shipped policy files")
struct DocumentTests {
    static let policies = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Policies")

    private func compare(_ name: String, _ expected: String) throws {
        let file = Self.policies.appending(path: name)
        if ProcessInfo.processInfo.environment["UPDATE"] == "1" {
            try expected.write(to: file, atomically: true, encoding: .utf8)
        }
        let shipped = try String(contentsOf: file, encoding: .utf8)
        #expect(shipped == expected, "run UPDATE=1 swift test --filter DocumentTests")
    }

    @Test("default.yaml contains every key with its built-in default")
    func defaultFile() throws {
        try compare("default.yaml", Documents.defaultPolicy)
        #expect(try readDefault(Documents.defaultPolicy) == Policy())
    }

    @Test("models.yaml contains the built-in profiles, key by key")
    func modelsFile() throws {
        try compare("models.yaml", Documents.models)
        let set = try read([("models.yaml", Documents.models)]).get()
        #expect(set.profiles.families.map(\.value) == Profile.builtIn.map(\.profile))
        #expect(Profile.builtIn.first?.profile.family == "default")
    }

    @Test("every profile of models.yaml comes from the file, none from the code behind it")
    func modelsFileIsComplete() throws {
        let set = try read([("models.yaml", Documents.models)]).get()
        for family in set.profiles.families {
            for (setting, origin) in zip(Profile.schema.settings, family.origins)
            where setting.show(family.value) != nil && setting.path != "prices" {
                #expect(origin != .builtIn, "\(family.value.family) \(setting.path)")
            }
        }
    }

    @Test("README.md explains every key, with the code's defaults")
    func readme() throws {
        let file = Self.policies.appending(path: "README.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        var expected = replacing("policy keys", in: text, with: Documents.policyKeys)
        expected = replacing("model keys", in: expected, with: Documents.profileKeys)
        try compare("README.md", expected)
        for setting in Policy.schema.settings {
            #expect(expected.contains("| `\(setting.path)` |"))
        }
        for setting in Profile.schema.settings {
            #expect(expected.contains("| `\(setting.path)` |"))
        }
    }

    private func replacing(_ name: String, in text: String, with table: String) -> String {
        let begin = "<!-- \(name), rendered -->\n"
        let end = "<!-- end of \(name) -->"
        guard let start = text.range(of: begin), let stop = text.range(of: end) else { return "" }
        return text.replacingCharacters(
            in: start.upperBound..<stop.lowerBound, with: "\n\(table)\n")
    }

    @Test("every example in the reference is legal", arguments: Policy.schema.settings.map(\.path))
    func examples(path: String) throws {
        let setting = try #require(Policy.schema.settings.first { $0.path == path })
        let isOwn = ["tenant", "inherits", "match.keys"].contains(path)
        let text =
            setting.example + (isOwn && path != "match.keys" ? "\nmatch: { keys: [env:K] }" : "")
        let result = read([(isOwn ? "acme.yaml" : "default.yaml", text)])
        #expect(complaints(result) == [])
        let tenant = try #require(try result.get().tenants.first ?? result.get().defaultTenant)
        #expect(Policy.schema.origin(of: path, in: tenant.sourced) != .builtIn)
    }

    @Test(
        "every example of a family's key is legal", arguments: Profile.schema.settings.map(\.path))
    func profileExamples(path: String) throws {
        let setting = try #require(Profile.schema.settings.first { $0.path == path })
        let models = path == "models" ? "" : "models: [\"new*\"], "
        let more = path == "soft" ? ", hard: 20s" : ""
        let result = read([
            ("models.yaml", "families: { new: { \(models)\(setting.example)\(more) } }")
        ])
        #expect(complaints(result) == [])
    }

    @Test("every value is shown so that it reads back the same")
    func valuesReadBack() throws {
        for setting in Policy.schema.settings where !setting.isCommentedOut {
            let shown = try #require(setting.show(Policy()))
            var policy = Policy()
            var found: [Complaint] = []
            let value = try tree("v: \(shown)").get()["v"]?.value
            let read = setting.read(try #require(value), &policy, &found)
            #expect(read && found.isEmpty && policy == Policy(), "\(setting.path): \(shown)")
        }
    }
}
