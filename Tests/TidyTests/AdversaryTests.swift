import Foundation
import Testing

/// The adversary is a second opinion only as long as it stands alone: it may start the program, and
/// shares no code, table or file with it or with the other tests.
@Suite struct AdversaryTests {
    private static let folder = "Tests/Adversary"
    private static let files = Repository.files(in: folder, endingIn: ".py")

    /// The modules that it imports, as they are written there.
    private static func imports(of file: File) -> [String] {
        var names: [String] = []
        for line in file.lines {
            if let found = line.firstMatch(of: /^\s*from\s+([.\w]+)\s+import/) {
                names.append(String(found.output.1))
            } else if let found = line.firstMatch(of: /^\s*import\s+(.+)/) {
                for name in found.output.1.split(separator: ",") {
                    names += name.split(separator: " ").prefix(1).map(String.init)
                }
            }
        }
        return names
    }

    @Test("there is an adversary, and it imports something")
    func exists() {
        #expect(Self.files.count > 10)
        #expect(Self.files.contains { Self.imports(of: $0).contains("asyncio") })
    }

    @Test("the adversary imports no module of the other tests")
    func others() {
        let others = Repository.files(in: "Tests", endingIn: ".py")
            .filter { !$0.path.hasPrefix(Self.folder + "/") }
        #expect(others.count > 10)
        // By name, since what is in a path when it runs is not written in a file. Both have a
        // `conftest`, which nobody imports by name.
        let own = Set(Self.files.flatMap { Self.modules(of: $0, below: Self.folder) })
        let names = Set(others.flatMap { Self.modules(of: $0, below: "Tests") }).subtracting(own)
        #expect(names.contains("strict_gemini") && names.contains("Clients"))
        for file in Self.files {
            for name in Self.imports(of: file) where !name.hasPrefix(".") {
                let first = String(name.prefix { $0 != "." })
                #expect(!names.contains(first), "\(file.path) imports \(name)")
            }
        }
    }

    /// The names under which a file can be imported: its own, and those of its folders.
    private static func modules(of file: File, below folder: String) -> [String] {
        file.path.dropFirst(folder.count + 1).dropLast(3).split(separator: "/").map(String.init)
    }

    @Test("it leaves its folder in no import, search path or file name")
    func paths() {
        for file in Self.files {
            let depth = file.path.split(separator: "/").count - 3
            for name in Self.imports(of: file) where name.hasPrefix(".") {
                #expect(name.prefix { $0 == "." }.count <= depth + 1, "\(file.path): \(name)")
            }
            let found = file.places(of: /Sources\/|Tests\/(?!Adversary)|Policies\/|Clients\b.*\.py/)
            #expect(found.isEmpty)
            #expect(file.places(of: /sys\.path|PYTHONPATH|importlib|__import__|\bexec\(/).isEmpty)
            // From the rest of the repository it takes the program.
            let outside = file.places(of: /\bROOT \/|parents\[/)
            #expect(
                outside.allSatisfy {
                    $0.contains(".build/release/turnkeeper") || $0.contains("ROOT =")
                }
            )
        }
    }
}
