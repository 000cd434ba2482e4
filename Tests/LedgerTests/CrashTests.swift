import Foundation
import Testing

@Suite("kill -9")
struct CrashTests {
    @Test("twenty times at random moments: nothing but the newest is lost, nothing is broken")
    func kills() throws {
        let dev = try #require(program)
        let folders = (0..<4).map { _ in NSTemporaryDirectory() + "crash-\(UUID().uuidString)" }
        defer { for folder in folders { try? FileManager.default.removeItem(atPath: folder) } }
        // Four ledgers at once, to save time.
        let runs = try folders.enumerated().map { number, folder in
            let run = Process()
            run.executableURL = dev
            run.arguments = [
                "ledger-crash", "--rounds", "5", "--seed", String(number), "--folder", folder,
                // All tests run at once here: the machine gets five seconds for what takes one.
                "--grace", "5",
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

    @Test("a disk that takes half a minute to have what it was given holds up no record")
    func slowDisk() throws {
        let dev = try #require(program)
        let folder = NSTemporaryDirectory() + "slow-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Self.slowSync.write(toFile: folder + "/slow.c", atomically: true, encoding: .utf8)
        let library = folder + "/slow.so"
        let compiled = try run(
            "/usr/bin/env", ["clang", "-shared", "-fPIC", "-o", library, folder + "/slow.c"])
        try #require(compiled.status == 0, "\(compiled.text)")
        let killed = try run(
            dev.path,
            [
                "ledger-crash", "--rounds", "1", "--life", "10", "--grace", "5", "--folder",
                folder,
            ],
            environment: ["LD_PRELOAD": library])
        #expect(killed.status == 0, "\(killed.text)")
        #expect(killed.text.contains("1 kills"))
    }

    /// Of the writer's, once it has opened its file.
    private static let slowSync = """
        #include <string.h>
        #include <time.h>
        #include <unistd.h>
        static double begun = 1e18;
        static double now(void) {
            struct timespec t;
            clock_gettime(CLOCK_MONOTONIC, &t);
            return t.tv_sec + t.tv_nsec / 1e9;
        }
        __attribute__((constructor)) static void begin(int count, char **words) {
            if (count > 1 && !strcmp(words[1], "ledger-crash-writer")) begun = now();
        }
        static int slow(void) {
            if (now() - begun > 1) sleep(30);
            return 0;
        }
        int fsync(int fd) { return slow(); }
        int fdatasync(int fd) { return slow(); }
        """

    private func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> (status: Int32, text: String) {
        let run = Process()
        run.executableURL = URL(filePath: program)
        run.arguments = arguments
        run.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        run.standardOutput = pipe
        run.standardError = pipe
        try run.run()
        let text = String(
            decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        run.waitUntilExit()
        return (run.terminationStatus, text)
    }

    /// `dev`, built with the tests: in the directory of the test bundle or one of those above it.
    private var program: URL? {
        var directory = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        for _ in 0..<4 {
            let found = directory.appending(path: "dev")
            if FileManager.default.isExecutableFile(atPath: found.path) { return found }
            directory.deleteLastPathComponent()
        }
        return nil
    }
}
