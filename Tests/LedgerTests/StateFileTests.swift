import Basics
import CSQLite
import Foundation
import Synchronization
import Testing

@testable import Ledger

@Suite("What a node keeps beside its ledger")
struct StateFileTests {
    private let path = NSTemporaryDirectory() + "state-\(UUID().uuidString)/state.db"
    private let now = WallTime(microseconds: 1_000_000)

    private func end() {
        try? FileManager.default.removeItem(
            atPath: URL(filePath: path).deletingLastPathComponent().path)
    }

    private func spending(_ day: Int64, _ user: String, _ cost: Int64) -> Spending {
        Spending(day: day, tenant: "acme", endUser: user, process: "", cost: cost, milliseconds: 3)
    }

    private func token(_ digest: String, used: Int, until seconds: Int64 = 100)
        -> SharedTokens.Token
    {
        var token = SharedTokens.Token(
            digest: digest, tenant: "acme", expires: WallTime(microseconds: seconds * 1_000_000),
            newSessionsUntil: WallTime(microseconds: 2_000_000), uses: 9, setup: "{\"a\":\"ü\"}",
            mask: "a,b.c", endUser: "two words")
        (token.used, token.resumed) = (used, 1)
        return token
    }

    private func change(_ digest: String, used: Int, more: Int, until seconds: Int64 = 100)
        -> StateFile.TokenChange
    {
        StateFile.TokenChange(token(digest, used: used, until: seconds), used: more, resumed: 0)
    }

    /// - Returns: Whether everything was asked for.
    @discardableResult
    private func save(_ rows: [Spending], day: Int64 = 7, to file: StateFile) throws -> Bool {
        let asked = Atomic(false)
        try file.save { isNew in
            asked.store(isNew, ordering: .relaxed)
            var changes = StateFile.SpendingChanges(day: day, process: nil)
            changes.rows = rows
            return changes
        }
        return asked.load(ordering: .relaxed)
    }

    @Test("has rows as they were saved last; past days and expired tokens go")
    func rows() throws {
        defer { end() }
        let file = StateFile(path)
        try save([], to: file)
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(try save([spending(7, "", 5), spending(7, "ann", 4)], to: file))
        #expect(try !save([spending(7, "ann", 6)], to: file))
        try file.save(at: now) { _ in
            [change("aa", used: 1, more: 0), change("bb", used: 0, more: 0, until: 50)]
        }
        try file.save(at: now) { _ in [change("aa", used: 2, more: 1)] }
        let found = StateFile(path).read(on: 7, at: now)
        #expect(found.spending == [spending(7, "", 5), spending(7, "ann", 6)])
        #expect(Set(found.tokens.map(\.digest)) == ["aa", "bb"])
        #expect(found.tokens.first { $0.digest == "aa" } == token("aa", used: 2))
        let later = WallTime(microseconds: 60_000_000)
        #expect(StateFile(path).read(on: 8, at: later).tokens.map(\.digest) == ["aa"])
        try save([spending(8, "", 1)], day: 8, to: file)
        try file.save(at: later) { _ in [change("cc", used: 0, more: 0)] }
        let database = try Database.readOnly(path) { _ in }
        #expect(try database.integer("SELECT count(*) FROM spending") == 1)
        #expect(try database.integer("SELECT count(*) FROM tokens") == 2)
    }

    @Test("names of processes stay until their rows are settled; forgotten end users go")
    func processes() throws {
        defer { end() }
        let old = StateFile(path)
        try old.save { _ in
            var changes = StateFile.SpendingChanges(day: 7, process: "p1")
            changes.rows = [
                Spending(day: 7, tenant: "acme", process: "p1", cost: 5), spending(7, "", 5),
                Spending(day: 7, tenant: "acme", endUser: "ann", process: "p1", cost: 2),
            ]
            return changes
        }
        let next = StateFile(path)
        #expect(next.read(on: 7, at: now).processes == ["p1"])
        let row = Spending(day: 7, tenant: "acme", endUser: "bob", process: "p2", cost: 1)
        for isSettled in [false, true] {
            try next.save { isNew in
                #expect(!isNew)
                var changes = StateFile.SpendingChanges(day: 7, process: "p2")
                (changes.rows, changes.isSettled) = ([row], isSettled)
                return changes
            }
            let found = StateFile(path).read(on: 7, at: now)
            #expect(found.processes == (isSettled ? ["p2"] : ["p1", "p2"]))
            #expect(found.spending.contains { $0.process == "p1" } != isSettled)
        }
        try next.save { _ in
            var changes = StateFile.SpendingChanges(day: 7, process: "p2")
            changes.areAllEndUsers = true
            return changes
        }
        #expect(StateFile(path).read(on: 7, at: now).spending == [spending(7, "", 5)])
    }

