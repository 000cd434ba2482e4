import Foundation
import Testing

/// Every file in `Stories/` is a transcript that must come out as it stands there;
/// `UPDATE=1 swift test --filter StoryTests` rewrites them.
struct StoryTests {
    static let directory = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().appendingPathComponent("Stories")

    static let names: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? [])
        .filter { $0.hasSuffix(".story") }.sorted()

    @Test("a session matches its story", arguments: names)
    func play(name: String) throws {
        let url = Self.directory.appendingPathComponent(name)
        let written = try String(contentsOf: url, encoding: .utf8)
        let played = try Story.play(written)
        if ProcessInfo.processInfo.environment["UPDATE"] == "1" {
            try played.write(to: url, atomically: true, encoding: .utf8)
        } else {
            #expect(played == written, "\(name): UPDATE=1 rewrites it; read the difference first")
        }
    }

    @Test("there are stories")
    func exist() { #expect(Self.names.count >= 20) }
}
