import Foundation
import Testing

@Suite("kill -9")
struct CrashTests {
    @Test("twenty times at random moments: nothing but the newest is lost, nothing is broken")
    func kills() throws {
        // Built with the tests, and beside them.
        let products = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let program: URL? = self.program(beside: products)
        let dev = try #require(program)
        let folders = (0..<4).map { _ in NSTemporaryDirectory() + "crash-\(UUID().uuidString)" }
        defer { for folder in folders { try? FileManager.default.removeItem(atPath: folder) } }
        // Four ledgers at once, so that nobody waits a minute.
        let runs = try folders.enumerated().map { number, folder in
            let run = Process()
            run.executableURL = dev
            run.arguments = [
                "ledger-crash", "--rounds", "5", "--seed", String(number), "--folder", folder,
                // All tests run at once here: the machine gets three seconds for what takes one.
                "--grace", "3",
            ]
            run.standardOutput = Pipe()
            try run.run()
            return run
        }
        for run in runs {
            let output = (run.standardOutput as? Pipe)?.fileHandleForReading
            let text = String(decoding: output?.readDataToEndOfFile() ?? Data(), as: UTF8.self)
            run.waitUntilExit()
            #expect(run.terminationStatus == 0, "\(text)")
            #expect(text.contains("5 kills"))
        }
    }

    /// `dev`, in the directory of the test bundle or one of those above it.
    private func program(beside directory: URL) -> URL? {
        var directory = directory
        for _ in 0..<4 {
            let found = directory.appending(path: "dev")
            if FileManager.default.isExecutableFile(atPath: found.path) { return found }
            directory.deleteLastPathComponent()
        }
        return nil
    }
}