    @Test("two processes write it at once, as during a take-over")
    func both() throws {
        defer { end() }
        let old = StateFile(path)
        try save([spending(7, "", 5)], to: old)
        let next = StateFile(path)
        _ = next.read(on: 7, at: now)
        for number in 0..<50 {
            try save([spending(7, "old", Int64(number))], to: old)
            try save([spending(7, "next", Int64(number))], to: next)
        }
        let found = StateFile(path).read(on: 7, at: now).spending
        #expect(found == [spending(7, "", 5), spending(7, "next", 49), spending(7, "old", 49)])
    }

    @Test("uses that two processes count add up, and so does what they give back")
    func uses() throws {
        defer { end() }
        func used() -> [Int] {
            StateFile(path).read(on: 7, at: now).tokens.sorted { $0.digest < $1.digest }
                .map(\.used)
        }
        let old = StateFile(path)
        try old.save(at: now) { _ in [change("aa", used: 1, more: 1)] }
        let next = StateFile(path)
        _ = next.read(on: 7, at: now)
        try next.save(at: now) { _ in [change("aa", used: 2, more: 1)] }
        #expect(used() == [2])
        try old.save(at: now) { _ in [change("aa", used: 3, more: 2)] }
        #expect(used() == [4])
        // One that only the other knows, which is there whole.
        try next.save(at: now) { _ in
            [change("aa", used: 1, more: -1), change("bb", used: 5, more: 0)]
        }
        #expect(used() == [3, 5])
        try old.save(at: now) { _ in [change("aa", used: 0, more: -9)] }
        #expect(used() == [0, 5])
    }

    @Test("a damaged file is set aside, and all is written anew")
    func damaged() throws {
        defer { end() }
        try FileManager.default.createDirectory(
            at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
        try String(repeating: "no database ", count: 1000).write(
            toFile: path, atomically: true, encoding: .utf8)
        let told = Mutex<[String]>([])
        let file = StateFile(path) { what, why in told.withLock { $0.append("\(what): \(why)") } }
        #expect(file.read(on: 7, at: now).spending.isEmpty)
        #expect(throws: LedgerError.self) { try save([spending(7, "", 5)], to: file) }
        #expect(try save([spending(7, "", 5)], to: file))
        #expect(StateFile(path).read(on: 7, at: now).spending == [spending(7, "", 5)])
        #expect(FileManager.default.fileExists(atPath: path + ".damaged"))
        #expect(told.withLock { $0.count } == 2)
    }

    @Test("a file that somebody deletes is told, once, and written whole")
    func deleted() throws {
        defer { end() }
        let told = Mutex<[String]>([])
        let file = StateFile(path) { what, _ in told.withLock { $0.append(what) } }
        try save([spending(7, "", 5)], to: file)
        try FileManager.default.removeItem(atPath: path)
        for cost in [6, 7] as [Int64] {
            try file.save { isNew in
                #expect(isNew == (cost == 6))
                var changes = StateFile.SpendingChanges(day: 7, process: nil)
                changes.rows = [spending(7, "", cost)]
                return changes
            }
        }
        #expect(StateFile(path).read(on: 7, at: now).spending == [spending(7, "", 7)])
        #expect(
            told.withLock { $0 } == ["what is kept for a restart was deleted, and is written again"]
        )
    }

    @Test("a newer file is refused plainly, and left as it is")
    func newer() throws {
        defer { end() }
        try save([spending(7, "", 5)], to: StateFile(path))
        let database = try Database(path, flags: SQLITE_OPEN_READWRITE)
        try database.execute("PRAGMA user_version = 99")
        let told = Mutex<[String]>([])
        let file = StateFile(path) { _, why in told.withLock { $0.append(why) } }
        #expect(file.read(on: 7, at: now).spending.isEmpty)
        let plain = "reading the node's state: its version 99 is newer than this program's, 1"
        #expect(told.withLock { $0 } == [plain])
        let refusal = #expect(throws: LedgerError.self) { try save([spending(7, "", 6)], to: file) }
        #expect(refusal?.description == plain)
        #expect(try database.integer("SELECT cost FROM spending") == 5)
    }

    @Test("a file that is removed while it is used is made again, with everything")
    func removed() throws {
        defer { end() }
        let file = StateFile(path)
        try save([spending(7, "", 5)], to: file)
        end()
        #expect(try save([], to: file))
        #expect(try save([spending(7, "", 6)], to: file))
        #expect(try !save([spending(7, "", 7)], to: file))
        #expect(StateFile(path).read(on: 7, at: now).spending == [spending(7, "", 7)])
    }

    @Test("a file that another program has locked fails, and is written afterwards")
    func locked() throws {
        defer { end() }
        let file = StateFile(path)
        try save([spending(7, "", 5)], to: file)
        let other = try Database(path, flags: SQLITE_OPEN_READWRITE)
        try other.execute("BEGIN IMMEDIATE")
        #expect(throws: LedgerError.self) { try save([spending(7, "", 6)], to: file) }
        try other.execute("COMMIT")
        #expect(try !save([spending(7, "", 6)], to: file))
        #expect(StateFile(path).read(on: 7, at: now).spending == [spending(7, "", 6)])
    }
}
