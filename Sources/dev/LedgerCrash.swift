import Basics
import CLinux
import Ledger
import Usage

/// Kills a process that writes a ledger, repeatedly and at random moments, and examines the result.
///
///     dev ledger-crash [--rounds 100] [--seed N] [--folder DIR] [--grace 1] [--life SECONDS]
///
/// The writer keeps a journal of what it recorded and when. After each `kill -9` the ledger must be
/// intact, contain everything recorded more than a second before, and have no open session.
enum LedgerCrash {
    static func run(_ arguments: [String]) -> Int32 {
        let options = Options(arguments)
        if let name = options.unknown(besides: [
            "--rounds", "--seed", "--folder", "--grace", "--life",
        ]) {
            print("dev ledger-crash has no option \(name)")
            return 2
        }
        let rounds = options.int("--rounds") ?? 100
        // Design: a `kill -9` loses at most the last second; more on a busy machine.
        let grace = options.double("--grace") ?? 1
        let seed = options.int("--seed") ?? Int(truncatingIfNeeded: tk_wall())
        print("dev ledger-crash --rounds \(rounds) --seed \(seed)")
        flushOutput()
        let folder = options.string("--folder") ?? "/tmp/ledger-crash-\(getpid())"
        Files.makeFolder(folder)
        var random = SeededRandom(seed: UInt64(bitPattern: Int64(seed)))
        do {
            var tally = Tally()
            for round in 1...max(1, rounds) {
                // Starting takes time, too, so some are killed while they open the file.
                let life =
                    options.double("--life")
                    ?? Double.random(in: 0.02...grace + 1.5, using: &random)
                try crash(folder, round, grace, after: life, &tally)
            }
            print("\(rounds) kills: \(tally)")
            return 0
        } catch {
            print("error: \(error)")
            flushOutput()
            return 1
        }
    }

    private struct Tally: CustomStringConvertible {
        var sessions = 0
        var unfinished = 0
        /// Left within the last second, and not in the books.
        var recent = 0

        var description: String {
            "\(sessions) sessions, \(unfinished) unfinished and closed in the books, \(recent) of "
                + "the last second lost; none older, no corruption"
        }
    }

    /// One writer's life and end.
    private static func crash(
        _ folder: String, _ round: Int, _ grace: Double, after life: Double,
        _ tally: inout Tally
    ) throws {
        let path = folder + "/ledger.db"
        let journal = folder + "/journal-\(round)"
        let child = try Child(
            "ledger writer", cpu: nil, output: journal,
            [Files.executable, "ledger-crash-writer", path, String(round)])
        defer { child.end() }
        Kernel.sleep(seconds: life)
        let killed = tk_now()
        kill(child.id, SIGKILL)
        guard child.wait(seconds: 5) else { throw BenchError("the writer does not die") }
        let old = killed - Int64(grace * 1e9)
        try check(path, round, Files.read(journal) ?? "", old, &tally)
    }

    private static func check(
        _ path: String, _ round: Int, _ journal: String, _ old: Int64, _ tally: inout Tally
    ) throws {
        try Ledger.open(path).get().close()
        let reader = try LedgerReader(path)
        let complaints = try reader.complaints()
        guard complaints.isEmpty else {
            throw BenchError("round \(round): the file is broken: \(complaints[0])")
        }
        var found: [String: SessionSummary] = [:]
        for session in try reader.sessions(tenant: "round-\(round)", limit: .max) {
            guard session.ended != nil, session.outcome != nil else {
                throw BenchError("round \(round): \(session.id) is open in the books")
            }
            found[session.id] = session
            tally.sessions += 1
            if session.outcome == "unfinished" { tally.unfinished += 1 }
        }
        for line in journal.split(separator: "\n") {
            // A line that the kill cut short tells nothing.
            let words = line.split(separator: " ")
            guard words.count == 4, words[3] == ".", let left = Int64(words[2]) else { continue }
            let isOld = left < old
            let session = found[String(words[1])]
            if session == nil, !isOld { tally.recent += 1 }
            guard isOld else { continue }
            guard let session else {
                throw BenchError(
                    "round \(round): \(words[1]) is lost, and was older than the grace")
            }
            if words[0] == "ended" {
                guard session.outcome == "completed", session.turns == LedgerWriter.turns,
                    session.cost == LedgerWriter.cost
                else { throw BenchError("round \(round): \(session) is not as it was left") }
            }
        }
    }
}

/// What is killed: leaves the records of sessions as fast as a busy server, and says so.
enum LedgerWriter {
    static let turns = 3
    /// Of a session, millionths of a dollar.
    static let cost: Int64 = 6

    static func run(_ arguments: [String]) -> Int32 {
        guard arguments.count == 2, let round = Int(arguments[1]) else { return 2 }
        let ledger: Ledger
        switch Ledger.open(arguments[0]) {
        case .success(let opened): ledger = opened
        case .failure(let error):
            print("error: \(error)")
            return 1
        }
        // Ends by itself, should nobody end it.
        for number in 0..<20_000 {
            write(ledger, "s\(round)-\(number)", tenant: "round-\(round)")
            if number % 4 == 0 { Kernel.sleep(seconds: 0.002) }
        }
        ledger.close()
        return 0
    }

    private static func write(_ ledger: Ledger, _ id: String, tenant: String) {
        let now = WallTime(nanoseconds: tk_wall())
        ledger.append(.sessionOpened(id: id, tenant: tenant, at: now))
        printLine("opened", id)
        for number in 1...turns {
            ledger.append(.turnStarted(session: id, number: number, input: "audio", at: now))
            ledger.append(
                .event(
                    Record.Event(
                        session: id, at: .milliseconds(5), what: "turn_started", lane: "client",
                        text: "turn \(number) asked by audio")))
            var usage = TurnUsage(turn: number)
            usage.reported.prompt.audio = 25
            usage.cost = Int64(number)
            ledger.append(
                .turnEnded(
                    Record.Turn(
                        session: id, input: "audio", started: now, ended: now,
                        outcome: "answered", usage: usage)))
        }
        // Some sessions are still open when the end comes.
        guard id.utf8.last != UInt8(ascii: "7") else { return }
        ledger.append(
            .sessionEnded(
                Record.Ending(
                    session: id, tenant: tenant, model: "", started: now, ended: now,
                    outcome: "completed", closeCode: 1000)))
        printLine("ended", id)
    }

    /// By one system call, so that it is there whatever comes next.
    private static func printLine(_ what: String, _ id: String) {
        let line = Array("\(what) \(id) \(tk_now()) .\n".utf8)
        // SAFETY: the kernel reads the array's own bytes during the call.
        _ = unsafe line.withUnsafeBytes { unsafe CLinux.write(1, $0.baseAddress, $0.count) }
    }
}
