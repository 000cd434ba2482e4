import Foundation
import Testing

/// Prometheus' own checker, from the Debian package `prometheus`, which `make unit` installs.
enum Promtool {
    /// What it says, when it finds fault.
    static func complaint(_ arguments: [String], input: Data? = nil) throws -> String? {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["promtool"] + arguments
        // Files rather than pipes, which hold only so much.
        let output = folder.appending(path: "output")
        try (input ?? Data()).write(to: folder.appending(path: "input"))
        try Data().write(to: output)
        process.standardInput = try FileHandle(forReadingFrom: folder.appending(path: "input"))
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = process.standardOutput
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus != 0 else { return nil }
        return String(decoding: try Data(contentsOf: output), as: UTF8.self)
    }
}
