import Basics
import CLinux
import Foundation
import Testing

@testable import Ledger

/// Where a test's books are.
enum Store: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite, postgres

    /// Both where a PostgreSQL is installed, as `make` does.
    static let all = TestPostgres.programs == nil ? [Store.sqlite] : allCases

    var testDescription: String { rawValue }
}

/// A PostgreSQL of the tests' own, on a socket in a directory of its own, that ends with them.
final class TestPostgres: Sendable {
    static let shared = Result { try TestPostgres() }
    /// The directory of `initdb` and `postgres`.
    static let programs: String? = {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql"))
        let newest = (versions ?? []).max { (Int($0) ?? 0) < (Int($1) ?? 0) }
        let found = newest.map { "/usr/lib/postgresql/\($0)/bin" }
        return found.flatMap { FileManager.default.fileExists(atPath: $0 + "/initdb") ? $0 : nil }
    }()

    private let directory: String
    private let ready: PostgresAddress
    private let number = Counter()

    private final class Counter: @unchecked Sendable {
        private let lock = NSLock()
        private var value = 0
        func next() -> Int {
            lock.lock()
            defer { lock.unlock() }
            value += 1
            return value
        }
    }

    private init() throws {
        let programs = try #require(Self.programs)
        directory = NSTemporaryDirectory() + "ledger-postgres-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        ready = try Self.address("postgres", in: directory)
        // It refuses to run as root.
        var lead: [String] = []
        if getuid() == 0 {
            let user = getpwnam("postgres") ?? getpwnam("nobody")
            let (uid, gid) = try (
                #require(user?.pointee.pw_uid), #require(user?.pointee.pw_gid)
            )
            #expect(chown(directory, uid, gid) == 0)
            lead = ["setpriv", "--reuid=\(uid)", "--regid=\(gid)", "--clear-groups"]
        }
        let data = directory + "/data"
        let made = try Self.start(
            lead + [
                programs + "/initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                "--locale=C.UTF-8", "--no-sync", "--no-instructions",
            ], in: directory)
        made.waitUntilExit()
        try #require(made.terminationStatus == 0)
        let server = try Self.start(
            lead + [
                programs + "/postgres", "-D", data, "-k", directory, "-c", "listen_addresses=",
                "-c", "fsync=off", "-c", "max_connections=300", "-c",
                "max_locks_per_transaction=256",
            ], in: directory)
        Self.running = (server.processIdentifier, directory)
        atexit {
            guard let (server, directory) = TestPostgres.running else { return }
            kill(server, SIGQUIT)
            var status: Int32 = 0
            waitpid(server, &status, 0)
            try? FileManager.default.removeItem(atPath: directory)
        }
        until { (try? Postgres(ready, for: .writing)) != nil }
    }

    nonisolated(unsafe) private static var running: (server: Int32, directory: String)?

    private static func start(_ words: [String], in directory: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.currentDirectoryURL = URL(filePath: directory)
        process.environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private static func address(_ database: String, in directory: String) throws -> PostgresAddress
    {
        let host = directory.replacing("/", with: "%2F")
        return try PostgresAddress("postgres://postgres@\(host)/\(database)")
    }

    /// A new, empty database.
    func database() throws -> PostgresAddress {
        let name = "books_\(number.next())"
        try Postgres(ready, for: .writing).run("CREATE DATABASE \(name) TEMPLATE template0")
        return try Self.address(name, in: directory)
    }
}
